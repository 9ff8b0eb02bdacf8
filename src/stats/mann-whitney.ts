import { doubledMidranks, tieTerm } from './midranks.ts';
import { normalUpperTail } from './normal.ts';
import { countSums } from './rank-sum-counts.ts';

export interface RankTest {
  /** Pairs in which the second sample's value is the larger one, ties counting half. */
  u: number;
  /** Two-sided. */
  p: number;
  method: 'exact' | 'normal';
}

/**
 * Largest number of values in both samples together for which every arrangement is counted. Reason: up to here that
 * takes milliseconds, and the normal approximation errs by less than 1 % of p beyond. Doubt: none that matters; samples
 * of a benchmark are rounds.
 */
export const EXACT_UP_TO = 60;

/**
 * Mann-Whitney's test of whether two samples come from one distribution, exact with ties.
 *
 * Exact: over all ways to split the pooled midranks, the two-sided p is twice the smaller tail (at most 1), as scipy's
 * permutation method has it. Above `EXACT_UP_TO` values: normal with tie and continuity correction.
 *
 * @throws RangeError when a sample is empty or a value is not finite
 */
export function mannWhitney(first: readonly number[], second: readonly number[]): RankTest {
  checkSamples(first, second);
  const pooled = [...first, ...second];
  const ranks = doubledMidranks(pooled);
  const doubledSum = ranks.slice(first.length).reduce((sum, rank) => sum + rank, 0);
  const u = (doubledSum - second.length * (second.length + 1)) / 2;
  return pooled.length <= EXACT_UP_TO
    ? { u, p: exactP(ranks, first.length, doubledSum), method: 'exact' }
    : { u, p: normalP(pooled, first.length, u), method: 'normal' };
}

/** The least two-sided p that samples of these sizes can reach at all: 2 / binomial(m + n, m). */
export function leastAttainableP(first: number, second: number): number {
  let ways = 1;
  for (let k = 1; k <= Math.min(first, second); k++) ways *= (first + second - k + 1) / k;
  return Math.min(1, 2 / ways);
}

/** @throws RangeError when a sample is empty or a value is not finite */
export function checkSamples(...samples: readonly (readonly number[])[]): void {
  for (const sample of samples) {
    if (sample.length === 0) throw new RangeError('a sample must not be empty');
    const odd = sample.find((value) => !Number.isFinite(value));
    if (odd !== undefined) throw new RangeError(`not a finite number in a sample: ${odd}`);
  }
}

function exactP(ranks: readonly number[], firstSize: number, doubledSum: number): number {
  const secondSize = ranks.length - firstSize;
  // The smaller sample is the cheaper one to draw; the sums of both are complements.
  const drawsSecond = secondSize <= firstSize;
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const observed = drawsSecond ? doubledSum : total - doubledSum;
  const counts = nullDistribution(ranks, Math.min(firstSize, secondSize));
  let below = 0;
  let above = 0;
  let all = 0;
  for (let sum = 0; sum < counts.length; sum++) {
    const count = counts[sum]!;
    all += count;
    if (sum <= observed) below += count;
    if (sum >= observed) above += count;
  }
  return Math.min(1, (2 * Math.min(below, above)) / all);
}

const MOST_REMEMBERED = 64;
/** A report asks for the same sizes, without ties, over and over. */
const remembered = new Map<string, Float64Array>();

function nullDistribution(ranks: readonly number[], size: number): Float64Array {
  const items = [...ranks].sort((a, b) => a - b);
  const key = `${size}:${items.join()}`;
  const known = remembered.get(key);
  if (known) return known;
  const counts = countSums(items, size);
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(key, counts);
  return counts;
}

function normalP(pooled: readonly number[], firstSize: number, u: number): number {
  const all = pooled.length;
  const pairs = firstSize * (all - firstSize);
  const variance = (pairs / 12) * (all + 1 - tieTerm(pooled) / (all * (all - 1)));
  if (variance <= 0) return 1;
  const distance = Math.max(0, Math.abs(u - pairs / 2) - 0.5);
  return Math.min(1, 2 * normalUpperTail(distance / Math.sqrt(variance)));
}
