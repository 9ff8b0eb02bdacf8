/** Faults that come and go while a trial runs, and what became of them. */

export const TIMED_FAULTS = ['cpu', 'pause', 'loss', 'delay', 'disk', 'dns', 'reset', 'restart'] as const;
export type TimedFaultKind = (typeof TIMED_FAULTS)[number];

/** One entry of a scenario's timeline. Times are since the start of the tool. */
export interface TimedFault {
  /** `1-pause`: position on the timeline from 1, and kind. */
  id: string;
  kind: TimedFaultKind;
  atMs: number;
  /** 0 for a restart without a time in which the target is down. */
  forMs: number;
  /**
   * cpu: quota in percent of one CPU; loss: share of packets, 0..1; delay: ms in each direction; disk: bytes written per
   * second at most. Absent for the others.
   */
  amount?: number;
  /** restart: how the target is ended. */
  signal?: 'SIGKILL' | 'SIGTERM';
}

/** What was done, by the harness' wall clock (Unix time in ms). */
export interface InjectedFault {
  id: string;
  kind: TimedFaultKind;
  /**
   * waiting: its time had not come when the trial ended or the harness was killed; active: likewise while it was there;
   * undone: it came and went; skipped: this machine or user cannot inject it; failed: it was tried in vain.
   */
  state: 'waiting' | 'active' | 'undone' | 'skipped' | 'failed';
  /** One sentence, of what was skipped or failed. */
  reason?: string;
  /** Before the first step of injecting it, and after the last. */
  beganMs?: number;
  activeMs?: number;
  /** Before the first step of undoing it, and after the last. */
  endedMs?: number;
  undoneMs?: number;
}

/** One GET of the target's readiness path, beside the load and past the planted rules. */
export interface HealthProbe {
  /** Unix time in ms at which it was sent. */
  atMs: number;
  green: boolean;
  /** Until the whole answer, or until it was given up. */
  tookMs: number;
}

/** TCP counters of the trial's namespace, since it was made. */
export interface NetworkCount {
  /** Unix time in ms. */
  atMs: number;
  /** Absent where the kernel has no such counter. */
  synRetransmissions?: number;
  retransmissions?: number;
}

/** faults.json of a trial; written again whenever a fault comes or goes. */
export interface FaultRecord {
  schema: 'ssee-bench/faults/1';
  injected: InjectedFault[];
  health: HealthProbe[];
  /** Why there are no health probes; absent where there are. */
  noHealth?: string;
  /** Why the file could not be written for a while: a record that a killed harness left is older than it looks. */
  unsaved?: string;
  /** Empty outside a namespace: everybody's packets would be in it. */
  network: NetworkCount[];
}
