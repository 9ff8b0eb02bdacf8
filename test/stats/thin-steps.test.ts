import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kaplanMeier, type SurvivalStep } from '../../src/stats/kaplan-meier.ts';
import { thinIncidence, thinSteps } from '../../src/stats/thin-steps.ts';

const lives = fc.array(
  fc.record({ ms: fc.integer({ min: 0, max: 2000 }), ended: fc.integer({ min: 0, max: 2 }) }),
  { minLength: 1, maxLength: 400 },
);

test('any curve: no more steps than asked, ends kept, nowhere further off than the smallest visible drop', () => {
  fc.assert(
    fc.property(lives, fc.integer({ min: 3, max: 60 }), (list, most) => {
      const { steps } = kaplanMeier(
        list.map(({ ms }) => ms),
        list.map(({ ended }) => ended),
      );
      fc.pre(steps.length > 0);
      const thinned = thinSteps(steps, most);
      expect(thinned.length).toBeLessThanOrEqual(most);
      expect(thinned[0]).toBe(steps[0]);
      expect(thinned.at(-1)).toBe(steps.at(-1));
      const visible = (steps[0]!.survival - steps.at(-1)!.survival) / (most - 2);
      for (const step of steps) {
        const drawn = thinned.findLast(({ atMs }) => atMs <= step.atMs)!;
        expect(drawn.survival - step.survival).toBeLessThanOrEqual(visible + 1e-12);
      }
    }),
  );
});

test('a drop that a person would see stands at its exact age among thousands that nobody sees', () => {
  const lifetimes = Array.from({ length: 5000 }, (_, i) => 10 + i * 17);
  lifetimes.push(...Array<number>(500).fill(60_000));
  const { steps } = kaplanMeier(lifetimes, new Uint8Array(lifetimes.length).fill(1));
  const thinned = thinSteps(steps, 100);
  expect(thinned.find(({ deaths }) => deaths === 500)).toMatchObject({ atMs: 60_000 });
  expect(thinned.length).toBeGreaterThan(50);
});

test('a short curve stays as it is, in a list of its own', () => {
  const steps: SurvivalStep[] = kaplanMeier([1, 2, 3], [1, 1, 1]).steps;
  const thinned = thinSteps(steps, 3);
  expect(thinned).toEqual(steps);
  expect(thinned).not.toBe(steps);
  expect(thinSteps([], 3)).toEqual([]);
});

test('the incidence of one cause is thinned by its rises', () => {
  const lifetimes = Array.from({ length: 1000 }, (_, i) => i);
  const [curve] = kaplanMeier(lifetimes, new Uint8Array(1000).fill(4)).causes;
  const thinned = thinIncidence(curve!.steps, 12);
  expect(thinned.length).toBeLessThanOrEqual(12);
  expect(thinned[0]).toEqual({ atMs: 0, deaths: 1, incidence: 0.001 });
  expect(thinned.at(-1)!.incidence).toBeCloseTo(1, 12);
});

test('a curve cannot be drawn with fewer than three steps', () => {
  for (const most of [2, 0, -1, 3.5, Number.NaN]) expect(() => thinSteps([], most)).toThrow(RangeError);
});
