import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastSquaresSlope, medianInterval, pairRatios, spreadOf } from '../../perf/statistics.ts';

// A zero has no sign here: which of two zeros is the median depends on their order.
const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0);

describe('spreadOf', () => {
  it('is the middle with both ends', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  });

  it('does not depend on the order, and the median lies between the ends', () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 20 }), (values) => {
        const spread = spreadOf(values);
        expect(spreadOf([...values].reverse())).toEqual(spread);
        expect(spread.min).toBeLessThanOrEqual(spread.median);
        expect(spread.median).toBeLessThanOrEqual(spread.max);
      }),
    );
  });

  it.each([[[]], [[1, Number.NaN]], [[Number.POSITIVE_INFINITY]]])('refuses %j', (values) => {
    expect(() => spreadOf(values)).toThrow(RangeError);
  });
});

describe('pairRatios', () => {
  it('divides pair by pair, not median by median', () => {
    expect(pairRatios([1, 8], [2, 4])).toEqual([0.5, 2]);
  });

  it('refuses a ratio that is no number, and sides of different length', () => {
    expect(() => pairRatios([1], [0])).toThrow(RangeError);
    expect(() => pairRatios([1, 2], [1])).toThrow(RangeError);
  });
});

describe('leastSquaresSlope', () => {
  it('finds the slope of a line again, in any order of its points', () => {
    const line = fc.record({
      slope: fc.integer({ min: -1000, max: 1000 }),
      offset: fc.integer({ min: -1000, max: 1000 }),
      xs: fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 50 }),
    });
    fc.assert(
      fc.property(line, ({ slope, offset, xs }) => {
        const points = xs.map((x) => ({ x, y: offset + slope * x }));
        expect(leastSquaresSlope(points)).toBeCloseTo(slope, 6);
      }),
    );
  });

  it('weighs what lies off the line: (0,0) (1,2) (2,1) rise by one half', () => {
    const points = [
      { x: 0, y: 0 },
      { x: 1, y: 2 },
      { x: 2, y: 1 },
    ];
    expect(leastSquaresSlope(points)).toBe(0.5);
  });

  it('has none of a single moment', () => {
    expect(leastSquaresSlope([])).toBeUndefined();
    expect(leastSquaresSlope([{ x: 1, y: 1 }])).toBeUndefined();
    const sameX = [
      { x: 1, y: 1 },
      { x: 1, y: 5 },
    ];
    expect(leastSquaresSlope(sameX)).toBeUndefined();
  });
});

describe('medianInterval', () => {
  it('holds the median and lies within the values, however they are ordered', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { minLength: 1, maxLength: 12 }),
        (values) => {
          const [low, high] = medianInterval(values);
          const { median, min, max } = spreadOf(values);
          expect(low).toBeGreaterThanOrEqual(min);
          expect(low).toBeLessThanOrEqual(median);
          expect(high).toBeGreaterThanOrEqual(median);
          expect(high).toBeLessThanOrEqual(max);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leaves out a few that lie far away, and is the same each time', () => {
    const values = [0.5, ...Array.from({ length: 19 }, (_, index) => 0.99 + index / 1000), 1.5];
    const [low, high] = medianInterval(values);
    expect(low).toBeGreaterThan(0.985);
    expect(high).toBeLessThan(1.01);
    expect(medianInterval(values)).toEqual([low, high]);
  });

  it('throws for values that are none', () => {
    expect(() => medianInterval([])).toThrow(RangeError);
    expect(() => medianInterval([1, Number.NaN])).toThrow(RangeError);
  });
});
