import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clopperPearson } from '../../src/stats/clopper-pearson.ts';

// Exact binomial 95 % intervals as statistics packages print them (binom.test, scipy binomtest method exact).
test.each([
  { k: 0, n: 100, low: 0, high: 0.036217 },
  { k: 100, n: 100, low: 0.963783, high: 1 },
  { k: 0, n: 1, low: 0, high: 0.975 },
  { k: 1, n: 1, low: 0.025, high: 1 },
  { k: 0, n: 10, low: 0, high: 0.308497 },
  { k: 1, n: 10, low: 0.002529, high: 0.445016 },
  { k: 5, n: 10, low: 0.187086, high: 0.812914 },
  { k: 7, n: 10, low: 0.347547, high: 0.93326 },
  { k: 50, n: 100, low: 0.398321, high: 0.601679 },
  { k: 1, n: 100, low: 0.000253, high: 0.054459 },
])('$k of $n has the published interval', ({ k, n, low, high }) => {
  const [actualLow, actualHigh] = clopperPearson(k, n);
  expect(actualLow).toBeCloseTo(low, 5);
  expect(actualHigh).toBeCloseTo(high, 5);
});

test('no trial at all says nothing: the interval is everything', () => {
  expect(clopperPearson(0, 0)).toEqual([0, 1]);
});

test('0 of n has the closed form 1 - 0.025^(1/n) up to millions of streams', () => {
  for (const n of [1, 2, 17, 1000, 65_000, 10_000_000]) {
    const [, high] = clopperPearson(0, n);
    const exact = -Math.expm1(Math.log(0.025) / n);
    expect(Math.abs(high - exact) / exact).toBeLessThan(1e-6);
  }
});

test('the interval holds the observed rate, stays inside 0..1 and mirrors when successes and failures swap', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (n, share) => {
        const k = Math.round(n * share);
        const [low, high] = clopperPearson(k, n);
        const [otherLow, otherHigh] = clopperPearson(n - k, n);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(k / n);
        expect(high).toBeGreaterThanOrEqual(k / n);
        expect(otherLow).toBeCloseTo(1 - high, 6);
        expect(otherHigh).toBeCloseTo(1 - low, 6);
      },
    ),
  );
});

test('counts that cannot be are refused instead of giving NaN', () => {
  for (const [k, n] of [
    [-1, 10],
    [11, 10],
    [0.5, 10],
    [0, Number.NaN],
  ] as const) {
    expect(() => clopperPearson(k, n)).toThrow(RangeError);
  }
});
