import { median } from './median.ts';
import { doubledMidranks } from './midranks.ts';
import { SeededRandom } from './seeded-random.ts';

export interface ChangePoint {
  /** The first value that belongs to what comes after the change. */
  index: number;
  /** By permutation, at least 1 / (permutations + 1). */
  p: number;
}

export interface ChangePointOptions {
  /** The same seed gives the same answer. */
  seed: number;
  /**
   * Chance of a change where there is none, per search. Reason: a page shows some thirty series, and one false mark in
   * ten pages is bearable. Doubt: nights that resemble their neighbours make more of them.
   * @default 0.002
   */
  alpha?: number;
  /** @default 999 */
  permutations?: number;
  /** Fewest values on each side of a change. @default 3 */
  minSize?: number;
}

const ALPHA = 0.002;
const PERMUTATIONS = 999;
const MIN_SIZE = 3;

/**
 * Where values in order of time change their distribution: E-divisive (Matteson and James, "A nonparametric approach
 * for multiple change point analysis of multivariate data", JASA 109, 2014) in one dimension with exponent 1, as Daly
 * and others use it on nightly benchmarks ("The use of change point detection to identify software performance
 * regressions in a continuous integration system", ICPE 2020).
 *
 * A segment is cut where the energy distance between both sides is largest; the cut counts when shuffled segments
 * rarely have one as large; then both sides are searched. Two things differ from the paper: values are drawn in to six
 * deviations from the segment's median, so that single wild nights do not hide what comes after them, and the right side
 * always reaches to the end of the segment, as with Daly. Every cut is tested within its own segment, and the drawing in
 * depends on no order: p stays exact.
 *
 * @returns rising by index
 * @throws RangeError for a value that is not finite
 */
export function findChangePoints(values: readonly number[], options: ChangePointOptions): ChangePoint[] {
  if (!values.every(Number.isFinite)) throw new RangeError('values must be finite');
  const { alpha = ALPHA, permutations = PERMUTATIONS, minSize = MIN_SIZE } = options;
  const random = new SeededRandom(options.seed);
  const search = (from: number, to: number): ChangePoint[] => {
    if (to - from < 2 * minSize) return [];
    const scan = new SegmentScan(values.slice(from, to), minSize);
    const best = scan.findCut();
    if (best.energy <= 0) return [];
    const p = permutationP(scan, best.energy, { alpha, permutations, random });
    if (p === undefined) return [];
    const index = from + best.cut;
    return [...search(from, index), { index, p }, ...search(index, to)];
  };
  return search(0, values.length);
}

/** Undefined as soon as p is known to be above alpha: most segments have no change, and few shuffles tell. */
function permutationP(
  scan: SegmentScan,
  energy: number,
  { alpha, permutations, random }: { alpha: number; permutations: number; random: SeededRandom },
): number | undefined {
  // Sums of the same numbers in another order differ in their last bits.
  const reached = energy * (1 - 1e-9);
  let hits = 0;
  for (let round = 0; round < permutations; round++) {
    scan.shuffle(random);
    if (scan.findCut().energy >= reached) hits++;
    if ((hits + 1) / (permutations + 1) > alpha) return undefined;
  }
  return (hits + 1) / (permutations + 1);
}

/**
 * Robust standard deviations beyond which distance tells nothing more. Reason: by ranks alone, which bound more, a step
 * far above the noise took five to seven runs to be found in simulation, with this bound three or four. Doubt: no other
 * bound was tried, and no step near the noise.
 */
const MOST_DEVIATIONS = 6;
/** Makes the median absolute deviation of a normal distribution its standard deviation. */
const NORMAL_MAD = 1.4826;

/** Values in robust standard deviations from their median, drawn in; midranks where more than half are equal. */
export function boundedScores(values: readonly number[]): number[] {
  const middle = median(values) ?? 0;
  const deviation = NORMAL_MAD * (median(values.map((value) => Math.abs(value - middle))) ?? 0);
  if (deviation === 0) return doubledMidranks(values);
  return values.map((value) =>
    Math.max(-MOST_DEVIATIONS, Math.min(MOST_DEVIATIONS, (value - middle) / deviation)),
  );
}

/** Energy distances of all cuts of one segment in n log n. */
class SegmentScan {
  private readonly scores: Float64Array;
  /** Place of each score among all, ties sharing one: from 1 to twice their count. */
  private readonly places: Int32Array;
  private readonly minSize: number;
  /** Sum of |a - b| over the pairs left of each cut, and right of it. */
  private readonly left: Float64Array;
  private readonly right: Float64Array;
  private readonly counts: Float64Array;
  private readonly sums: Float64Array;
  private count = 0;
  private sum = 0;

  constructor(values: readonly number[], minSize: number) {
    const size = values.length;
    const scores = boundedScores(values);
    this.scores = Float64Array.from(scores);
    this.places = Int32Array.from(doubledMidranks(scores));
    this.minSize = minSize;
    this.left = new Float64Array(size + 1);
    this.right = new Float64Array(size + 1);
    this.counts = new Float64Array(2 * size + 1);
    this.sums = new Float64Array(2 * size + 1);
  }

  /** Fisher and Yates. */
  shuffle(random: SeededRandom): void {
    const { scores, places } = this;
    for (let last = scores.length - 1; last > 0; last--) {
      const other = Math.floor(random.next() * (last + 1));
      const score = scores[last]!;
      const place = places[last]!;
      scores[last] = scores[other]!;
      places[last] = places[other]!;
      scores[other] = score;
      places[other] = place;
    }
  }

  /** The cut with the largest scaled energy distance: its right side begins at `cut`. */
  findCut(): { cut: number; energy: number } {
    const { scores, left, right, minSize } = this;
    const size = scores.length;
    this.clear();
    for (let at = 0; at < size; at++) left[at + 1] = left[at]! + this.addScore(at);
    this.clear();
    for (let at = size - 1; at >= 0; at--) right[at] = right[at + 1]! + this.addScore(at);
    const total = left[size]!;
    let best = { cut: minSize, energy: Number.NEGATIVE_INFINITY };
    for (let cut = minSize; cut <= size - minSize; cut++) {
      const n = cut;
      const m = size - cut;
      const between = total - left[cut]! - right[cut]!;
      const distance =
        (2 * between) / (n * m) - (2 * left[cut]!) / (n * (n - 1)) - (2 * right[cut]!) / (m * (m - 1));
      const energy = (distance * n * m) / size;
      if (energy > best.energy) best = { cut, energy };
    }
    return best;
  }

  private clear(): void {
    this.counts.fill(0);
    this.sums.fill(0);
    this.count = 0;
    this.sum = 0;
  }

  /** Sum of the distances to the scores added before, by a Fenwick tree of counts and one of sums. */
  private addScore(at: number): number {
    const { counts, sums } = this;
    const score = this.scores[at]!;
    const place = this.places[at]!;
    let below = 0;
    let sumBelow = 0;
    for (let node = place; node > 0; node -= node & -node) {
      below += counts[node]!;
      sumBelow += sums[node]!;
    }
    const above = this.sum - sumBelow - score * (this.count - below);
    for (let node = place; node < counts.length; node += node & -node) {
      counts[node]! += 1;
      sums[node]! += score;
    }
    this.count++;
    this.sum += score;
    return score * below - sumBelow + above;
  }
}
