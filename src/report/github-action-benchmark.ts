import type { Comparison } from '../model/comparison.ts';
import { formatRate } from '../stats/format-figure.ts';
import { cleanText } from './clean-text.ts';
import { boundsOf, listExportedMetrics } from './export-metrics.ts';

/** One benchmark as `customBiggerIsBetter` and `customSmallerIsBetter` of github-action-benchmark read it. */
interface Benchmark {
  name: string;
  unit: string;
  value: number;
  range?: string;
  extra: string;
}

/**
 * The metrics of one direction: a step of that action knows one, so there are two files. An empty list is an error to
 * it; then there is none.
 */
export function reportGithubActionBenchmark(
  comparison: Comparison,
  better: 'higher' | 'lower',
): string | undefined {
  const { arms, scenario, load } = comparison;
  const benchmarks = arms.flatMap((arm) =>
    listExportedMetrics(arm)
      .filter(({ definition }) => definition.better === better)
      .map(({ id, cell, value }): Benchmark => {
        const bounds = boundsOf(cell);
        return {
          name: cleanText(`${scenario.name} / ${arm.id} / ${id}`),
          unit: cell.unit,
          value,
          ...(bounds ? { range: `${formatRate(bounds[0])} - ${formatRate(bounds[1])}` } : {}),
          extra: cleanText(
            `${arm.tool} ${arm.toolVersion ?? ''}, ${load.connections} connections, ${load.durationMs} ms, ${cell.definition}`,
          ),
        };
      }),
  );
  return benchmarks.length === 0 ? undefined : `${JSON.stringify(benchmarks, null, 2)}\n`;
}
