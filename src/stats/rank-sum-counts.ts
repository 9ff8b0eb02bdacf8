/**
 * In how many of the ways to draw `size` of the items does their sum take each value?
 *
 * The null distribution of a rank sum, by dynamic programming over the items. Counts are doubles: they are sums of
 * positive numbers, so nothing cancels, and they stay finite up to about 1000 items.
 *
 * @param items whole numbers from 0, such as doubled midranks
 * @returns index = sum
 */
export function countSums(items: readonly number[], size: number): Float64Array {
  const largest = [...items].sort((a, b) => b - a).slice(0, size);
  const top = largest.reduce((sum, item) => sum + item, 0);
  const width = top + 1;
  // ways[k * width + s]: subsets of k items with the sum s among the items seen so far.
  const ways = new Float64Array((size + 1) * width);
  ways[0] = 1;
  let seen = 0;
  for (const item of items) {
    seen++;
    for (let k = Math.min(size, seen); k >= 1; k--) {
      const to = k * width;
      const from = to - width;
      for (let sum = top; sum >= item; sum--) ways[to + sum]! += ways[from + sum - item]!;
    }
  }
  return ways.slice(size * width);
}
