import { expect, test } from 'vitest';
import type { RawStrip, RawStripRow } from '../../../src/model/raw-strip.ts';
import { STRIP_MARKS, type StreamStrip, type StripMark } from '../../../src/model/report-data.ts';
import { buildStrip } from '../../../src/report/data/build-strip.ts';
import { decodeMarks, decodeTicks } from '../../../src/report/data/tick-codec.ts';
import { readStripRows } from '../../../src/report/html/page/strip-rows.ts';
import { rawStrip } from '../../helpers/sample-report-data.ts';

const SOURCE = { trialId: 'evidence-x', source: 'capture', budget: 500_000 } as const;

function makeRow(dotsMs: number[], marks: [ms: number, mark: StripMark][], extra = {}): RawStripRow {
  return {
    label: 'port 1',
    dotsUs: dotsMs.map((ms) => ms * 1000),
    marksUs: marks.map(([ms]) => ms * 1000),
    marks: marks.map(([, mark]) => mark),
    ended: 'open',
    ...extra,
  };
}

function build(rows: RawStripRow[], change: Partial<RawStrip> = {}): StreamStrip {
  const raw: RawStrip = { firstUs: 0, lastUs: 1e6, rows, truncated: false, dotsAre: 'events', ...change };
  const strip = buildStrip(raw, SOURCE);
  if (!strip.known) throw new Error(strip.detail);
  return strip;
}

test('events and marks come back at their ticks, whatever order they were seen in', () => {
  const strip = build([
    makeRow(
      [30, 10, 20],
      [
        [40, 'response-end'],
        [1, 'connect'],
        [2, 'request'],
      ],
    ),
  ]);
  const { dots, marks } = strip.rows[0]!;
  expect([...decodeTicks(dots)].map((tick) => (tick * strip.tickUs) / 1000)).toEqual([10, 20, 30]);
  expect(decodeMarks(marks).marks.map((mark) => STRIP_MARKS[mark])).toEqual([
    'connect',
    'request',
    'response-end',
  ]);
});

test('a gap is a silence inside a response, not the pause before the next request', () => {
  const strip = build([
    makeRow(
      [10, 15, 20, 25, 910, 915],
      [
        [0, 'request'],
        [25, 'response-end'],
        [900, 'request'],
        [920, 'response-end'],
      ],
    ),
  ]);
  expect(strip.rows[0]).toMatchObject({ requests: 2, events: 6, longestGapUs: 10_000 });
  expect(strip.medianGapUs).toBe(5000);
  expect(readStripRows(strip)[0]!.gaps).toEqual([]);
});

test('a silence inside a response is drawn red from its last sign of life to the next', () => {
  const strip = build([makeRow([10, 15, 20, 25, 400, 405], [[0, 'request']], {})], { lastUs: 410_000 });
  expect(strip.rows[0]!.longestGapUs).toBe(375_000);
  expect(readStripRows(strip)[0]!.gaps.map((tick) => (tick * strip.tickUs) / 1000)).toEqual([25, 400]);
});

test('a stalled stream has a gap up to the end of the capture', () => {
  const strip = build([makeRow([10, 15, 20], [[0, 'request']])]);
  expect(strip.rows[0]!.longestGapUs).toBe(980_000);
  const { gaps, open } = readStripRows(strip)[0]!;
  expect(gaps).toEqual([20_000 / strip.tickUs, 1e6 / strip.tickUs]);
  expect(open).toEqual([0, 1e6 / strip.tickUs]);
});

test('a reset ends the response and is told from an ordinary close', () => {
  const rows = [
    makeRow(
      [10],
      [
        [0, 'request'],
        [50, 'server-reset'],
      ],
      { ended: 'server-reset' },
    ),
    makeRow(
      [10],
      [
        [0, 'request'],
        [20, 'response-end'],
        [21, 'client-fin'],
      ],
      { ended: 'client-fin' },
    ),
  ];
  const strip = build(rows);
  const [reset, closed] = readStripRows(strip);
  expect(reset!.resets).toHaveLength(1);
  expect(reset!.closes).toEqual([]);
  expect(closed!.closes).toHaveLength(1);
  expect(closed!.ends).toHaveLength(1);
});

test('the wait for the first byte is a span of its own', () => {
  const strip = build([
    makeRow(
      [60],
      [
        [0, 'request'],
        [50, 'first-byte'],
        [70, 'response-end'],
      ],
    ),
  ]);
  expect(readStripRows(strip)[0]!.wait.map((tick) => (tick * strip.tickUs) / 1000)).toEqual([0, 50]);
});

test('rows without requests are one response from first to last event', () => {
  const strip = build([makeRow([10, 15, 20, 500], [])], { lastUs: 2e6 });
  const { open, gaps } = readStripRows(strip)[0]!;
  expect(open.map((tick) => (tick * strip.tickUs) / 1000)).toEqual([10, 500]);
  expect(gaps.map((tick) => (tick * strip.tickUs) / 1000)).toEqual([20, 500]);
  expect(strip.rows[0]!.longestGapUs).toBe(480_000);
});

test('a thousand rows of a minute fit the budget with coarser ticks, and all events are counted', () => {
  const raw = rawStrip(1000, 60, 10);
  const strip = buildStrip(raw, SOURCE) as StreamStrip & { known: true };
  const size = strip.rows.reduce((sum, { dots, marks }) => sum + dots.length + marks.length, 0);
  expect(size).toBeLessThanOrEqual(1_000_000);
  expect(strip.tickUs).toBeGreaterThan(100);
  expect(strip.rows.reduce((sum, { events }) => sum + events, 0)).toBe(
    raw.rows.reduce((sum, { dotsUs }) => sum + dotsUs.length, 0),
  );
});

test('of more rows than fit, those that ended badly stay', () => {
  const raw = rawStrip(3000, 1, 10);
  const strip = buildStrip(raw, SOURCE) as StreamStrip & { known: true };
  expect(strip.rows).toHaveLength(1000);
  expect(strip.rowsLeftOut).toBe(2000);
  expect(strip.rows.filter(({ ended }) => ended === 'server-reset')).toHaveLength(30);
});

test('a capture without a connection says so', () => {
  const raw: RawStrip = {
    firstUs: Number.NaN,
    lastUs: Number.NaN,
    rows: [],
    truncated: false,
    dotsAre: 'events',
  };
  expect(buildStrip(raw, SOURCE)).toEqual({ known: false, detail: 'evidence-x saw no connection' });
});

test('ticks are no coarser than the budget asks for', () => {
  const raw = rawStrip(20, 60, 100);
  const size = (budget: number) => {
    const strip = buildStrip(raw, { ...SOURCE, budget }) as StreamStrip & { known: true };
    const length = strip.rows.reduce((sum, { dots, marks }) => sum + dots.length + marks.length, 0);
    return { length, tickUs: strip.tickUs };
  };
  for (const budget of [2400, 4000, 8000, 16_000, 40_000]) {
    const { length, tickUs } = size(budget);
    expect(length, `${tickUs}`).toBeLessThanOrEqual(budget);
    // The next finer tick is at most 2.5 times as fine, and would not have fitted.
    expect(length, `${tickUs}`).toBeGreaterThan(budget / 4);
  }
});
