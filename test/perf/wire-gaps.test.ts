import { expect, test } from 'vitest';
import { compareGaps, gapsWithinStreams } from '../../perf/wire-gaps.ts';
import type { RawStrip, RawStripRow } from '../../src/model/raw-strip.ts';

const row = (dotsUs: number[], packet?: number): RawStripRow => ({
  label: `connection ${dotsUs[0]}`,
  ...(packet === undefined ? {} : { packet }),
  dotsUs,
  marksUs: [],
  marks: [],
  ended: 'open',
});
const strip = (rows: RawStripRow[]): RawStrip => ({
  firstUs: 0,
  lastUs: 1,
  rows,
  truncated: false,
  dotsAre: 'events',
});

test('gaps are compared connection by connection, in the order in which these were opened', () => {
  const read = strip([row([1000, 2010, 3010]), row([500, 700])]);
  const wire = strip([row([450, 660], 9), row([900, 1900, 2905], 2)]);
  // 1010 against 1000, 1000 against 1005, 200 against 210.
  expect(compareGaps(read, wire)).toEqual({ compared: 3, p50Us: 10, p99Us: 10, maxUs: 10 });
});

test.each([
  ['another number of connections', strip([row([1, 2])]), strip([]), /on 1 connections against 0/],
  [
    'an event that is in one of them only',
    strip([row([1, 2])]),
    strip([row([1], 1)]),
    /2 events, 1 segments/,
  ],
  ['nothing between two events', strip([row([1])]), strip([row([1], 1)]), /no two events/],
])('%s is no comparison', (_, read, wire, message) => {
  expect(() => compareGaps(read, wire)).toThrow(message);
});

test('the time from one stream to the next on its connection is no gap', () => {
  const wire = strip([row([0, 10, 30, 900, 940]), row([5])]);
  expect(gapsWithinStreams(wire, 3)).toEqual({ p50: 20, p99: 40 });
  expect(() => gapsWithinStreams(strip([row([1]), row([2])]), 3)).toThrow(/no two events in any stream/);
});
