import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/stats/seeded-random.ts';

const COUNT = 200_000;

function draw(random: SeededRandom, count: number): number[] {
  return Array.from({ length: count }, () => random.next());
}

test('the same seed gives the same numbers, another seed others', () => {
  expect(draw(new SeededRandom(1), 5)).toEqual(draw(new SeededRandom(1), 5));
  expect(draw(new SeededRandom(1), 5)).not.toEqual(draw(new SeededRandom(2), 5));
  expect(draw(new SeededRandom(-1), 5)).toEqual(draw(new SeededRandom(2 ** 32 - 1), 5));
});

test('neighbouring seeds do not start alike', () => {
  const firsts = Array.from({ length: 1000 }, (_, seed) => new SeededRandom(seed).next());
  expect(new Set(firsts).size).toBe(1000);
  expect(firsts.reduce((sum, value) => sum + value, 0) / 1000).toBeCloseTo(0.5, 1);
});

test('numbers lie in 0..1, evenly in every hundredth, and do not depend on the one before', () => {
  const values = draw(new SeededRandom(42), COUNT);
  const bins = new Array<number>(100).fill(0);
  let product = 0;
  values.forEach((value, i) => {
    bins[Math.floor(value * 100)]!++;
    product += (value - 0.5) * ((values[i - 1] ?? 0.5) - 0.5);
  });
  // Chi-square with 99 degrees of freedom exceeds 149 once in a thousand seeds; the seed is fixed.
  const chiSquare = bins.reduce((sum, bin) => sum + (bin - COUNT / 100) ** 2 / (COUNT / 100), 0);
  expect(bins).toHaveLength(100);
  expect(chiSquare).toBeLessThan(149);
  expect(Math.abs((product / COUNT) * 12)).toBeLessThan(0.01);
});

test('exponential numbers have mean 1 and the tail of their law', () => {
  const random = new SeededRandom(3);
  const values = Array.from({ length: COUNT }, () => random.nextExponential());
  expect(Math.min(...values.slice(0, 1000))).toBeGreaterThanOrEqual(0);
  expect(values.reduce((sum, value) => sum + value, 0) / COUNT).toBeCloseTo(1, 1);
  expect(values.filter((value) => value > 3).length / COUNT).toBeCloseTo(Math.exp(-3), 2);
});
