import type { RequestChange } from './ablation.ts';
import type { ProbeRecord } from './claim.ts';
import type { Plan, TrialKind } from './plan.ts';
import type { ProfileRecord } from './profile.ts';
import type { ProcessExit, ToolProbe } from './tool.ts';
import type { CaptureRecord } from './wire.ts';

/** The run folder's run.json: everything reports are derived from, beside the files in trials/<id>/. */
export interface RunRecord {
  schema: 'ssee-bench/run/1';
  harnessVersion: string;
  scenario: { name: string; description?: string; path: string; sha256: string };
  plan: Plan;
  /** The trials could be looked into while they ran, which costs CPU time whether or not a page was open; absent where not. */
  live?: 'during-trials';
  environment: Environment;
  startedAt: string;
  /** `running` in a folder that nobody writes to any more means the harness was killed. */
  state: 'running' | 'done' | 'interrupted' | 'failed';
  /** One line per thing that went wrong outside a trial. */
  problems: string[];
  tools: Record<string, ToolProbe>;
  trials: TrialRecord[];
  /** By name; absent where the plan has no probes. */
  probes?: Record<string, ProbeRecord>;
}

export interface TrialRecord {
  id: string;
  armId: string;
  kind: TrialKind;
  round: number;
  /** Skipped: never started (tool missing, refused load). Failed: started and without a usable result. */
  state: 'done' | 'skipped' | 'failed' | 'interrupted';
  /** One sentence, present unless state is done. */
  reason?: string;
  startedAt: string;
  durationMs: number;
  /** URL the tool was given. */
  url?: string;
  /** Command line as executed. */
  argv?: string[];
  exit?: ProcessExit;
  target?: TargetRecord;
  process?: ProcessRecord;
  kernel?: KernelRecord;
  /** Sockets on the target's port when the tool had ended and the drain time was over. */
  leftover?: { established: number; closeWait: number; timeWait: number; waitedMs: number };
  capture?: CaptureRecord;
  /** The full-payload exchange before an evidence trial. */
  probe?: CaptureRecord;
  /** Bytes of target-stderr.txt that the target had written when `process.windowMs` began, and when it ended. */
  targetStderr?: [from: number, to: number];
  /** What an ablation trial did. */
  ablation?: AblationRecord;
  /** What a profile trial collected. */
  profile?: ProfileRecord;
  /** Base names of stored files: stdout, stderr, tool files, metrics-before.txt, metrics-after.txt, samples.json. */
  files: string[];
}

/** What an ablation trial did, stored in run.json; the output of each slice is in its folder. */
export interface AblationRecord {
  requests: {
    /** Base name in the trial's folder: the exact bytes. */
    file: string;
    bytes: number;
    ways: { change: RequestChange; header: string | null }[];
  }[];
  /** In the order of execution. */
  slices: {
    /** Index in `requests`. */
    request: number;
    /** From 1. */
    round: number;
    /** Folder below the trial's folder. */
    dir: string;
    exit: ProcessExit;
  }[];
}

export interface TargetRecord {
  /** Which one really ran, e.g. node-http after a fallback. */
  name: string;
  version?: string;
  pid?: number;
  /** Present when the target asked for could not be had. */
  fallbackReason?: string;
  /** A fault of the timeline ended it and started it again. */
  restarted?: boolean;
  /** Set when it died before the harness stopped it. */
  died?: { code: number | null; signal: string | null; atMs: number };
  isolated: boolean;
}

/** CPU and memory of tool and target over the window, from the kernel's accounting. */
export interface ProcessRecord {
  windowMs: number;
  toolCpuS?: number;
  targetCpuS?: number;
  toolRssMaxBytes?: number;
  targetRssMaxBytes?: number;
  /** Highest CPU share of one core by any single thread, 0..1 (from 100 ms samples, median over the window). */
  toolBusiestThread?: number;
  targetBusiestThread?: number;
  /** CPU time of tool / target divided by (window x CPUs it may use), 0..1. */
  toolCpuShare?: number;
  targetCpuShare?: number;
  /** Machine-wide shares of all CPU time in the window, 0..1. */
  idle?: number;
  softirq?: number;
  steal?: number;
  /** Busy time nobody of ours explains / (window x CPUs), 0..1. */
  unaccounted?: number;
  /** Busy share of the busiest single CPU over the window, 0..1. */
  busiestCpu?: number;
  /** Idle share of the CPUs that the tool / the target may use, whoever used them, 0..1. */
  toolCpusIdle?: number;
  targetCpusIdle?: number;
  /** Time threads were ready and had to wait for a CPU / window, summed over threads: may exceed 1. */
  toolRunQueueShare?: number;
  targetRunQueueShare?: number;
  /** Context switches per second, voluntary and forced, of threads that lived through a sample. */
  toolContextSwitches?: number;
  targetContextSwitches?: number;
  /** Most open descriptors seen in any one process of the group, and its soft limit. */
  toolOpenFiles?: number;
  toolOpenFileLimit?: number;
  targetOpenFiles?: number;
  targetOpenFileLimit?: number;
  /** Connections in CLOSE_WAIT on the target's port: at the end, their growth, and how straight that was (see `SocketRecord`). */
  targetCloseWait?: number;
  targetCloseWaitPerSec?: number;
  targetCloseWaitFit?: number;
  /** Time in which the process was stopped by a signal (state T), to one sample's length. */
  toolStoppedMs?: number;
  targetStoppedMs?: number;
  /** Longest run of samples in which the process used no CPU at all, between two in which it did. */
  targetIdleStretchMs?: number;
  /** Periods of the CPU quota in which the cgroup had to stop / all periods, 0..1; absent without a quota. */
  toolThrottled?: number;
  targetThrottled?: number;
  cpus: number;
}

/** Deltas over the window of TCP counters in the trial's namespace. */
export interface KernelRecord {
  /** False on shared loopback: the counters contain other traffic. */
  isolated: boolean;
  counters: Record<string, number>;
  /** Absent in runs of versions that did not look. */
  sockets?: SocketRecord;
  settings?: SpaceSettings;
}

/** Sockets on the target's port over the window. */
export interface SocketRecord {
  /** Looks at the table. */
  looks: number;
  /** Those of them that found connections waiting to be accepted. */
  looksWithQueue: number;
  acceptQueueMax: number;
  closeWaitBefore: number;
  closeWaitMax: number;
  closeWaitAfter: number;
  /** Slope of the line through all looks; absent where they were too few. */
  closeWaitPerSec?: number;
  /** Share of the variation that the line explains, 0..1; absent where nothing varied. */
  closeWaitFit?: number;
  establishedMax: number;
  timeWaitBefore: number;
  timeWaitMax: number;
}

/** Settings of the trial's network space that limit connections; null where they cannot be read. */
export interface SpaceSettings {
  portRange: [number, number] | null;
  /** Longest accept queue that any listener gets. */
  somaxconn: number | null;
}

export interface Environment {
  cpuModel: string;
  cpus: number;
  memoryBytes: number;
  kernel: string;
  os: string;
  node: string;
  openFiles: number | null;
  portRange: [number, number] | null;
  /** Network namespaces available for trials. */
  namespaces: boolean;
  user: string;
}
