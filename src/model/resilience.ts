import type { InjectedFault, TimedFaultKind } from './fault.ts';

/** What faults on a timeline did to one row, and when it was well again. Part of comparison.json. */

/**
 * errors: share of streams that fail, by when they were last well; ttfe: start of a stream to its first event; gap: event
 * to event; throughput: events per second; saturation: CPU that the target uses / CPU that it may use.
 */
export const GOLDEN_SIGNALS = ['errors', 'ttfe', 'gap', 'throughput', 'saturation'] as const;
export type GoldenSignal = (typeof GOLDEN_SIGNALS)[number];

/** Unit of a signal's values. */
export const SIGNAL_UNIT: Record<GoldenSignal, 'ratio' | 'us' | '1/s'> = {
  errors: 'ratio',
  ttfe: 'us',
  gap: 'us',
  throughput: '1/s',
  saturation: 'ratio',
};

/**
 * A: no judged signal left its band, and errors and one of throughput and gap were judged. B: back within 1 s of the fault's end, and no stream failed. C: back within 5 s, or streams
 * failed. D: back later. F: not back before the next fault or the end.
 */
export type Grade = 'A' | 'B' | 'C' | 'D' | 'F';

/** The rule as reports print it. */
export const GRADE_RULE =
  'A: every judged signal stayed within its band, errors and one of throughput and gap among them; B: all were back within 1 s of the end of the fault and no stream failed; C: back within 5 s, or streams failed; D: back later; F: not back before the next fault or the end of the load; none where too little could be judged';

/** Reaction of one signal to one fault. Times are seconds since the start of the tool, to one interval (0.1 s). */
export interface SignalReaction {
  signal: GoldenSignal;
  unit: 'ratio' | 'us' | '1/s';
  /** Median over the intervals of each phase, of errors the share of the whole phase; null where nothing was seen. */
  before: number | null;
  during: number | null;
  after: number | null;
  /** Furthest value from the fault's start to the recovery; null where the band was kept or is not known. */
  worst: number | null;
  /** The band: the value must not pass it, upwards, or for throughput downwards. Null: there is none. */
  limit: number | null;
  /** A promise of the scenario, or what the phase before the fault allows. */
  limitFrom: 'slo' | 'before' | null;
  verdict: 'kept' | 'broken' | 'unknown';
  /** When it left its band; no earlier than the fault came. */
  brokeAtS: number | null;
  /** From when on it stayed within for a second or until its time was over; null: not before the next fault or the end. */
  recoveredAtS: number | null;
  /** Why it is not judged; null where it is. */
  reason: string | null;
}

export interface FaultReaction {
  id: string;
  kind: TimedFaultKind;
  /** `20 % of packets lost`. */
  what: string;
  askedAtS: number;
  askedForS: number;
  state: InjectedFault['state'];
  /** Of a fault that was not injected, or that failed. */
  reason: string | null;
  /** First step of injecting it and last step of undoing it, as done. */
  startedAtS: number | null;
  endedAtS: number | null;
  signals: SignalReaction[];
  /** GETs of the readiness path while it was there, beside the load; null where there were none. */
  health: { probes: number; green: number; slowestMs: number } | null;
  /**
   * Sent again from its start to 1.5 s after its end, or to the next fault: SYNs and SYN-ACKs, and all segments, by the
   * kernel's counters in this trial; SYNs in the packets of the evidence trial, into which the same fault came. Null where
   * nobody counted.
   */
  synRetransmissions: number | null;
  retransmissions: number | null;
  wireSynRetransmissions: number | null;
  /** From the end of the fault to the recovery of the last signal, 0 where it came earlier; null: no signal broke, or one did not recover. */
  recoveryS: number | null;
  /** Null where too little could be judged. */
  grade: Grade | null;
  /** What happened, in one sentence. */
  sentence: string;
}

/** One row in one trial. */
export interface Resilience {
  arm: string;
  trial: string;
  faults: FaultReaction[];
}
