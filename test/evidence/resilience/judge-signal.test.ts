import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Band, bandFrom, followSignal } from '../../../src/evidence/resilience/judge-signal.ts';
import type { SignalSeries, StreamEnds } from '../../../src/evidence/resilience/signal-series.ts';

/** Intervals of 100 ms from 0 on; `reach` seconds beyond the end of each. */
function series(values: (number | null)[], reach: (index: number) => number = () => 0): SignalSeries {
  const at = (index: number): number => Math.round(index * 100) / 1000;
  return {
    fromS: values.map((_, index) => at(index)),
    toS: values.map((_, index) => at(index + 1)),
    reachS: values.map((_, index) => at(index + 1) + reach(index)),
    values,
  };
}

/** `length` seconds of one value. */
const flat = (value: number | null, lengthS: number): (number | null)[] =>
  new Array<number | null>(Math.round(lengthS * 10)).fill(value);

const above: Band = { limit: 10, side: 'above', from: 'before' };
const fault = { fromS: 3, toS: 4 };

describe('the passage of a signal through a fault', () => {
  it('is none where the signal keeps its band', () => {
    expect(followSignal(series(flat(5, 8)), above, fault, 8)).toEqual({
      brokeAtS: null,
      recoveredAtS: null,
      worst: null,
    });
  });

  it('goes from the first interval outside to the first that stays within', () => {
    const values = [...flat(5, 3.2), ...flat(50, 1), ...flat(5, 4)];
    expect(followSignal(series(values), above, fault, 8.2)).toEqual({
      brokeAtS: 3.2,
      recoveredAtS: 4.2,
      worst: 50,
    });
  });

  it('is not over while the signal leaves its band again within a second', () => {
    const values = [...flat(5, 3), 50, ...flat(5, 0.8), 60, 60, ...flat(5, 4)];
    expect(followSignal(series(values), above, fault, 9)).toMatchObject({ recoveredAtS: 4.1, worst: 60 });
  });

  it('takes a single interval outside for no relapse', () => {
    const values = [...flat(5, 3), 50, ...flat(5, 0.5), 60, ...flat(5, 4)];
    expect(followSignal(series(values), above, fault, 9)).toMatchObject({ recoveredAtS: 3.1, worst: 50 });
  });

  it('is over where it leaves the band later than that', () => {
    const values = [...flat(5, 3), 50, ...flat(5, 1), 60, 60, ...flat(5, 4)];
    expect(followSignal(series(values), above, fault, 9)).toMatchObject({ recoveredAtS: 3.1, worst: 50 });
  });

  it('has no end where the next fault comes before the signal is back', () => {
    const values = [...flat(5, 3), ...flat(50, 3), ...flat(5, 3)];
    expect(followSignal(series(values), above, fault, 6)).toMatchObject({ brokeAtS: 3, recoveredAtS: null });
  });

  it('waits for a sample that is well, and for none where none comes any more', () => {
    const silent = [...flat(5, 3), 50, ...flat(null, 1.5), ...flat(5, 2)];
    expect(followSignal(series(silent), above, fault, 6.6)).toMatchObject({ recoveredAtS: 4.6 });
    const over = [...flat(5, 3), 50, ...flat(null, 5)];
    expect(followSignal(series(over), above, fault, 8)).toMatchObject({ recoveredAtS: 4 });
  });

  it('counts a gap that began before the fault and was made long by it, at the time of the fault', () => {
    const values = [...flat(5, 2.9), 50, ...flat(null, 1), ...flat(5, 3)];
    const passage = followSignal(
      series(values, (index) => (index === 29 ? 1 : 0)),
      above,
      fault,
      7,
    );
    expect(passage).toMatchObject({ brokeAtS: 3, recoveredAtS: 4 });
  });

  it('is not put down to a fault that was over a second before', () => {
    const values = [...flat(5, 5.2), ...flat(50, 1), ...flat(5, 2)];
    expect(followSignal(series(values), above, fault, 8)).toMatchObject({ brokeAtS: null });
  });

  it('looks the other way for throughput', () => {
    const below: Band = { limit: 70, side: 'below', from: 'before' };
    const values = [...flat(100, 3), ...flat(0, 1), ...flat(100, 3)];
    expect(followSignal(series(values), below, fault, 7)).toEqual({ brokeAtS: 3, recoveredAtS: 4, worst: 0 });
  });

  it('always has its times in order and within its stretch, whatever the values', () => {
    const value = fc.option(fc.double({ min: 0, max: 20, noNaN: true }), { nil: null });
    fc.assert(
      fc.property(fc.array(value, { minLength: 80, maxLength: 80 }), (values) => {
        const { brokeAtS, recoveredAtS, worst } = followSignal(series(values), above, fault, 8);
        if (brokeAtS === null) {
          expect([recoveredAtS, worst]).toEqual([null, null]);
          return;
        }
        expect(brokeAtS).toBeGreaterThanOrEqual(fault.fromS);
        expect(brokeAtS).toBeLessThanOrEqual(fault.toS + 1);
        expect(worst).toBeGreaterThan(above.limit);
        if (recoveredAtS === null) return;
        expect(recoveredAtS).toBeGreaterThan(brokeAtS);
        const held = values.slice(Math.round(recoveredAtS * 10), Math.round(recoveredAtS * 10) + 10);
        expect(held.filter((each) => each !== null && each > above.limit).length).toBeLessThan(2);
      }),
    );
  });
});

describe('the band that the time before allows', () => {
  const before = { fromS: 0, toS: 2 };

  it('leaves room above for latencies and below for throughput', () => {
    expect(bandFrom('ttfe', series(flat(10_000, 2)), before)).toEqual({
      limit: 80_000,
      side: 'above',
      from: 'before',
    });
    expect(bandFrom('throughput', series(flat(100, 2)), before)).toMatchObject({ limit: 70, side: 'below' });
    expect(bandFrom('errors', series(flat(0, 2)), before)).toMatchObject({ limit: 0, side: 'above' });
    expect(bandFrom('saturation', series(flat(0.2, 2)), before)).toMatchObject({ limit: 0.9, side: 'above' });
  });

  it('passes over what was decided only after it', () => {
    const values = [...flat(10_000, 1.9), 1_000_000];
    const late = series(values, (index) => (index === 19 ? 1 : 0));
    expect(bandFrom('gap', late, before)).toMatchObject({ limit: 80_000 });
  });

  it('is not lifted by a single hiccup', () => {
    const values = [...flat(10_000, 1.9), 1_000_000];
    expect(bandFrom('ttfe', series(values), before)).toMatchObject({ limit: 80_000 });
    expect(bandFrom('throughput', series([...flat(100, 1.9), 0]), before)).toMatchObject({ limit: 70 });
    expect(bandFrom('errors', series([...flat(0, 1.9), 1]), before)).toMatchObject({ limit: 0 });
    expect(bandFrom('saturation', series([...flat(0.2, 1.9), 1]), before)).toMatchObject({ limit: 0.9 });
  });

  it('cannot be where a signal was at its worst before', () => {
    expect(bandFrom('errors', series([...flat(0, 1.8), 1, 1]), before)).toMatch(/^every stream failed/);
    expect(bandFrom('saturation', series(flat(0.95, 2)), before)).toMatch(/^the CPU was saturated/);
    expect(bandFrom('errors', series(flat(0.25, 2)), before)).toMatchObject({ limit: 0.25 });
  });

  it('needs a handful of ended streams for the share that fails, or streams without an end', () => {
    const ends = (of: number, connections?: number): StreamEnds => {
      const share = series(flat(0, 2));
      const counts = share.values.map((_, index) => (index < 4 ? of : 0));
      return { ...share, failed: share.values.map(() => 0), of: counts, connections };
    };
    expect(bandFrom('errors', ends(1), before)).toMatch(/^too little was seen/);
    expect(bandFrom('errors', ends(2), before)).toMatchObject({ limit: 0 });
    expect(bandFrom('errors', ends(1, 1), before)).toMatchObject({ limit: 0 });
  });

  it('is not known from a handful of intervals, nor of a throughput that stops by itself', () => {
    expect(bandFrom('ttfe', series([...flat(null, 1.8), 5, 5]), before)).toMatch(/^too little was seen/);
    expect(bandFrom('throughput', series([...flat(100, 1.8), 0, 0]), before)).toMatch(/^it stood still/);
  });
});
