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

/** A connection with a request at each time of the first list. */
const asked = (requestsUs: number[], dotsUs: number[]): RawStripRow => ({
  ...row(dotsUs),
  label: 'port 7',
  marksUs: [...requestsUs, ...requestsUs.map((us) => us + 1)],
  marks: [...requestsUs.map(() => 'request' as const), ...requestsUs.map(() => 'first-byte' as const)],
});

test('the time from one stream to the next on its connection is no gap', () => {
  const wire = strip([asked([0, 800], [10, 20, 40, 900, 940]), asked([3], [5])]);
  expect(gapsWithinStreams(wire, 3)).toEqual({ p50: 20, p99: 40 });
});

test('times of a connection may come in any order', () => {
  const wire = strip([asked([800, 0], [940, 10, 40, 900, 20])]);
  expect(gapsWithinStreams(wire, 3)).toEqual({ p50: 20, p99: 40 });
});

test('a last request may be without any event', () => {
  expect(gapsWithinStreams(strip([asked([0, 800], [10, 20, 40])]), 3)).toEqual({ p50: 20, p99: 20 });
});

test.each([
  // Counted by threes, 940 to 1700 would be a gap.
  [
    'two events in one segment',
    asked([0, 800, 1600], [10, 40, 900, 920, 940, 1700]),
    /stream 1 of port 7 has 2 /,
  ],
  [
    'a stream without events in between',
    asked([0, 500, 800], [10, 20, 40, 900]),
    /stream 2 of port 7 has 0 /,
  ],
  ['more segments than events', asked([0], [10, 20, 30, 40]), /stream 1 of port 7 has 4 .*, not 3/],
  ['events before any request', asked([15], [10, 20, 30]), /port 7 has events before any request/],
  ['no stream with two events', asked([0], [10]), /no two events in any stream/],
])('%s: there are no gaps of events', (_, connection, message) => {
  expect(() => gapsWithinStreams(strip([connection]), 3)).toThrow(message);
});
