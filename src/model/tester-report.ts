import type { LatencyBase } from './metrics.ts';
import type { Outcome } from './outcome.ts';
import type { StreamKind } from './plan.ts';

/** The one JSON document that `ssee-tester --json` prints. Every latency is in integer microseconds. */
export interface TesterReport {
  schema: 'ssee-tester/1';
  /** Version of this package. */
  version: string;
  /** Version of Node that ran it, e.g. `v20.19.0`. */
  node: string;
  url: string;
  /** Options as applied, defaults filled in. */
  options: TesterReportOptions;
  /** True when SIGINT or SIGTERM ended the window early; every figure is then of the window so far. */
  interrupted: boolean;
  window: {
    /** Unix time in ms at which the first connection was started. */
    startedAtMs: number;
    /** Start to deadline (or interrupt) as measured: the denominator of every rate. */
    durationUs: number;
    /** Deadline to the end of the last stream. 0 for endless streams: they are cut at the deadline. */
    drainUs: number;
  };
  /** Streams by how they ended. `attempted` is counted when a stream begins, not summed from the others. */
  outcomes: Record<Outcome | 'attempted', number>;
  /** Completed streams whose end was read before the deadline: the numerator of requests per second. */
  completedInWindow: number;
  /** Completed streams that were in flight at the deadline and ended in the drain time. */
  completedInDrain: number;
  /** Timed-out streams by the part that timed out. Each is also one of `outcomes`. */
  timeouts: TesterTimeouts;
  /** Events dispatched before the deadline: the numerator of events per second. */
  events: number;
  /** Events dispatched in all, drain time included. */
  eventsTotal: number;
  /** Comment lines (`:` heartbeats), drain time included. */
  comments: number;
  /** Socket reads that carried data; `eventsTotal / reads` is events per read. */
  reads: number;
  /** Response bytes on the wire, heads and framing included. */
  bytesReceived: number;
  /** Connections that were established. */
  connectionsOpened: number;
  /** Final responses by status code. */
  statusCodes: Record<string, number>;
  /** Failures by kind: system error codes (`ECONNRESET`) and response errors (`bad-chunk-size`). */
  errors: Record<string, number>;
  /** Null where there is no sample. */
  latencies: Record<LatencyBase, TesterLatency | null>;
  /** Connection-seconds open / connection-seconds asked for, 0..1, of the window. */
  holdRatio: number;
  /** What numeric `id:` fields of successive events on one stream said. */
  sequence: {
    /** Ids that were jumped over: the sum of missing numbers. */
    gaps: number;
    /** Events that repeated the id before. */
    duplicates: number;
    /** Events whose id was lower than the one before. */
    rolledBack: number;
  };
  selfCheck: {
    /** User + system CPU of the whole process in the window. */
    cpuUs: number;
    /** `cpuUs` / window. May exceed 1: Node has helper threads. */
    cpuShare: number;
    /** 99th percentile of the event loop's lateness. */
    loopDelayP99Us: number;
    /** Resident memory at the end of the window. */
    rssBytes: number;
  };
  /** One entry per started interval of the window, oldest first. */
  series: {
    intervalMs: number;
    events: number[];
    completed: number[];
    /** Established connections at the end of the interval. */
    open: number[];
  };
  /** The first failure in words, for a person. */
  firstError?: string;
}

export interface TesterReportOptions {
  connections: number;
  durationMs: number;
  timeoutMs: number;
  stream: StreamKind;
  method: string;
  headers: Record<string, string>;
  /** Bytes of the request body; 0 without one. */
  bodyBytes: number;
  /** Exact request bytes came from this file. */
  requestFile?: string;
  ratePerConnection?: number;
  anyContentType: boolean;
}

export interface TesterTimeouts {
  connect: number;
  headers: number;
  firstEvent: number;
  idle: number;
  /** Finite streams that were healthy but unfinished when the drain time was over. */
  deadline: number;
}

export interface TesterLatency {
  /** Exact number of samples. */
  count: number;
  /** Exact extremes and mean; the histogram alone would lose them. */
  min: number;
  max: number;
  mean: number;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  /** HdrHistogram V2 compressed, base64; 1 us to 1 h with 3 significant digits. */
  histogram: string;
}
