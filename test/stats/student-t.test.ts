import { expect, it, test } from 'vitest';
import { predictionP, studentTwoSided } from '../../src/stats/student-t.ts';

// Quantiles of Student's t from the printed tables (two-sided chance in the last column).
it.each([
  [12.706, 1, 0.05],
  [3.182, 3, 0.05],
  [5.841, 3, 0.01],
  [2.262, 9, 0.05],
  [4.781, 9, 0.001],
  [1.96, 1e6, 0.05],
])('t of %f with %i degrees of freedom has the chance %f', (t, df, chance) => {
  expect(studentTwoSided(t, df)).toBeCloseTo(chance, 4);
  expect(studentTwoSided(-t, df)).toBeCloseTo(chance, 4);
});

test('a value at the end of a prediction interval has its level', () => {
  // Mean 2, deviation 1, three values: half the interval is t(2) * sqrt(1 + 1/3).
  expect(predictionP([1, 2, 3], 2 + 4.303 * Math.sqrt(4 / 3))).toBeCloseTo(0.05, 4);
  expect(predictionP([1, 2, 3], 2)).toBe(1);
});

test('beside equal values any other is outside', () => {
  expect(predictionP([5, 5, 5, 5], 5)).toBe(1);
  expect(predictionP([5, 5, 5, 5], 6)).toBe(0);
  expect(() => predictionP([5], 6)).toThrow(RangeError);
});
