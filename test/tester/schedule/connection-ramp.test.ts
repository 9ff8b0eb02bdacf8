import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planConnectionStarts } from '../../../src/tester/schedule/connection-ramp.ts';

test('connections open one turn apart, the first at once', () => {
  expect([...planConnectionStarts({ connections: 5, rampMs: 10_000 })]).toEqual([0, 2000, 4000, 6000, 8000]);
});

test('without a ramp all open at once, and none is none', () => {
  expect([...planConnectionStarts({ connections: 3, rampMs: 0, jitter: 1 })]).toEqual([0, 0, 0]);
  expect(planConnectionStarts({ connections: 0, rampMs: 1000 })).toHaveLength(0);
});

test('any ramp: times rise, each connection opens within its turn, the seed repeats them', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 100_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer(),
      (connections, rampMs, jitter, seed) => {
        const ramp = { connections, rampMs, jitter, seed };
        const starts = planConnectionStarts(ramp);
        expect(planConnectionStarts(ramp)).toEqual(starts);
        const turnMs = rampMs / connections;
        const isRising = starts.every((atMs, slot) => slot === 0 || atMs >= starts[slot - 1]!);
        const isInTurn = starts.every((atMs, slot) => {
          const late = atMs / turnMs - slot;
          return late >= -1e-9 && late <= jitter + 1e-9;
        });
        expect({ isRising, isInTurn }).toEqual({ isRising: true, isInTurn: true });
        expect(starts.at(-1)).toBeLessThanOrEqual(rampMs);
      },
    ),
  );
});

test('jitter moves connections within their turns, by another amount with another seed', () => {
  const ramp = { connections: 100, rampMs: 10_000, jitter: 1 };
  const late = [...planConnectionStarts(ramp)].map((atMs, slot) => atMs - slot * 100);
  expect(Math.min(...late)).toBeLessThan(10);
  expect(Math.max(...late)).toBeGreaterThan(90);
  expect(planConnectionStarts({ ...ramp, seed: 2 })).not.toEqual(planConnectionStarts(ramp));
});

test('a ramp that cannot be is refused', () => {
  for (const broken of [
    { connections: -1 },
    { connections: 1.5 },
    { rampMs: -1 },
    { rampMs: Number.POSITIVE_INFINITY },
    { rampMs: Number.NaN },
    { jitter: -0.1 },
    { jitter: 1.1 },
    { jitter: Number.NaN },
  ]) {
    expect(() => planConnectionStarts({ connections: 10, rampMs: 1000, ...broken })).toThrow(RangeError);
  }
});
