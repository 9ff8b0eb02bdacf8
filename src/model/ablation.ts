import type { Cell, Reading } from './cell.ts';

/** What was done to a captured request. `with` is the bare request and one header more. */
export type RequestChange = 'whole' | 'without' | 'bare' | 'with';

/** How an ablation trial is cut into slices: every request has one slice per round. */
export interface AblationPlan {
  rounds: number;
  sliceMs: number;
}

export type AblationRate = 'events_per_sec' | 'requests_per_sec';

export interface AblationRow<Value = Reading> {
  change: RequestChange;
  /** The header left out or added; null for `whole` and `bare`. */
  header: string | null;
  /** Length of the request. */
  bytes: number;
  rate: Value;
  /** To `bare` for `with`, else to `whole`; interval from lowest to highest round. Absent of `whole` itself. */
  rate_ratio?: Value;
  ttfb_us_p50: Value;
  /** By the target's own histogram; the mean holds every wait for a CPU in between. */
  header_parse_us_p50: Value;
  header_parse_us_mean: Value;
}

/** Header ablation of one arm: the same client, one header more or less. */
export interface Ablation<Value = Reading> {
  /** Id of the ablation trial. */
  trial: string;
  rounds: number;
  sliceMs: number;
  /** Which rate `rate` is. */
  metric: AblationRate;
  sentence: string;
  /** In the order whole, without each, bare, with each; empty where the trial has no result. */
  rows: AblationRow<Value>[];
}

/** Whether rates follow the bytes of the request or the client that sends them. */
export interface HeaderQuestion {
  variant: string | null;
  follows: 'bytes' | 'client' | 'both' | 'neither' | 'unknown';
  sentence: string;
  /** Every row that takes part: tools with their own bytes, then ssee-tester with each of them. */
  requests: {
    arm: string;
    client: string;
    /** Arm whose bytes these are, `bare` where only the request line and what it needs are left of them. */
    request: string;
    rate: Cell;
    bytes: number | null;
    header_parse_us_mean: Cell;
    header_parse_us_p50: Cell;
  }[];
}
