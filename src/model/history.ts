import type { Absence } from './cell.ts';
import type { MetricId } from './metrics.ts';
import type { Unit } from './units.ts';

/** Figures that the history follows, in the order of the page. */
export const HISTORY_METRICS = [
  'requests_per_sec',
  'events_per_sec',
  'ttfb_us_p50',
  'ttfb_us_p99',
  'ttfe_us_p50',
  'ttfe_us_p99',
  'timeout_rate',
  'tool_cpu_us_per_request',
] as const satisfies readonly MetricId[];
export type HistoryMetric = (typeof HISTORY_METRICS)[number];

/** Many runs side by side: history.json. */
export interface History {
  schema: 'ssee-bench/history/1';
  harnessVersion: string;
  /** How changes were looked for. */
  changePoints: { method: 'e-divisive'; alpha: number; permutations: number; minSize: number; seed: number };
  /** By name. */
  scenarios: ScenarioHistory[];
  /** One line per folder that was left out. */
  warnings: string[];
}

export interface ScenarioHistory {
  name: string;
  /** Oldest first. Positions are what everything below refers to. */
  runs: HistoryRun[];
  series: HistorySeries[];
}

export interface HistoryRun {
  /** Name of its folder. */
  folder: string;
  /** From the folder of the page; null where the run has no report.html. */
  report: string | null;
  startedAt: string;
  state: 'running' | 'done' | 'interrupted' | 'failed';
  verdict: string;
  /** What is another one than in the run before of the same scenario: `Node v20.19.0 -> v22.1.0`. */
  changes: string[];
}

/** One metric of one row over all runs of a scenario. */
export interface HistorySeries {
  arm: string;
  metric: HistoryMetric;
  unit: Unit;
  better: 'higher' | 'lower' | 'neither';
  /** One per run. */
  points: HistoryPoint[];
  changes: SeriesChange[];
}

export type HistoryPoint =
  | { known: true; value: number; range?: [low: number, high: number] }
  | { known: false; why: Absence; detail: string };

/** A level that ends and one that begins. */
export interface SeriesChange {
  /** Position of the first run of the new level. */
  run: number;
  p: number;
  /** Medians of the runs between this change and its neighbours. */
  before: number;
  after: number;
  /** Hodges-Lehmann shift with its 95 % interval, in the metric's unit; positive is up. */
  shift: { value: number; interval: [low: number, high: number] };
  verdict: 'better' | 'worse' | 'neither';
  /** What else changed with that run. It may be the cause or not. */
  coincidesWith: string[];
}
