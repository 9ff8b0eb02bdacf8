import { expect, test } from 'vitest';
import { median } from '../../src/stats/median.ts';

test('the median of an odd number of values is the middle one, of an even number the mean of the middle two', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([10, 9])).toBe(9.5);
});

test('values are compared as numbers, not as text', () => {
  expect(median([100, 9, 20])).toBe(20);
});

test('nothing has no median', () => {
  expect(median([])).toBeUndefined();
});

test('the input keeps its order', () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});
