/** Two-sided error of the published intervals: 95 %. */
const ALPHA = 0.05;

/** Bisection steps; 2^-60 is far below the precision of a double near any probability that matters. */
const STEPS = 60;

/**
 * The exact (Clopper-Pearson) 95 % interval of a rate of which `k` of `n` trials were seen.
 *
 * Exact rather than normal, because the rates of interest sit at the edge: 0 of 100 is "at most 3.6 %", which a
 * normal interval calls 0 +- 0. Streams of one run are not independent of each other, so the interval is a lower
 * bound of the real doubt.
 *
 * @returns ratios in 0..1; [0, 1] for n = 0
 * @throws RangeError when k or n is not a whole number or k is outside 0..n
 */
export function clopperPearson(k: number, n: number): [low: number, high: number] {
  if (!Number.isSafeInteger(k) || !Number.isSafeInteger(n) || k < 0 || k > n) {
    throw new RangeError(`not a count out of a total: ${k} of ${n}`);
  }
  if (n === 0) return [0, 1];
  const low = k === 0 ? 0 : betaQuantile(ALPHA / 2, k, n - k + 1);
  const high = k === n ? 1 : betaQuantile(1 - ALPHA / 2, k + 1, n - k);
  return [low, high];
}

/** The x at which the regularized incomplete beta function reaches p; it rises in x, so halving finds it. */
function betaQuantile(p: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (regularizedBeta(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** I_x(a, b) by its continued fraction (DLMF 8.17.22), mirrored where that converges faster. */
export function regularizedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - regularizedBeta(1 - x, b, a);
  const logFront = a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b) - Math.log(a);
  return Math.exp(logFront) / continuedFraction(x, a, b);
}

/** The denominator 1 + d1/(1 + d2/(1 + ...)) of DLMF 8.17.22, evaluated forwards (modified Lentz). */
function continuedFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let value = 1;
  let c = 1;
  let d = 0;
  // Needs about sqrt(max(a, b)) terms; the bound only guards against a loop without end.
  for (let i = 1; i <= 100_000; i++) {
    const m = Math.floor(i / 2);
    const term =
      i % 2 === 0
        ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
        : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + term * d, tiny);
    c = nonZero(1 + term / c, tiny);
    const step = c * d;
    value *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return value;
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** log Gamma for z >= 1 by Stirling's series (DLMF 5.11.1), shifted up until the series is exact to a double. */
function logGamma(z: number): number {
  let shift = 0;
  let x = z;
  while (x < 12) {
    shift += Math.log(x);
    x += 1;
  }
  const inverse = 1 / (x * x);
  const series =
    (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
