import type { Spread } from './statistics.ts';

export const ROW_IDS = ['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8', 'R9', 'R10', 'R11'] as const;
export type RowId = (typeof ROW_IDS)[number];

/** What a program says about its own load. Members are absent where it does not say. */
export interface OwnCounts {
  events?: number;
  bytes?: number;
  /** Streams or requests that failed; those cut by the program itself at its end are none. */
  failures?: number;
  /** Reads from sockets that carried data. */
  reads?: number;
  /** Streams that were open and alive at the end. */
  held?: number;
  /** Measured time, the denominator of its rates. */
  windowUs?: number;
  /** CPU time within that. */
  windowCpuUs?: number;
  loopDelayP99Us?: number;
}

/** One run of one load generator, measured from outside unless it says otherwise. */
export interface LoadRun {
  program: string;
  /** User and system CPU of the whole process from start to end, by the kernel's accounting. */
  userUs: number;
  systemUs: number;
  wallMs: number;
  /** Absent where the clock in use does not say. */
  peakRssBytes?: number;
  /** Counted by the target: requests handed to a handler, events and stream bytes that the kernel took. */
  targetRequests: number;
  targetEvents: number;
  targetBytes?: number;
  own: OwnCounts;
  /** CPU of the target during the run, in steps of 10 ms. */
  targetCpuUs: number;
  /** CPU of the process that started it and waited, from before its start to its end. */
  harnessCpuUs: number;
  /** CPUs that everything else on the machine used meanwhile, on average; in steps of 10 ms. */
  otherCpus: number;
}

export type Side = 'ours' | 'peer';

/** One pair: both sides under the same load, one after the other. */
export interface Pair<T = LoadRun> {
  first: Side;
  ours: T;
  peer: T;
}

export interface Goal {
  kind: 'at-most' | 'at-least';
  value: number;
  /** Which figure it is about. */
  of: 'ratio' | 'ours';
}

interface LineHead {
  row: RowId;
  /** What is compared, as a person reads it. */
  name: string;
  /** Unit of the values of both sides, e.g. `us CPU / request`. */
  unit: string;
  goal?: Goal;
}

/** One line of the table. */
export type Line =
  | (LineHead & {
      state: 'measured';
      oursName: string;
      ours: Spread;
      peerName?: string;
      peer?: Spread;
      /** Pair by pair, ours / peer. */
      ratio?: Spread;
      /** In the order of the pairs, as measured. */
      values: { ours: number[]; peer?: number[]; ratio?: number[] };
      notes: string[];
    })
  | (LineHead & { state: 'skipped'; reason: string })
  | (LineHead & { state: 'failed'; reason: string });

export type MeasuredLine = Extract<Line, { state: 'measured' }>;

export interface RowResult {
  lines: Line[];
  /** All that was measured, by what was compared. */
  raw: Record<string, unknown>;
  /** Whole sentences. */
  warnings: string[];
}

/** Facts that bear on every figure. */
export interface MachineFacts {
  cpuModel: string;
  cpus: number;
  memoryBytes: number;
  kernel: string;
  os: string;
  /** Load average over 1, 5 and 15 minutes before the first run. */
  loadAverage: [number, number, number];
  /** Hard limit of open files per process; null when unlimited. */
  openFilesHard: number | null;
  node: string;
}

export interface PerfReport {
  schema: 'ssee-bench/perf/1';
  /** ISO 8601, UTC. */
  startedAt: string;
  command: string;
  machine: MachineFacts;
  /** Name to version; what is absent from the machine is absent here. */
  versions: Record<string, string>;
  cpuClock: string;
  settings: { pairs: number; durationS: number; quick: boolean; full: boolean };
  /** False until the last row is through: the file is written after each. */
  complete: boolean;
  rows: (RowResult & { id: RowId; title: string; tookS: number })[];
}
