import { expect, test } from 'vitest';
import { bootstrapMedianRatio } from '../../src/stats/bootstrap-ratio.ts';
import { REFERENCE } from '../helpers/statistics-reference.ts';

test.each(REFERENCE.bootstrap)(
  'samples $#: the interval is that of all possible resamples',
  ({ first, second, interval }) => {
    const found = bootstrapMedianRatio(first, second)!;
    // The medians of resamples take few values: a seeded sample of them may stop one value beside.
    expect(found.interval[0]).toBeCloseTo(interval[0], 1);
    expect(found.interval[1]).toBeCloseTo(interval[1], 1);
    expect(found.interval[0]).toBeLessThanOrEqual(found.ratio);
    expect(found.interval[1]).toBeGreaterThanOrEqual(found.ratio);
  },
);

test('the same samples always give the same interval', () => {
  const first = [10, 11, 12, 14, 15];
  const second = [11, 13, 14, 15, 17];
  expect(bootstrapMedianRatio(first, second)).toEqual(bootstrapMedianRatio(first, second));
});

test('a ratio to nothing is not given', () => {
  expect(bootstrapMedianRatio([0, 1, 2], [1, 2, 3])).toBeUndefined();
  expect(bootstrapMedianRatio([1, 2, 3], [0, 0, 0])).toBeUndefined();
});
