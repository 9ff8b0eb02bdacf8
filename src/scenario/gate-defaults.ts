import type { GateSpec } from '../model/gate.ts';
import { METRICS, type MetricId } from '../model/metrics.ts';
import type { Unit } from '../model/units.ts';

/**
 * Metrics that are gated without `metrics:`. Few, because every further one makes all of them harder to alarm (Holm), and
 * middles and rates rather than extremes, which one slow stream moves.
 */
export const DEFAULT_GATE_METRICS: readonly MetricId[] = [
  'requests_per_sec',
  'events_per_sec',
  'ttfe_us_p50',
  'ttfe_us_p99',
  'stream_us_p50',
  'timeout_rate',
  'failure_rate',
];

/** Reason: twice the 5 % by which good nights on one machine differ. Doubt: shared runners need more. */
const DEFAULT_MAX_REGRESSION = 0.1;

/** Chance of a false alarm per night, all cells together. */
export const DEFAULT_ALPHA = 0.05;

/**
 * Least absolute change for the worse, by unit: below it a change is of no use to anybody, however sure it is. Latencies
 * 200 us (loopback answers in tens), times 50 ms, shares of streams one percentage point; rates are judged by their
 * relative change alone.
 */
export const DEFAULT_MIN_EFFECT: Record<Unit, number> = {
  us: 200,
  s: 0.05,
  ratio: 0.01,
  '1/s': 0,
  bytes: 0,
  count: 0,
  base64: 0,
  boolean: 0,
};

/** Rates of counted streams, which are compared as counts (Fisher) and by percentage points. */
export function isStreamRate(metric: MetricId): boolean {
  return /^(timeout_rate|failure_rate)/.test(metric);
}

/** The gate of a scenario that has no `gate:`. */
export const DEFAULT_GATE: GateSpec = {
  metrics: DEFAULT_GATE_METRICS.map((metric) => ({
    metric,
    maxRegression: DEFAULT_MAX_REGRESSION,
    minEffect: DEFAULT_MIN_EFFECT[METRICS[metric].unit],
  })),
  alpha: DEFAULT_ALPHA,
};
