import { median } from '../src/stats/median.ts';
import { SeededRandom } from '../src/stats/seeded-random.ts';

/** The middle of some repetitions and how far they lie apart. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** @throws RangeError for an empty list or one with something other than numbers */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0 || !values.every(Number.isFinite)) {
    throw new RangeError(`no spread of [${values.join(', ')}]`);
  }
  return { median: median(values)!, min: Math.min(...values), max: Math.max(...values) };
}

/**
 * Ours / peer, pair by pair: both sides of a pair met the same moment of the machine, so its drift cancels out, which
 * it would not between medians.
 * @throws RangeError where a ratio would be no number
 */
export function pairRatios(ours: readonly number[], peer: readonly number[]): number[] {
  if (ours.length !== peer.length) throw new RangeError(`${ours.length} values against ${peer.length}`);
  return ours.map((value, index) => {
    const ratio = value / peer[index]!;
    if (!Number.isFinite(ratio)) throw new RangeError(`no ratio of ${value} and ${peer[index]}`);
    return ratio;
  });
}

const RESAMPLES = 4000;
/** Any fixed number: the same values always give the same interval. */
const SEED = 20_260_101;

/**
 * Where the median of what the values were drawn from lies, 95 %, by resampling (percentile bootstrap). Too narrow with
 * less than about 8 values.
 * @throws RangeError for an empty list or one with something other than numbers
 */
export function medianInterval(values: readonly number[]): [low: number, high: number] {
  spreadOf(values);
  const random = new SeededRandom(SEED);
  const medians = new Float64Array(RESAMPLES);
  for (let index = 0; index < RESAMPLES; index++) {
    medians[index] = median(values.map(() => values[Math.floor(random.next() * values.length)]!))!;
  }
  medians.sort();
  const end = Math.floor(RESAMPLES * 0.025);
  return [medians[end]!, medians[RESAMPLES - 1 - end]!];
}

/**
 * Slope of the least-squares line through points, in y per x.
 * @returns undefined when fewer than two different x are there
 */
export function leastSquaresSlope(points: readonly { x: number; y: number }[]): number | undefined {
  if (points.length < 2) return undefined;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  let crossed = 0;
  let squared = 0;
  for (const { x, y } of points) {
    crossed += (x - meanX) * (y - meanY);
    squared += (x - meanX) ** 2;
  }
  return squared === 0 ? undefined : crossed / squared;
}
