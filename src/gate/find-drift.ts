import type { RunSide } from '../model/gate.ts';
import type { MetricId } from '../model/metrics.ts';
import { formatPercent } from '../stats/format-figure.ts';
import { adjustByHolm } from '../stats/holm.ts';
import { findTrend } from '../stats/mann-kendall.ts';
import { median } from '../stats/median.ts';

/** Chance of a false alarm over all series: a trend stops the gate, so it must be surer than a change. */
const ALPHA = 0.01;

/**
 * Series that rise or fall over the rounds by more than what is gated: then the rounds are no sample of one thing.
 *
 * @param least by metric, as a ratio of the median
 * @returns one clause per series, by row name
 */
export function findDrift(
  side: RunSide,
  least: ReadonlyMap<MetricId, number>,
): { arm: string; detail: string }[] {
  const series = side.arms.flatMap(({ name, samples }) =>
    [...least.keys()].flatMap((metric) => {
      const sample = samples[metric];
      return sample && !('absent' in sample) ? [{ name, metric, values: sample.values }] : [];
    }),
  );
  const trends = series.map(({ values }) => findTrend(values));
  const adjusted = adjustByHolm(trends.map(({ p }) => p));
  return series.flatMap(({ name, metric, values }, index) => {
    const middle = median(values)!;
    const change = trends[index]!.slope * (values.length - 1);
    if (adjusted[index]! >= ALPHA || middle <= 0) return [];
    const drift = change / middle;
    if (Math.abs(drift) <= least.get(metric)!) return [];
    return [
      {
        arm: name,
        detail: `${metric} ${drift > 0 ? 'rose' : 'fell'} by ${formatPercent(Math.abs(drift))} from the first to the last round of ${side.label}`,
      },
    ];
  });
}
