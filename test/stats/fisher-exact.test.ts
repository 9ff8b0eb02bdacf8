import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fisherExact } from '../../src/stats/fisher-exact.ts';
import { REFERENCE } from '../helpers/statistics-reference.ts';

test.each(REFERENCE.fisher)('counts $counts: p is that of scipy', ({ counts, p }) => {
  expect(Math.abs(fisherExact(...counts) / p - 1)).toBeLessThan(1e-9);
});

test('a million streams with a thousandth lost, against none, is beyond doubt', () => {
  expect(fisherExact(0, 1_000_000, 1000, 1_000_000)).toBeLessThan(1e-200);
});

const share = fc
  .integer({ min: 0, max: 60 })
  .chain((total) => fc.tuple(fc.integer({ min: 0, max: total }), fc.constant(total)));

test('p is a chance and does not depend on which sample comes first, nor on what counts as a hit', () => {
  fc.assert(
    fc.property(share, share, ([a, n], [b, m]) => {
      const p = fisherExact(a, n, b, m);
      expect(p).toBeGreaterThan(0);
      expect(p).toBeLessThanOrEqual(1);
      expect(fisherExact(b, m, a, n)).toBeCloseTo(p, 10);
      expect(fisherExact(n - a, n, m - b, m)).toBeCloseTo(p, 10);
    }),
  );
});

test('hits beyond their total and fractions are refused', () => {
  expect(() => fisherExact(3, 2, 0, 1)).toThrow(RangeError);
  expect(() => fisherExact(0.5, 2, 0, 1)).toThrow(RangeError);
});
