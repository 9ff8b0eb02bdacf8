/** P(Z > z) of the standard normal distribution, to 1e-12 relative: a series near 0, a continued fraction beyond. */
export function normalUpperTail(z: number): number {
  if (z < 0) return 1 - normalUpperTail(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    // Phi(z) - 1/2 = density * (z + z^3/3 + z^5/15 + ...), Abramowitz and Stegun 26.2.11.
    let term = z;
    let sum = z;
    for (let n = 3; Math.abs(term) > 1e-17 * sum && n < 400; n += 2) {
      term *= (z * z) / n;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  // 1 - Phi(z) = density / (z + 1/(z + 2/(z + ...))), Abramowitz and Stegun 26.2.14, from the far end.
  let tail = z;
  for (let n = 200; n >= 1; n--) tail = z + n / tail;
  return density / tail;
}

/**
 * The z that a standard normal variable exceeds with the given chance.
 * @param chance above 0, up to 0.5
 */
export function normalUpperQuantile(chance: number): number {
  let low = 0;
  let high = 40;
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (normalUpperTail(middle) > chance) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
