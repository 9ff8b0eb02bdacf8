import { checkSamples, EXACT_UP_TO } from './mann-whitney.ts';
import { median } from './median.ts';
import { normalUpperQuantile } from './normal.ts';
import { countSums } from './rank-sum-counts.ts';

export interface Shift {
  /** Median of all differences second - first. */
  shift: number;
  interval: [low: number, high: number];
  /**
   * Confidence that the interval really has, 0..1: at least what was asked for where the samples are large enough, less
   * where they are not (then the interval is the widest there is). Ties make it larger still.
   */
  confidence: number;
}

/** Two-sided error of the intervals. */
const ALPHA = 0.05;

/**
 * The Hodges-Lehmann shift from the first to the second sample, with the interval that inverts Mann-Whitney's test:
 * order statistics of the pairwise differences. Exact up to `EXACT_UP_TO` values together, by the normal approximation
 * of the test above.
 *
 * @throws RangeError when a sample is empty or a value is not finite
 */
export function hodgesLehmann(first: readonly number[], second: readonly number[]): Shift {
  checkSamples(first, second);
  const differences = new Float64Array(first.length * second.length);
  let at = 0;
  for (const from of first) for (const to of second) differences[at++] = to - from;
  differences.sort();
  const { depth, confidence } = depthOf(first.length, second.length);
  return {
    shift: median([...differences])!,
    interval: [differences[depth]!, differences[differences.length - 1 - depth]!],
    confidence,
  };
}

interface Depth {
  /** Differences left out at either end. */
  depth: number;
  confidence: number;
}

const remembered = new Map<string, Depth>();

/** How many differences lie outside the interval at either end: the largest number that the error allows. */
function depthOf(first: number, second: number): Depth {
  const key = `${first}:${second}`;
  const known = remembered.get(key);
  if (known) return known;
  const depth = first + second <= EXACT_UP_TO ? exactDepth(first, second) : normalDepth(first, second);
  remembered.set(key, depth);
  return depth;
}

function exactDepth(first: number, second: number): Depth {
  const size = Math.min(first, second);
  const ranks = Array.from({ length: first + second }, (_, index) => index + 1);
  const counts = countSums(ranks, size);
  const all = counts.reduce((sum, count) => sum + count, 0);
  const least = (size * (size + 1)) / 2;
  // The interval from depth d excludes the true shift exactly when U <= d at either end.
  let below = counts[least]!;
  let depth = 0;
  for (;;) {
    const next = below + (counts[least + depth + 1] ?? 0);
    if ((2 * next) / all > ALPHA) break;
    below = next;
    depth++;
  }
  return { depth, confidence: 1 - (2 * below) / all };
}

function normalDepth(first: number, second: number): Depth {
  const pairs = first * second;
  const deviation = Math.sqrt((pairs * (first + second + 1)) / 12);
  const depth = Math.max(0, Math.floor(pairs / 2 - normalUpperQuantile(ALPHA / 2) * deviation));
  return { depth, confidence: 1 - ALPHA };
}
