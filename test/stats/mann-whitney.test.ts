import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EXACT_UP_TO, leastAttainableP, mannWhitney } from '../../src/stats/mann-whitney.ts';
import { REFERENCE } from '../helpers/statistics-reference.ts';

test.each(REFERENCE.rankTests)('sample $#: U and exact p are those of scipy, with ties too', (reference) => {
  const test = mannWhitney(reference.first, reference.second);
  expect(test.method).toBe('exact');
  expect(test.u).toBe(reference.u);
  expect(test.p).toBeCloseTo(reference.p, 12);
});

test.each(REFERENCE.large.filter(({ first, second }) => first.length + second.length > EXACT_UP_TO))(
  'large sample $#: p is that of scipy’s approximation',
  ({ first, second, p }) => {
    const test = mannWhitney(first, second);
    expect(test.method).toBe('normal');
    expect(test.p).toBeCloseTo(p, 10);
  },
);

test('the approximation takes over where it is close to the exact value', () => {
  const values = (count: number, offset: number): number[] =>
    Array.from({ length: count }, (_, index) => ((index * 7919) % 1009) + offset);
  const exact = mannWhitney(values(30, 0), values(30, 190));
  const normal = mannWhitney(values(31, 0), values(30, 190));
  expect([exact.method, normal.method]).toEqual(['exact', 'normal']);
  expect(Math.abs(Math.log(exact.p / normal.p))).toBeLessThan(0.3);
});

test.each([
  [3, 0.1],
  [4, 0.028571],
  [5, 0.007937],
  [6, 0.002165],
  [8, 0.000155],
])('%i against %i rounds cannot reach a smaller p than full separation', (rounds, p) => {
  expect(leastAttainableP(rounds, rounds)).toBeCloseTo(p, 6);
  const low = Array.from({ length: rounds }, (_, index) => index);
  expect(
    mannWhitney(
      low,
      low.map((value) => value + 100),
    ).p,
  ).toBeCloseTo(p, 6);
});

const sample = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 12 });

test('p is a chance, does not depend on which sample comes first, nor on the scale', () => {
  fc.assert(
    fc.property(sample, sample, (first, second) => {
      const { p, u } = mannWhitney(first, second);
      expect(p).toBeGreaterThan(0);
      expect(p).toBeLessThanOrEqual(1);
      const swapped = mannWhitney(second, first);
      expect(swapped.p).toBeCloseTo(p, 12);
      expect(swapped.u + u).toBe(first.length * second.length);
      const scale = (value: number): number => Math.exp(value);
      expect(mannWhitney(first.map(scale), second.map(scale)).p).toBeCloseTo(p, 12);
    }),
  );
});

test('equal values in both samples say nothing', () => {
  expect(mannWhitney([3, 3, 3], [3, 3]).p).toBe(1);
  const many = new Array<number>(40).fill(3);
  expect(mannWhitney(many, many).p).toBe(1);
});

test('an empty sample or a value that is no number is refused', () => {
  expect(() => mannWhitney([], [1])).toThrow(RangeError);
  expect(() => mannWhitney([1, Number.NaN], [1])).toThrow(RangeError);
});
