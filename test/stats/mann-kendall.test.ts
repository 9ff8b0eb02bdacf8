import { expect, test } from 'vitest';
import { findTrend } from '../../src/stats/mann-kendall.ts';
import { REFERENCE } from '../helpers/statistics-reference.ts';

test.each(REFERENCE.trends)('series $#: p and slope are those of scipy', ({ values, p, slope }) => {
  const trend = findTrend(values);
  expect(trend.p).toBeCloseTo(p, 12);
  expect(trend.slope).toBeCloseTo(slope, 12);
});

test('a level series has no trend, and less than three values have none', () => {
  expect(findTrend([5, 5, 5, 5])).toEqual({ p: 1, slope: 0 });
  expect(findTrend([1, 2])).toEqual({ p: 1, slope: 0 });
});

test('ties and long series are judged by the approximation, in the same direction', () => {
  const rising = Array.from({ length: 60 }, (_, index) => Math.floor(index / 3));
  expect(findTrend(rising).p).toBeLessThan(1e-6);
  expect(findTrend(rising).slope).toBeGreaterThan(0);
  expect(findTrend([1, 2, 2, 1, 2, 1, 1, 2]).p).toBeGreaterThan(0.3);
});
