import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LatencyCount } from '../../../src/tools/latency-readings.ts';
import { undoCorrection } from '../../../src/tools/wrk/undo-correction.ts';

interface Run {
  durationUs: number;
  connections: number;
  raw: LatencyCount[];
}

/** What wrk does after a run, step by step. */
function correct({ durationUs, connections, raw }: Run): LatencyCount[] {
  const requests = total(raw);
  const counts = new Map(raw);
  const perConnection = Math.floor(requests / connections);
  if (perConnection > 0) {
    const intervalUs = Math.floor(durationUs / perConnection);
    for (const [value, count] of raw) {
      if (value < 2 * intervalUs) continue;
      for (let at = value - intervalUs; at > intervalUs; at -= intervalUs) {
        counts.set(at, (counts.get(at) ?? 0) + count);
      }
    }
  }
  return [...counts].sort(([a], [b]) => a - b);
}

function total(counts: readonly LatencyCount[]): number {
  return counts.reduce((sum, [, count]) => sum + count, 0);
}

function undo(run: Run, histogram: readonly LatencyCount[], timeouts = 0): LatencyCount[] | undefined {
  return undoCorrection({
    durationUs: run.durationUs,
    requests: total(run.raw) + timeouts,
    timeouts,
    connections: run.connections,
    histogram,
  });
}

const runs: fc.Arbitrary<Run> = fc.record({
  durationUs: fc.integer({ min: 1000, max: 60_000 }),
  connections: fc.integer({ min: 1, max: 20 }),
  raw: fc
    .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 9 })), {
      minLength: 1,
      maxLength: 60,
      selector: ([value]) => value,
    })
    .map((counts) => counts.sort(([a], [b]) => a - b)),
});

describe('undoing the correction for coordinated omission', () => {
  it('gives back exactly the latencies that were recorded', () => {
    fc.assert(
      fc.property(runs, (run) => {
        expect(undo(run, correct(run))).toEqual(run.raw);
      }),
    );
  });

  it('does not depend on the order of the histogram', () => {
    fc.assert(
      fc.property(runs, (run) => {
        expect(undo(run, correct(run).reverse())).toEqual(run.raw);
      }),
    );
  });

  it('leaves a histogram alone when there are fewer requests than connections', () => {
    const run: Run = {
      durationUs: 1_000_000,
      connections: 10,
      raw: [
        [100, 1],
        [900_000, 3],
      ],
    };
    expect(undo(run, run.raw)).toEqual(run.raw);
  });

  it('undoes a known case by hand: interval 10, one sample at 45 was added at 35, 25 and 15', () => {
    const run: Run = {
      durationUs: 100,
      connections: 1,
      raw: [
        [5, 9],
        [45, 1],
      ],
    };
    const reported: LatencyCount[] = [
      [5, 9],
      [15, 1],
      [25, 1],
      [35, 1],
      [45, 1],
    ];
    expect(correct(run)).toEqual(reported);
    expect(undo(run, reported)).toEqual(run.raw);
  });

  it('says so when an added sample is missing in the middle', () => {
    const run: Run = {
      durationUs: 100,
      connections: 1,
      raw: [
        [5, 9],
        [45, 1],
      ],
    };
    expect(
      undo(run, [
        [5, 10],
        [15, 1],
        [35, 1],
        [45, 1],
      ]),
    ).toBeUndefined();
  });

  it('says so when the lowest added sample is missing', () => {
    const run: Run = {
      durationUs: 100,
      connections: 1,
      raw: [
        [5, 9],
        [45, 1],
      ],
    };
    expect(
      undo(run, [
        [5, 9],
        [25, 1],
        [35, 1],
        [45, 1],
      ]),
    ).toBeUndefined();
  });

  it('says so when a count would become negative', () => {
    const run: Run = {
      durationUs: 100,
      connections: 1,
      raw: [
        [5, 8],
        [45, 2],
      ],
    };
    expect(
      undo(run, [
        [5, 8],
        [15, 2],
        [25, 1],
        [35, 2],
        [45, 2],
      ]),
    ).toBeUndefined();
  });

  it('says so when the total is not requests minus timeouts', () => {
    const run: Run = {
      durationUs: 100,
      connections: 1,
      raw: [
        [5, 9],
        [7, 1],
      ],
    };
    expect(undo(run, run.raw, 0)).toEqual(run.raw);
    expect(undo(run, [...run.raw, [8, 1]], 0)).toBeUndefined();
  });

  it('expects no sample of a response that was slower than --timeout', () => {
    const run: Run = { durationUs: 1_000_000, connections: 5, raw: [[5, 3]] };
    expect(undo(run, run.raw, 1)).toEqual(run.raw);
  });

  it('handles latencies of a minute with an interval of a microsecond range', () => {
    const raw: LatencyCount[] = Array.from({ length: 200 }, (_, i) => [100 + i, 500]);
    raw.push([60_000_000, 1]);
    const run: Run = { durationUs: 60_000_000, connections: 1, raw };
    expect(undo(run, correct(run))).toEqual(raw);
  });
});
