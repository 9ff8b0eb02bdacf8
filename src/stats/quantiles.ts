/**
 * Share below the percentile, and the number of samples from which it says more than the maximum does: with 40
 * samples a "p99" would be the slowest one under a grander name.
 */
export const QUANTILES = {
  p50: { share: 0.5, needs: 1 },
  p90: { share: 0.9, needs: 10 },
  p99: { share: 0.99, needs: 100 },
  p999: { share: 0.999, needs: 1000 },
} as const;
export type Quantile = keyof typeof QUANTILES;

/** Why a percentile is not published although there are samples. */
export function tooFewSamples(total: number, stat: Quantile): string {
  return `${total} samples are too few for ${stat}, which needs ${QUANTILES[stat].needs}`;
}
