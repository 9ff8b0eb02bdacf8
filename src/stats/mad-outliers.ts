import { median } from './median.ts';

/** Scales the median absolute deviation of normal values to their standard deviation. */
const MAD_TO_SIGMA = 1.4826;
/** The same for the mean absolute deviation, used where more than half of the values are equal. */
const MEAN_DEVIATION_TO_SIGMA = 1.253314;
/** Deviations from which a value is an outlier (Iglewicz and Hoaglin, 1993). */
const OUTLIER_SIGMAS = 3.5;

/**
 * Positions of outliers: values more than 3.5 robust standard deviations from the median. They are shown, never left
 * out: a slow round is a fact, and the tests here rest on ranks.
 *
 * @returns in rising order; empty for less than 4 values, of which none can stand out
 */
export function findOutliers(values: readonly number[]): number[] {
  const middle = median(values);
  if (middle === undefined || values.length < 4) return [];
  const deviations = values.map((value) => Math.abs(value - middle));
  const mad = median(deviations)!;
  const sigma =
    mad > 0
      ? mad * MAD_TO_SIGMA
      : (deviations.reduce((sum, deviation) => sum + deviation, 0) / deviations.length) *
        MEAN_DEVIATION_TO_SIGMA;
  if (sigma === 0) return [];
  return deviations.flatMap((deviation, index) => (deviation / sigma > OUTLIER_SIGMAS ? [index] : []));
}
