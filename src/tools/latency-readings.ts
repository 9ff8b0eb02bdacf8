import { known, type Reading, unknown } from '../model/cell.ts';
import { LATENCY_STATS, type LatencyBase, type LatencyMetric, latencyId } from '../model/metrics.ts';
import { QUANTILES, type Quantile, tooFewSamples } from '../stats/quantiles.ts';

/** A latency in microseconds and how often it was seen. */
export type LatencyCount = readonly [valueUs: number, count: number];

export type LatencyReadings = Partial<Record<LatencyMetric, Reading>>;

/** Samples as counts, rounded to whole microseconds. */
export function countLatencies(samplesUs: readonly number[]): LatencyCount[] {
  const counts = new Map<number, number>();
  for (const sample of samplesUs) {
    const value = Math.round(sample);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b);
}

/**
 * The six readings of a latency from its full distribution, percentiles by nearest rank.
 *
 * @param counts values ascending, counts positive
 * @param note goes with every known reading
 */
export function readLatencies(
  base: LatencyBase,
  counts: readonly LatencyCount[],
  note?: string,
): LatencyReadings {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return noLatencies(base, unknown('no-samples', 'no sample in this trial'));
  const extra = note === undefined ? {} : { note };
  const readings: LatencyReadings = {};
  for (const [stat, { share, needs }] of Object.entries(QUANTILES) as [
    Quantile,
    (typeof QUANTILES)[Quantile],
  ][]) {
    readings[latencyId(base, stat)] =
      total < needs
        ? unknown('no-samples', tooFewSamples(total, stat))
        : known(valueAtRank(counts, Math.ceil(share * total)), extra);
  }
  const sum = counts.reduce((partial, [value, count]) => partial + value * count, 0);
  readings[latencyId(base, 'max')] = known(counts.at(-1)![0], extra);
  readings[latencyId(base, 'mean')] = known(Math.round(sum / total), extra);
  return readings;
}

/** The same reading for all six statistics of a latency. */
export function noLatencies(base: LatencyBase, reading: Reading): LatencyReadings {
  return Object.fromEntries(LATENCY_STATS.map((stat) => [latencyId(base, stat), reading]));
}

/** The metric ids of a latency. */
export function latencyIds(base: LatencyBase): LatencyMetric[] {
  return LATENCY_STATS.map((stat) => latencyId(base, stat));
}

/** The value of the sample at a 1-based rank; ranks beyond the end give the last value. */
export function valueAtRank(counts: readonly LatencyCount[], rank: number): number {
  let seen = 0;
  for (const [value, count] of counts) {
    seen += count;
    if (seen >= rank) return value;
  }
  return counts.at(-1)?.[0] ?? 0;
}
