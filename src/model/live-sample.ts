import type { Outcome } from './outcome.ts';
import type { TesterTimeouts } from './tester-report.ts';

/** Upper bounds in ms, inclusive, of the buckets in which live latencies are shown; slower ones are beyond the last. */
export const LIVE_BUCKETS_MS = [0.1, 1, 10, 50, 200, 1000] as const;

/** One latency from the start of the load on. */
export interface LiveLatency {
  /** Cumulative counts: `le[i]` samples took at most `LIVE_BUCKETS_MS[i]`. Rising, none above `count`. */
  le: readonly number[];
  count: number;
  sumUs: number;
  /** Microseconds; null without samples. */
  p50: number | null;
  p90: number | null;
  p99: number | null;
}

/** What a load looks like while it runs: one sample per second, and one for the shorter rest at the end. */
export interface LiveSample {
  /** Milliseconds since the start of the load. */
  atMs: number;
  /** Length of the interval that has just ended, above 0: rates are exact also where the timer was late. */
  intervalMs: number;

  connectionsAsked: number;
  connectionsOpen: number;

  /** Responses completed properly in the interval, per second. */
  requestsPerSec: number;
  /** Events dispatched in the interval, per second. */
  eventsPerSec: number;
  /** Response bytes read in the interval, per second. */
  bytesPerSec: number;

  /** Everything from here to `latencies` is counted from the start. Streams begun. */
  attempted: number;
  events: number;
  bytesReceived: number;
  /** Streams by how they ended. `held` is 0 until the deadline. */
  outcomes: Record<Outcome, number>;
  timeouts: TesterTimeouts;
  /** Failures by kind, as in `TesterReport.errors`. */
  errors: Record<string, number>;
  /** Final responses by status code, as in `TesterReport.statusCodes`; absent where they are not counted. */
  statusCodes?: Record<string, number>;

  latencies: {
    ttfb: LiveLatency;
    ttfe: LiveLatency;
    gap: LiveLatency;
    stream: LiveLatency;
    /** Our own parsing of a response head, from its first byte to its end. */
    headParse: LiveLatency;
  };

  /** Share, 0..1, of the connections opened so far that are alive or ended well; null before the first. */
  survival: number | null;

  /**
   * CPU time of the load generator in the interval / what its threads could have used at most: 1 is a generator that
   * has nothing left, with one thread or with several.
   */
  cpuShare: number;
  /** 99th percentile of the event loop's lateness, the worst thread's. */
  loopDelayP99Us: number;
  /** Open loop only: how much later than intended requests are sent. */
  sendLatenessP99Us: number | null;
}

export type LiveLatencyName = keyof LiveSample['latencies'];

/** Called once per second on the thread that collects. Must not throw and must not wait. */
export type LiveListener = (sample: LiveSample) => void;
