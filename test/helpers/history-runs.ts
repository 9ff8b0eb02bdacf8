import type { Comparison } from '../../src/model/comparison.ts';
import { extractRun, type RunExtract } from '../../src/report/history/read-history-run.ts';
import { SeededRandom } from '../../src/stats/seeded-random.ts';
import { sampleComparison } from './sample-comparison.ts';

interface HistoryParts {
  /** From this run on ssee-tester is a quarter slower. */
  slowerFrom?: number;
  /** From this run on Node is another one. */
  nodeFrom?: number;
}

/** Nightly runs of one scenario with 3 % of noise. */
export function historyComparisons(count: number, parts: HistoryParts = {}): Comparison[] {
  const { slowerFrom = Number.POSITIVE_INFINITY, nodeFrom = Number.POSITIVE_INFINITY } = parts;
  const random = new SeededRandom(42);
  const sample = sampleComparison();
  return Array.from({ length: count }, (_, night) => {
    const comparison = structuredClone(sample);
    comparison.startedAt = new Date(Date.UTC(2026, 0, 1 + night, 3)).toISOString();
    comparison.environment.node = night >= nodeFrom ? 'v22.1.0' : 'v20.19.0';
    for (const arm of comparison.arms) {
      const slowdown = arm.id === 'ssee-tester' && night >= slowerFrom ? 1.25 : 1;
      for (const cell of Object.values(arm.metrics)) {
        if (!cell.known || typeof cell.value !== 'number') continue;
        const factor = 1 + 0.03 * (2 * random.next() - 1);
        cell.value *= cell.unit === '1/s' ? factor / slowdown : factor * slowdown;
      }
    }
    return comparison;
  });
}

/** The same as the history reads them. */
export function historyRuns(count: number, parts: HistoryParts = {}): RunExtract[] {
  return historyComparisons(count, parts).map((comparison, night) =>
    extractRun(comparison, `night-${String(night).padStart(3, '0')}`, night % 5 !== 4),
  );
}
