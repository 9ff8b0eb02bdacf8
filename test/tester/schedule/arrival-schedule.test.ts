import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  type ArrivalSchedule,
  type ArrivalSpec,
  countArrivals,
  createArrivalSchedule,
  type RateSegment,
  scheduleDurationMs,
} from '../../../src/tester/schedule/arrival-schedule.ts';

const hold = (perSec: number, durationMs: number): RateSegment => ({
  fromPerSec: perSec,
  toPerSec: perSec,
  durationMs,
});
const ramp = (fromPerSec: number, toPerSec: number, durationMs: number): RateSegment => ({
  fromPerSec,
  toPerSec,
  durationMs,
});

function uniform(...segments: RateSegment[]): ArrivalSchedule {
  return createArrivalSchedule({ segments, pacing: 'uniform' });
}

function takeAll(schedule: ArrivalSchedule): number[] {
  const times: number[] = [];
  for (let atMs = schedule.next(); atMs !== Number.POSITIVE_INFINITY; atMs = schedule.next()) {
    times.push(atMs);
  }
  return times;
}

function take(schedule: ArrivalSchedule, count: number): number[] {
  return Array.from({ length: count }, () => schedule.next());
}

const rate = fc.oneof(
  fc.constant(0),
  fc.double({ min: 0.1, max: 2000, noNaN: true }),
  fc.integer({ max: 500, min: 1 }),
);
const segments = fc
  .array(
    fc.record({
      fromPerSec: rate,
      toPerSec: rate,
      durationMs: fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.double({ min: 0.5, max: 500, noNaN: true })),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .filter((list) => list.some(({ fromPerSec, toPerSec }) => fromPerSec + toPerSec > 0));

describe('uniform pacing', () => {
  it('sends the first at the start and the others evenly, for ever where no end is given', () => {
    expect(take(uniform(hold(500, Number.POSITIVE_INFINITY)), 4)).toEqual([0, 2, 4, 6]);
  });

  it('ends when the time is over, with exactly rate times time arrivals', () => {
    expect(takeAll(uniform(hold(500, 1000)))).toHaveLength(500);
    expect(takeAll(uniform(hold(0.1, 30_000)))).toEqual([0, 10_000, 20_000]);
    // 8.3/s for 30 s are 249.00000000000003 in floating point.
    expect(takeAll(uniform(hold(8.3, 30_000)))).toHaveLength(249);
    const schedule = uniform(hold(1, 1000));
    expect(take(schedule, 4)).toEqual([0, ...Array<number>(3).fill(Number.POSITIVE_INFINITY)]);
  });

  it('solves the quadratic of a ramp', () => {
    // From 0 with 2/s more every second: the integral is t^2, so arrival n is due at the root of n seconds.
    const times = takeAll(uniform(ramp(0, 20, 10_000)));
    expect(times).toHaveLength(100);
    times.forEach((atMs, n) => {
      expect(atMs).toBeCloseTo(Math.sqrt(n) * 1000, 8);
    });
    // Downwards it is the same curve from behind.
    const down = takeAll(uniform(ramp(20, 0, 10_000)));
    expect(down).toHaveLength(100);
    down.forEach((atMs, n) => {
      expect(atMs).toBeCloseTo((10 - Math.sqrt(100 - n)) * 1000, 8);
    });
  });

  it('goes from step to step without a gap or a double, and waits through a pause', () => {
    expect(takeAll(uniform(hold(2, 1000), hold(4, 1000)))).toEqual([0, 500, 1000, 1250, 1500, 1750]);
    expect(takeAll(uniform(hold(2, 1000), hold(0, 500), hold(2, 1000)))).toEqual([0, 500, 1500, 2000]);
    expect(takeAll(uniform(hold(0, 300), hold(10, 200)))).toEqual([300, 400]);
  });

  it('carries what a step leaves of an arrival into the next', () => {
    // 1.5 arrivals in the first second: the second one is due half an arrival into the next step.
    expect(takeAll(uniform(hold(1.5, 1000), hold(1, 1000)))).toEqual([
      0,
      expect.closeTo(666.667, 2),
      expect.closeTo(1500, 6),
    ]);
  });

  it('has not drifted after ten million arrivals', () => {
    const held = uniform(hold(333, Number.POSITIVE_INFINITY));
    const rising = uniform(ramp(1000, 9000, 2_000_000));
    let worstMs = 0;
    let worstCount = 0;
    for (let n = 0; n < 10_000_000; n++) {
      const heldMs = held.next();
      const atS = rising.next() / 1000;
      worstMs = Math.max(worstMs, Math.abs(heldMs - (n * 1000) / 333));
      worstCount = Math.max(worstCount, Math.abs(1000 * atS + 2 * atS * atS - n));
    }
    expect(worstMs).toBeLessThan(1e-6);
    expect(worstCount).toBeLessThan(1e-6);
    expect(countArrivals([ramp(1000, 9000, 2_000_000)], 2_000_000)).toBe(10_000_000);
    expect(rising.next()).toBe(Number.POSITIVE_INFINITY);
  });

  it('any rate: times rise, and in any stretch there are as many as the integral says, within 1', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(segments, share, share, (list, first, second) => {
        const times = takeAll(uniform(...list));
        const totalMs = scheduleDurationMs(list);
        const [fromMs, toMs] = [first * totalMs, second * totalMs].sort((a, b) => a - b) as [number, number];
        expect(times.every((atMs, i) => atMs <= totalMs && atMs >= (times[i - 1] ?? 0))).toBe(true);
        const seen = times.filter((atMs) => atMs >= fromMs && atMs < toMs).length;
        const integral = countArrivals(list, toMs) - countArrivals(list, fromMs);
        expect(Math.abs(seen - integral)).toBeLessThan(1 + 1e-5);
        expect(Math.abs(times.length - countArrivals(list, totalMs))).toBeLessThan(1 + 1e-5);
      }),
    );
  });
});

describe('poisson pacing', () => {
  const poisson = (seed: number, ...list: RateSegment[]): number[] =>
    takeAll(createArrivalSchedule({ segments: list, pacing: 'poisson', seed }));

  it('repeats with its seed and differs without', () => {
    expect(poisson(1, hold(100, 1000))).toEqual(poisson(1, hold(100, 1000)));
    expect(poisson(1, hold(100, 1000))).not.toEqual(poisson(2, hold(100, 1000)));
    const unseeded = takeAll(createArrivalSchedule({ segments: [hold(100, 1000)], pacing: 'poisson' }));
    expect(unseeded).toEqual(poisson(1, hold(100, 1000)));
  });

  it('has the rate on average and the variance of Poisson counts, ramp or not', () => {
    for (const list of [[hold(1000, 200_000)], [ramp(0, 2000, 200_000)]]) {
      const times = poisson(7, ...list);
      // 200,000 expected, standard deviation 447.
      expect(Math.abs(times.length - 200_000)).toBeLessThan(4 * 447);
      let index = 0;
      let squares = 0;
      for (let second = 0; second < 200; second++) {
        const expected = countArrivals(list, (second + 1) * 1000) - countArrivals(list, second * 1000);
        let seen = 0;
        while (index < times.length && times[index]! < (second + 1) * 1000) {
          index++;
          seen++;
        }
        squares += (seen - expected) ** 2 / expected;
      }
      // Chi-square of 200 seconds: 200 +- 20. Even spacing would give about 0.
      expect(squares).toBeGreaterThan(120);
      expect(squares).toBeLessThan(290);
    }
  });

  it('has exponential intervals', () => {
    const times = poisson(3, hold(1000, 100_000));
    const longer = times.filter((atMs, i) => i > 0 && atMs - times[i - 1]! > 2).length;
    expect(longer / times.length).toBeCloseTo(Math.exp(-2), 2);
  });
});

test('workers that share a schedule send together exactly what one would, with either pacing', () => {
  const shares = fc.integer({ min: 1, max: 5 });
  fc.assert(
    fc.property(segments, shares, fc.constantFrom('uniform', 'poisson'), (list, of, pacing) => {
      const spec: ArrivalSpec = { segments: list, pacing: pacing as ArrivalSpec['pacing'], seed: 5 };
      const workers = Array.from({ length: of }, (_, index) =>
        takeAll(createArrivalSchedule({ ...spec, share: { index, of } })),
      );
      const together = workers.flat().sort((a, b) => a - b);
      expect(together).toEqual(takeAll(createArrivalSchedule(spec)));
      const sizes = workers.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 40 },
  );
});

test('the duration is that of all segments, and for ever where a rate is held', () => {
  expect(scheduleDurationMs([hold(1, 1000), ramp(1, 2, 500)])).toBe(1500);
  expect(scheduleDurationMs([hold(1, 1000), hold(2, Number.POSITIVE_INFINITY)])).toBe(
    Number.POSITIVE_INFINITY,
  );
  expect(countArrivals([hold(1, 1000), hold(2, Number.POSITIVE_INFINITY)], 3000)).toBe(5);
});

test('a spec that cannot be is refused instead of giving NaN or nothing', () => {
  const broken: RateSegment[][] = [
    [],
    [hold(0, 1000)],
    [hold(-1, 1000)],
    [hold(Number.NaN, 1000)],
    [hold(Number.POSITIVE_INFINITY, 1000)],
    [hold(1, 0)],
    [hold(1, Number.NaN)],
    [ramp(1, 2, Number.POSITIVE_INFINITY)],
    [hold(1, Number.POSITIVE_INFINITY), hold(2, 1000)],
  ];
  for (const list of broken) expect(() => uniform(...list)).toThrow(RangeError);
  for (const share of [
    { index: 2, of: 2 },
    { index: -1, of: 2 },
    { index: 0.5, of: 2 },
    { index: 0, of: 0 },
  ]) {
    expect(() => createArrivalSchedule({ segments: [hold(1, 1)], pacing: 'uniform', share })).toThrow(
      RangeError,
    );
  }
});
