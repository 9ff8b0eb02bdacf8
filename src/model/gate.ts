import type { Absence } from './cell.ts';
import type { MetricId } from './metrics.ts';
import type { Unit } from './units.ts';

/** One promise of `slo:`, limits in the metric's own unit. */
export interface SloSpec {
  metric: MetricId;
  /** Name or id of the rows it binds; absent binds every row that observes the metric. */
  arm?: string;
  /** At least one of max and min is there. Both are allowed values themselves. */
  max?: number;
  min?: number;
  /** Place in the scenario file, from 1. */
  line: number;
  column: number;
}

/** One gated metric with the least change that is an alarm. */
export interface GateMetric {
  metric: MetricId;
  /** Least relative change for the worse, as a ratio: 0.1 is 10 %. */
  maxRegression: number;
  /** Least absolute change for the worse, in the metric's unit. Both must be exceeded. */
  minEffect: number;
}

/** The scenario's `gate:` with all defaults filled in. */
export interface GateSpec {
  /** Variants compared inside one run. Both or none. */
  base?: string;
  head?: string;
  /** The A/A control: a second variant like `base`, whose difference from it is noise by construction. */
  control?: string;
  /** Rows that are gated, by name; absent gates all. */
  arms?: string[];
  metrics: GateMetric[];
  /** The scenario names them, so each must be known of some row; absent where they are the default. */
  metricsAreNamed?: true;
  /** Chance of any false alarm among all cells. */
  alpha: number;
}

/** One sample per round of one metric of one row, or why there is none. */
export type Sample = { rounds: number[]; values: number[] } | { absent: string };

/** Streams of all rounds together. */
export interface Share {
  hits: number;
  total: number;
}

/** A broken promise that no noise excuses. */
export interface InvariantCount {
  name:
    | 'lost-events'
    | 'duplicate-events'
    | 'event-order'
    | 'server-resets'
    | 'protocol-errors'
    | 'unaccounted';
  count: number;
  /** Of how many events (lost, doubled, reordered) or streams (all others); absent where nobody counted those. */
  total?: number;
  /** Who counted: `ssee-tester`, `the target`, `the wire`. */
  by: string;
}

/** One row of one side of a comparison. Plain data: baselines are files of it. */
export interface SideArm {
  id: string;
  /** Rows of two sides are paired by it: `id`, without its variant where the side is one variant. */
  name: string;
  variant: string | null;
  tool: string;
  toolVersion: string | null;
  samples: Partial<Record<MetricId, Sample>>;
  /** Rates of streams, counted. */
  shares: Partial<Record<MetricId, Share>>;
  invariants: InvariantCount[];
  /** Why the row's figures are not to be trusted; empty when they are. */
  invalid: string[];
  /** Trials that were started and failed: `r3-wrk: the target died`. */
  failed: string[];
  /** What limits the row, rank 1; absent in baselines of older versions. */
  finding?: SideFinding;
  /** All findings of the row, by rank; absent in baselines of older versions. */
  findings?: SideFinding[];
}

/** A finding of one side, in short. `unproven` is one too. */
export interface SideFinding {
  code: string;
  sentence: string;
}

/** What must be equal before figures of two runs may be held against each other. */
export interface ComparisonKey {
  scenario: { name: string; sha256: string };
  load: { connections: number; durationMs: number; timeoutMs: number; stream: string };
  machine: { cpuModel: string; cpus: number; kernelMajor: string; nodeMajor: string; namespaces: boolean };
  /** Tool version by row name; null where the tool was not found. */
  tools: Record<string, string | null>;
  /**
   * What answered, by row name, of rows that had a target at all. Version of bundled targets alone: a fallback or another
   * Node is another server. Absent in baselines of older versions.
   */
  targets?: Record<string, TargetKey>;
  /** The trials could be looked into while they ran, which costs CPU time whether or not a page was open; absent where not. */
  watched?: true;
}

/** The target of one row. */
export interface TargetKey {
  name: string;
  /** Null where it is not bundled. */
  version: string | null;
  /** It stood in for one that could not be had. */
  isFallback: boolean;
}

/** One side of a comparison: the rows of a run, or of one variant of it. */
export interface RunSide {
  /** For people: run folder, with its variant. */
  label: string;
  startedAt: string;
  /** State of the run it is from. */
  state: 'running' | 'done' | 'interrupted' | 'failed';
  key: ComparisonKey;
  arms: SideArm[];
}

export type CellVerdict = 'better' | 'worse' | 'same' | 'inconclusive';

/** A change with its 95 % interval; positive is a change for the worse. */
export interface Effect {
  value: number;
  interval: [low: number, high: number];
}

/** One metric of one row, base against head. */
export interface CellComparison {
  arm: string;
  metric: MetricId;
  unit: Unit;
  better: 'higher' | 'lower';
  test: 'mann-whitney' | 'fisher';
  /** Median over rounds; of rates, the pooled rate. */
  base: { value: number; n: number };
  head: { value: number; n: number };
  /**
   * Head / base of the medians; null where base is 0. The 95 % interval is bootstrapped in comparisons, that of the
   * Hodges-Lehmann ratio in gates, null for rates and where a value is not above 0.
   */
  ratio: { value: number; interval: [low: number, high: number] | null } | null;
  /** For the worse, as a ratio of base (Hodges-Lehmann on logarithms); null where a value is not above 0, and of rates. */
  relative: Effect | null;
  /** For the worse, in the metric's unit (Hodges-Lehmann); of rates, the difference. */
  absolute: Effect;
  p: number;
  /** Holm over all cells of the comparison. */
  pAdjusted: number;
  verdict: CellVerdict;
  /** One sentence. */
  why: string;
  /** Rounds that stand out (modified z-score above 3.5). */
  outliers: { base: number[]; head: number[] };
}

/** The noise floor of one cell: a change no larger than this comes about without any cause. */
export interface NoiseFloor {
  relative: number | null;
  absolute: number;
  /** `control`: the A/A rows of this run; `rounds`: the scatter of base's own rounds; `nights`: stored nights. */
  from: 'control' | 'rounds' | 'nights';
}

export interface GateCell extends CellComparison {
  maxRegression: number;
  minEffect: number;
  floor: NoiseFloor;
  /** What the findings say of an alarm; null where there is none. */
  finding: AlarmFinding | null;
  /**
   * True when the cell alarmed, was measured again, and alarmed again. False when it did not alarm again, or when the second
   * run was no valid measurement of it: then it is `inconclusive`. Null when it was not measured again.
   */
  confirmed: boolean | null;
}

/** Base against head, for reading: compare.json. */
export interface RunComparison {
  schema: 'ssee-bench/compare/1';
  /** First sentence of every report of it. */
  verdict: string;
  scenario: string;
  base: string;
  head: string;
  alpha: number;
  /** What differs between the two that should not, and what makes rows doubtful. */
  warnings: string[];
  cells: CellComparison[];
  /** Cells that could not be compared. */
  missing: MissingCell[];
}

/** A metric that one side or both do not have. */
export interface MissingCell {
  /** `any row` where it is known of none. */
  arm: string;
  metric: MetricId;
  why: string;
}

export interface GateProblem {
  kind: 'harness' | 'no-baseline' | 'invalid';
  /** Null when it concerns the whole run. */
  arm: string | null;
  detail: string;
}

/** The nightly verdict: gate.json, and `gate` of comparison.json for variants inside one run. */
export interface GateResult {
  schema: 'ssee-bench/gate/1';
  verdict: 'passed' | 'regression' | 'inconclusive' | 'failed';
  /** 0 passed, 1 failed, 3 regression, 4 inconclusive. */
  exitCode: 0 | 1 | 3 | 4;
  sentence: string;
  scenario: string;
  base: string;
  head: string;
  /** What the A/A control was; null without one. */
  control: string | null;
  alpha: number;
  problems: GateProblem[];
  invariants: (InvariantCount & { arm: string; baseCount: number; finding: AlarmFinding })[];
  /** Promises of `slo:` that HEAD broke. */
  brokenSlos: string[];
  cells: GateCell[];
  missing: MissingCell[];
  /** What limits each gated row of HEAD, and what limited it in BASE. */
  findings: GateFinding[];
}

/** The finding of HEAD that belongs to an alarm; its code is `unproven` where no rule explains it. */
export interface AlarmFinding extends SideFinding {
  /** What BASE's own finding of the same code says; null where BASE does not have it. */
  base: string | null;
}

/** The first finding of one row on both sides. */
export interface GateFinding {
  arm: string;
  /** Code; null where base has no such row, or it was not judged. */
  base: string | null;
  head: string;
  /** That of head. */
  sentence: string;
}

/** One promise of `slo:` held against one row. */
export interface SloResult {
  metric: MetricId;
  arm: string;
  max: number | null;
  min: number | null;
  unit: Unit;
  /** Null where the row has no value. */
  value: number | null;
  /** 95 % of a rate, else lowest and highest round; null where there is neither. */
  interval: { bounds: [low: number, high: number]; of: '95 %' | 'rounds' } | null;
  /** Why there is no value; null where there is one. `not-collected` too where the row was not part of the run. */
  absence: Absence | null;
  verdict: 'met' | 'broken' | 'unknown';
  /** `ssee-tester: ttfe_us_p99 is 61 ms, more than 50 ms`. */
  sentence: string;
  /** Of the promise in the scenario, as given on the command line. */
  file: string;
  line: number;
  column: number;
}
