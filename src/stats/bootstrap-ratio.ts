import { checkSamples } from './mann-whitney.ts';
import { median } from './median.ts';
import { SeededRandom } from './seeded-random.ts';

export interface MedianRatio {
  /** Median of the second sample / median of the first. */
  ratio: number;
  /** 95 %, percentile bootstrap. */
  interval: [low: number, high: number];
}

/** Resamples: the ends of a 95 % interval then rest on 100 resamples each. */
const RESAMPLES = 4000;

/** Any fixed number: the same samples must always give the same report. */
const SEED = 20_260_101;

/**
 * The ratio of two medians with a bootstrapped interval, for reading. Undefined unless all values are above 0: a ratio
 * to nothing says nothing. With less than about 8 values the interval is too narrow (medians of resamples take few
 * values), so verdicts rest on `hodgesLehmann`.
 *
 * @throws RangeError when a sample is empty or a value is not finite
 */
export function bootstrapMedianRatio(
  first: readonly number[],
  second: readonly number[],
): MedianRatio | undefined {
  checkSamples(first, second);
  if (Math.min(...first, ...second) <= 0) return undefined;
  const random = new SeededRandom(SEED);
  const ratios = new Float64Array(RESAMPLES);
  for (let index = 0; index < RESAMPLES; index++) {
    ratios[index] = medianOfResample(second, random) / medianOfResample(first, random);
  }
  ratios.sort();
  const end = Math.floor(RESAMPLES * 0.025);
  return {
    ratio: median(second)! / median(first)!,
    interval: [ratios[end]!, ratios[RESAMPLES - 1 - end]!],
  };
}

function medianOfResample(sample: readonly number[], random: SeededRandom): number {
  return median(sample.map(() => sample[Math.floor(random.next() * sample.length)]!))!;
}
