/**
 * Holm's step-down correction: p values adjusted so that the chance of any false alarm among all of them stays below the
 * level they are compared with, whatever their dependence.
 *
 * @returns in the order of `ps`
 */
export function adjustByHolm(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((a, b) => ps[a]! - ps[b]!);
  const adjusted = new Array<number>(ps.length);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, ps[index]! * (ps.length - rank)));
    adjusted[index] = largest;
  }
  return adjusted;
}
