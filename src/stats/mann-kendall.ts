import { median } from './median.ts';
import { tieTerm } from './midranks.ts';
import { normalUpperTail } from './normal.ts';

export interface Trend {
  /** Two-sided p of Mann-Kendall's test: 1 where nothing rises or falls. */
  p: number;
  /** Theil and Sen's slope: median change from one value to the next, in the unit of the values. */
  slope: number;
}

/** Above it, and with ties, the normal approximation serves. */
const EXACT_UP_TO = 50;

/** Whether values in order of time rise or fall. Fewer than 3 values have no trend. */
export function findTrend(values: readonly number[]): Trend {
  const slopes: number[] = [];
  let score = 0;
  for (let from = 0; from < values.length; from++) {
    for (let to = from + 1; to < values.length; to++) {
      const change = values[to]! - values[from]!;
      slopes.push(change / (to - from));
      score += Math.sign(change);
    }
  }
  if (values.length < 3) return { p: 1, slope: 0 };
  const ties = tieTerm(values);
  const exact = ties === 0 && values.length <= EXACT_UP_TO;
  return {
    p: exact ? exactP(values.length, score) : normalP(values, score),
    slope: median(slopes)!,
  };
}

/** Over all orders of the values: the score is the number of pairs minus twice the inversions. */
function exactP(size: number, score: number): number {
  let counts = [1];
  for (let added = 2; added <= size; added++) {
    const next = new Array<number>(counts.length + added - 1).fill(0);
    for (const [inversions, count] of counts.entries()) {
      for (let more = 0; more < added; more++) next[inversions + more]! += count / added;
    }
    counts = next;
  }
  const pairs = (size * (size - 1)) / 2;
  const fewest = (pairs - Math.abs(score)) / 2;
  let tail = 0;
  for (let inversions = 0; inversions <= fewest; inversions++) tail += counts[inversions]!;
  return Math.min(1, 2 * tail);
}

/** Kendall (1975), with tie and continuity correction. */
function normalP(values: readonly number[], score: number): number {
  const n = values.length;
  const sizes = new Map<number, number>();
  for (const value of values) sizes.set(value, (sizes.get(value) ?? 0) + 1);
  const spread = (size: number): number => size * (size - 1) * (2 * size + 5);
  const variance = (spread(n) - [...sizes.values()].reduce((sum, size) => sum + spread(size), 0)) / 18;
  if (variance <= 0) return 1;
  return Math.min(1, 2 * normalUpperTail(Math.max(0, Math.abs(score) - 1) / Math.sqrt(variance)));
}
