import { regularizedBeta } from './clopper-pearson.ts';

/**
 * P(|T| > |t|) of Student's distribution (DLMF 8.17: the incomplete beta function of df / (df + t^2)).
 *
 * @param df degrees of freedom, from 1
 */
export function studentTwoSided(t: number, df: number): number {
  if (!Number.isFinite(t)) return 0;
  return regularizedBeta(df / (df + t * t), df / 2, 0.5);
}

/**
 * Is one more value of the same normal distribution as the earlier ones? Its two-sided p: the t prediction interval of
 * that level just holds it. Where the earlier ones are all equal, any other value is outside.
 *
 * @param earlier at least two
 */
export function predictionP(earlier: readonly number[], next: number): number {
  const n = earlier.length;
  if (n < 2) throw new RangeError('a spread needs two values');
  const mean = earlier.reduce((sum, value) => sum + value, 0) / n;
  const variance = earlier.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  if (next === mean) return 1;
  return studentTwoSided((next - mean) / Math.sqrt(variance * (1 + 1 / n)), n - 1);
}
