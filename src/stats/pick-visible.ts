/**
 * Which points of a monotone curve to draw: the first, the last, and every one that differs by more than
 * 1 / (most - 2) of the curve's whole height from the point picked before. The drawn curve is nowhere further than
 * that from the full one, and every visible step stands at its exact place.
 *
 * @param levels rising or falling throughout
 * @param most how many points at most, 3 or more; Infinity for all
 * @returns indices, rising
 * @throws RangeError when `most` is below 3 or no whole number
 */
export function pickVisible(levels: ArrayLike<number>, most: number): number[] {
  if (most !== Number.POSITIVE_INFINITY && (!Number.isSafeInteger(most) || most < 3)) {
    throw new RangeError(`cannot draw a curve with ${most} steps`);
  }
  if (levels.length <= most) return Array.from(levels, (_, i) => i);
  const last = levels.length - 1;
  const visible = Math.abs(levels[0]! - levels[last]!) / (most - 2);
  const picked = [0];
  let level = levels[0]!;
  for (let i = 1; i < last; i++) {
    if (Math.abs(levels[i]! - level) <= visible) continue;
    picked.push(i);
    level = levels[i]!;
  }
  picked.push(last);
  return picked;
}
