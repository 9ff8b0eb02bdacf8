import fc from 'fast-check';
import { LIVE_BUCKETS_MS, type LiveLatency, type LiveSample } from '../../src/model/live-sample.ts';
import { OUTCOMES, type Outcome } from '../../src/model/outcome.ts';

/** A latency of the given samples, counted the slow way. */
export function liveLatencyOf(valuesUs: readonly number[]): LiveLatency {
  const sorted = [...valuesUs].sort((a, b) => a - b);
  const at = (share: number): number | null => sorted[Math.ceil(share * sorted.length) - 1] ?? null;
  return {
    le: LIVE_BUCKETS_MS.map((ms) => sorted.filter((us) => us <= ms * 1000).length),
    count: sorted.length,
    sumUs: sorted.reduce((sum, us) => sum + us, 0),
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
  };
}

export function outcomeCounts(counts: Partial<Record<Outcome, number>> = {}): Record<Outcome, number> {
  return { ...(Object.fromEntries(OUTCOMES.map((name) => [name, 0])) as Record<Outcome, number>), ...counts };
}

/** A second of a load that goes well. */
export function liveSample(changes: Partial<LiveSample> = {}): LiveSample {
  return {
    atMs: 1000,
    intervalMs: 1000,
    connectionsAsked: 100,
    connectionsOpen: 100,
    requestsPerSec: 9876,
    eventsPerSec: 98_765,
    bytesPerSec: 13_800_000,
    attempted: 9976,
    events: 98_765,
    bytesReceived: 13_800_000,
    outcomes: outcomeCounts({ completed: 9876 }),
    timeouts: { connect: 0, headers: 0, firstEvent: 0, idle: 0, deadline: 0 },
    errors: {},
    latencies: {
      ttfb: liveLatencyOf([90, 850, 900, 1700]),
      ttfe: liveLatencyOf([850, 1200, 1300, 4100]),
      gap: liveLatencyOf([4900, 5010, 5020, 5300, 5400, 12_000]),
      stream: liveLatencyOf([46_000, 51_000, 52_000, 205_000]),
      headParse: liveLatencyOf([9, 11, 12, 2_000_000]),
    },
    survival: 1,
    cpuShare: 0.42,
    loopDelayP99Us: 1200,
    sendLatenessP99Us: null,
    ...changes,
  };
}

const count = fc.oneof(fc.nat(20), fc.nat(4e9));
const rate = fc.double({ min: 0, max: 1e10, noNaN: true });
const latency = fc.array(fc.nat(5_000_000), { maxLength: 20 }).map(liveLatencyOf);
/** What a server might get into an error text. */
export const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom(
    '\u001B[2J\u001B[31mred',
    '\r\n\nx',
    '名前'.repeat(40),
    '\u202Eabc',
    'e\u0301\u200D👩‍👧',
    '',
  ),
);

/** Any sample that the types allow. */
export const anyLiveSample: fc.Arbitrary<LiveSample> = fc
  .record({
    atMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
    intervalMs: fc.double({ min: 1, max: 5000, noNaN: true }),
    connectionsAsked: count,
    connectionsOpen: count,
    requestsPerSec: rate,
    eventsPerSec: rate,
    bytesPerSec: rate,
    attempted: count,
    events: count,
    bytesReceived: count,
    outcomes: fc.tuple(...OUTCOMES.map(() => count)).map((counts) => {
      return Object.fromEntries(OUTCOMES.map((name, index) => [name, counts[index]!])) as Record<
        Outcome,
        number
      >;
    }),
    timeouts: fc.record({ connect: count, headers: count, firstEvent: count, idle: count, deadline: count }),
    errors: fc.dictionary(hostileText, count, { maxKeys: 30 }),
    latencies: fc.record({ ttfb: latency, ttfe: latency, gap: latency, stream: latency, headParse: latency }),
    survival: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    cpuShare: fc.double({ min: 0, max: 3, noNaN: true }),
    loopDelayP99Us: fc.nat(10_000_000),
    sendLatenessP99Us: fc.option(fc.nat(10_000_000)),
  })
  .map((sample) => sample);
