import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildCpuSeries } from '../../../src/report/data/build-cpu-series.ts';
import { testerLoadSeries, wireLoadSeries } from '../../../src/report/data/build-load-series.ts';
import { rawStrip } from '../../helpers/sample-report-data.ts';

const WINDOW = { startedAtMs: 1_000_500, durationUs: 3_400_000, drainUs: 0 };

test("the tester's intervals are placed after its start, and the last one is as long as it was", () => {
  const series = {
    intervalMs: 1000,
    events: [100, 200, 300, 80],
    completed: [10, 20, 30, 8],
    open: [5, 5, 5, 4],
  };
  const load = testerLoadSeries({ window: WINDOW, series }, 1_000_000);
  expect(load.fromS).toBe(0.5);
  expect(load.atS).toEqual([1.5, 2.5, 3.5, 3.9]);
  expect(load.eventsPerS.map((rate) => Math.round(rate!))).toEqual([100, 200, 300, 200]);
  expect(load.requestsPerS.map((rate) => Math.round(rate!))).toEqual([10, 20, 30, 20]);
  expect(load.open).toEqual([5, 5, 5, 4]);
});

test('an hour of seconds is merged without losing an event', () => {
  const events = Array.from({ length: 3600 }, (_, index) => index % 7);
  const series = { intervalMs: 1000, events, completed: events, open: events };
  const load = testerLoadSeries({ window: { ...WINDOW, durationUs: 3600e6 }, series }, 1_000_000);
  expect(load.atS.length).toBeLessThanOrEqual(600);
  const total = load.eventsPerS.reduce<number>(
    (sum, rate, index) => sum + rate! * (load.atS[index]! - (load.atS[index - 1] ?? load.fromS)),
    0,
  );
  expect(total).toBeCloseTo(
    events.reduce((sum, count) => sum + count, 0),
    3,
  );
});

test('packets give rates and open connections, and every event is in one interval', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 90 }), (connections, seconds) => {
      const raw = rawStrip(connections, seconds, 10);
      const load = wireLoadSeries(raw, raw.firstUs / 1000);
      if (!load.known) throw new Error(load.detail);
      const counted = load.eventsPerS.reduce<number>(
        (sum, rate, index) => sum + (rate ?? 0) * (load.atS[index]! - (load.atS[index - 1] ?? load.fromS)),
        0,
      );
      expect(counted).toBeCloseTo(
        raw.rows.reduce((sum, { dotsUs }) => sum + dotsUs.length, 0),
        3,
      );
      expect(load.open.at(-1)).toBe(raw.rows.filter(({ ended }) => ended === 'open').length);
    }),
    { numRuns: 30 },
  );
});

test('CPU time between two looks becomes CPUs in use; a side that was not there is null', () => {
  const cpu = buildCpuSeries(
    JSON.stringify({
      everyMs: 100,
      samples: [
        { atMs: 100, target: { cpuMs: 900 } },
        { atMs: 200, tool: { cpuMs: 50 }, target: { cpuMs: 100 } },
        { atMs: 400, target: { cpuMs: 20 } },
      ],
    }),
  );
  expect(cpu).toEqual({ atS: [0.2, 0.4], tool: [0.5, null], target: [1, 0.1] });
});

test.each([
  '',
  'null',
  '{}',
  '{"samples":7}',
  '{"samples":[]}',
  '{"samples":[{"atMs":1}]}',
  '{"samples":[null,3]}',
])('samples that are none are no series: %s', (text) => expect(buildCpuSeries(text)).toBeNull());
