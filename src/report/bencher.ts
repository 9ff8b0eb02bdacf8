import type { Comparison } from '../model/comparison.ts';
import { cleanText } from './clean-text.ts';
import { boundsOf, listExportedMetrics } from './export-metrics.ts';

/** Longest name of a benchmark that Bencher takes. */
const MAX_NAME = 1024;

/**
 * Bencher Metric Format, for `bencher run --adapter json --file`. Measures are our metric ids, so that its built-in
 * `latency`, which is in nanoseconds, is not mistaken for one of ours.
 */
export function reportBencher({ scenario, arms }: Comparison): string {
  const benchmarks = arms.map((arm) => {
    const measures = listExportedMetrics(arm).map(({ id, cell, value }) => {
      const bounds = boundsOf(cell);
      return [id, { value, ...(bounds ? { lower_value: bounds[0], upper_value: bounds[1] } : {}) }] as const;
    });
    const name = cleanText(`${scenario.name}/${arm.id}`).slice(0, MAX_NAME);
    return [name, Object.fromEntries(measures)] as const;
  });
  return `${JSON.stringify(Object.fromEntries(benchmarks), null, 2)}\n`;
}
