import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { kaplanMeier } from '../../src/stats/kaplan-meier.ts';
import { thinIncidence, thinSteps } from '../../src/stats/thin-steps.ts';

interface Reference {
  name: string;
  lifetimesMs: number[];
  ended: number[];
  medianMs: number | null;
  /** Age, at risk, deaths, survival, low, high. */
  steps: [number, number, number, number, number | null, number | null][];
  /** Age, deaths, incidence. */
  causes: Record<string, [number, number, number][]>;
}

const REFERENCES: Reference[] = JSON.parse(
  readFileSync(new URL('../fixtures/survival/reference.json', import.meta.url), 'utf8'),
);

describe.each(REFERENCES)('$name, as lifelines, scipy and exact fractions have it', (reference) => {
  const curve = kaplanMeier(reference.lifetimesMs, reference.ended);

  it('has the same ages, counts, survival and interval', () => {
    expect(curve.steps).toHaveLength(reference.steps.length);
    reference.steps.forEach(([atMs, atRisk, deaths, survival, low, high], i) => {
      const step = curve.steps[i]!;
      expect(step).toMatchObject({ atMs, atRisk, deaths });
      expect(step.survival).toBeCloseTo(survival, 12);
      if (low === null || high === null) expect(step).toMatchObject({ low: null, high: null });
      else {
        expect(step.low).toBeCloseTo(low, 9);
        expect(step.high).toBeCloseTo(high, 9);
      }
    });
  });

  it('has the same median', () => {
    expect(curve.medianMs).toBe(reference.medianMs);
  });

  it('has the same incidence of every cause', () => {
    expect(curve.causes.map(({ cause }) => String(cause))).toEqual(Object.keys(reference.causes));
    for (const { cause, deaths, steps } of curve.causes) {
      const expected = reference.causes[cause]!;
      expect(steps.map((step) => [step.atMs, step.deaths])).toEqual(
        expected.map(([atMs, died]) => [atMs, died]),
      );
      steps.forEach((step, i) => {
        expect(step.incidence).toBeCloseTo(expected[i]![2], 12);
      });
      expect(deaths).toBe(expected.reduce((sum, [, died]) => sum + died, 0));
    }
  });
});

test('a stream censored at the age of a death was at risk of it', () => {
  expect(kaplanMeier([5, 5], [1, 0]).steps).toMatchObject([{ atMs: 5, atRisk: 2, deaths: 1, survival: 0.5 }]);
  expect(kaplanMeier([5, 5], [0, 1]).steps).toMatchObject([{ atMs: 5, atRisk: 2, deaths: 1, survival: 0.5 }]);
});

test('without deaths there is no step: survival is 1 as far as was looked', () => {
  expect(kaplanMeier([3, 9, 4], new Uint8Array(3))).toEqual({
    count: 3,
    deaths: 0,
    censored: 3,
    endMs: 9,
    steps: [],
    medianMs: null,
    causes: [],
  });
});

test('nothing has no end and no median', () => {
  expect(kaplanMeier([], [])).toMatchObject({ count: 0, endMs: null, medianMs: null, steps: [] });
});

test('the curve may be drawn past the last death, to the longest lifetime', () => {
  expect(kaplanMeier([1, 60_000], [1, 0])).toMatchObject({ endMs: 60_000, steps: [{ atMs: 1 }] });
});

test('the median is the age of the step that reaches one half, also where rounding would miss it', () => {
  expect(kaplanMeier([1, 2, 3, 4], [1, 1, 1, 1]).medianMs).toBe(2);
  // 27/33 x 11/18 is one half, and 0.5000000000000001 in floating point.
  const times = (count: number, value: number): number[] => Array<number>(count).fill(value);
  const lifetimes = [...times(6, 1), ...times(9, 2), ...times(7, 3), ...times(11, 9)];
  const ended = [...times(6, 1), ...times(9, 0), ...times(7, 1), ...times(11, 0)];
  const curve = kaplanMeier(lifetimes, ended);
  expect(curve.steps[1]!.survival).toBeGreaterThan(0.5);
  expect(curve.medianMs).toBe(3);
});

test('without censoring, survival is the exact share of a million that is left', () => {
  const count = 1_000_000;
  const lifetimes = Float64Array.from({ length: count }, (_, i) => count - i);
  const { steps } = kaplanMeier(lifetimes, new Uint8Array(count).fill(1), 1000);
  expect(steps.length).toBeGreaterThan(900);
  for (const { atMs, atRisk, deaths, survival } of steps) {
    expect({ atRisk, deaths, survival }).toEqual({
      atRisk: count - atMs + 1,
      deaths: 1,
      survival: (count - atMs) / count,
    });
  }
  expect(lifetimes[0]).toBe(count);
});

test('asked for few steps, it makes those that thinning all of them would leave, and counts the same', () => {
  const lifetimes = Array.from({ length: 3000 }, (_, i) => (i * 7919) % 2500);
  const ended = lifetimes.map((_, i) => i % 3);
  const all = kaplanMeier(lifetimes, ended);
  const few = kaplanMeier(lifetimes, ended, 50);
  expect(few).toEqual({
    ...all,
    steps: thinSteps(all.steps, 50),
    causes: all.causes.map((curve) => ({ ...curve, steps: thinIncidence(curve.steps, 50) })),
  });
  expect(few.steps.length).toBeGreaterThan(25);
});

test('any lifetimes: counts add up, curves are monotone, the interval holds the estimate, all shares sum to 1', () => {
  const life = fc.record({ ms: fc.integer({ min: 0, max: 40 }), ended: fc.integer({ min: 0, max: 3 }) });
  fc.assert(
    fc.property(fc.array(life, { maxLength: 120 }), (lives) => {
      const curve = kaplanMeier(
        lives.map(({ ms }) => ms),
        lives.map(({ ended }) => ended),
      );
      expect(curve.deaths + curve.censored).toBe(lives.length);
      expect(curve.deaths).toBe(lives.filter(({ ended }) => ended > 0).length);
      let before = { atMs: -1, survival: 1 };
      for (const step of curve.steps) {
        expect(step.atMs).toBeGreaterThan(before.atMs);
        expect(step.survival).toBeLessThan(before.survival);
        expect(step.atRisk).toBe(lives.filter(({ ms }) => ms >= step.atMs).length);
        expect(step.low === null).toBe(step.survival === 0);
        if (step.low !== null && step.high !== null) {
          expect(step.low).toBeGreaterThanOrEqual(0);
          expect(step.low).toBeLessThan(step.survival);
          expect(step.high).toBeGreaterThan(step.survival);
          expect(step.high).toBeLessThanOrEqual(1);
        }
        let dead = 0;
        for (const { steps } of curve.causes) {
          dead += steps.findLast(({ atMs }) => atMs <= step.atMs)?.incidence ?? 0;
        }
        expect(dead + step.survival).toBeCloseTo(1, 12);
        before = step;
      }
    }),
  );
});

test('lifetimes and ends that cannot be are refused instead of giving NaN', () => {
  expect(() => kaplanMeier([1, 2], [1])).toThrow(RangeError);
  for (const lifetime of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => kaplanMeier([lifetime], [1])).toThrow(RangeError);
  }
  for (const end of [-1, 0.5, 256, Number.NaN]) expect(() => kaplanMeier([1], [end])).toThrow(RangeError);
});
