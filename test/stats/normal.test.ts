import { expect, test } from 'vitest';
import { normalUpperQuantile, normalUpperTail } from '../../src/stats/normal.ts';
import { REFERENCE } from '../helpers/statistics-reference.ts';

test.each(REFERENCE.normal)('the chance of exceeding $z is that of scipy', ({ z, tail }) => {
  expect(Math.abs(normalUpperTail(z) / tail - 1)).toBeLessThan(1e-11);
});

test('the quantile is the inverse', () => {
  expect(normalUpperQuantile(0.025)).toBeCloseTo(1.959963984540054, 12);
  expect(normalUpperQuantile(0.5)).toBeCloseTo(0, 10);
});
