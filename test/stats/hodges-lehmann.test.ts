import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hodgesLehmann } from '../../src/stats/hodges-lehmann.ts';
import { mannWhitney } from '../../src/stats/mann-whitney.ts';
import { REFERENCE } from '../helpers/statistics-reference.ts';

test.each(REFERENCE.rankTests.filter(({ interval }) => interval !== undefined))(
  'sample $#: shift and interval are those that scipy’s test inverts to',
  ({ first, second, ...reference }) => {
    const { shift, interval } = hodgesLehmann(first, second);
    expect(shift).toBeCloseTo(reference.shift!, 10);
    expect(interval[0]).toBeCloseTo(reference.interval![0], 10);
    expect(interval[1]).toBeCloseTo(reference.interval![1], 10);
  },
);

test('three rounds a side give the widest interval and say that it has 90 % only', () => {
  const { interval, confidence } = hodgesLehmann([1, 2, 3], [11, 12, 13]);
  expect(interval).toEqual([8, 12]);
  expect(confidence).toBeCloseTo(0.9, 12);
});

test('from four rounds on the interval has at least 95 %', () => {
  for (let rounds = 4; rounds <= 20; rounds++) {
    const values = Array.from({ length: rounds }, (_, index) => index * index);
    expect(hodgesLehmann(values, values).confidence, `${rounds} rounds`).toBeGreaterThanOrEqual(0.95);
  }
});

test('the approximation beyond the exact sizes is as wide as the exact interval', () => {
  const values = (count: number): number[] =>
    Array.from({ length: count }, (_, index) => (index * 7919) % 1009);
  const widthOf = (count: number): number => {
    const { interval } = hodgesLehmann(values(count), values(count));
    return interval[1] - interval[0];
  };
  expect(widthOf(31) / widthOf(30)).toBeGreaterThan(0.9);
  expect(widthOf(31) / widthOf(30)).toBeLessThan(1.1);
});

const sample = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 4, maxLength: 12 });

test('the interval excludes 0 exactly when the test rejects, where nothing is tied', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 10, maxLength: 24 }),
      fc.integer({ min: 4, max: 6 }),
      (values, size) => {
        const first = values.slice(0, size);
        const second = values.slice(size);
        const { interval } = hodgesLehmann(first, second);
        expect(interval[0] > 0 || interval[1] < 0).toBe(mannWhitney(first, second).p <= 0.05);
      },
    ),
  );
});

test('moving one sample moves shift and interval by as much', () => {
  fc.assert(
    fc.property(sample, sample, fc.integer({ min: -500, max: 500 }), (first, second, by) => {
      const before = hodgesLehmann(first, second);
      const after = hodgesLehmann(
        first,
        second.map((value) => value + by),
      );
      expect(after.shift).toBeCloseTo(before.shift + by, 9);
      expect(after.interval[0]).toBe(before.interval[0] + by);
      expect(after.interval[1]).toBe(before.interval[1] + by);
      expect(before.interval[0]).toBeLessThanOrEqual(before.shift);
      expect(before.interval[1]).toBeGreaterThanOrEqual(before.shift);
    }),
  );
});
