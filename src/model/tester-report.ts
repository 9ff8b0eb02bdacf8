import type { TesterLatency } from './tester-latency.ts';

export type { TesterLatency } from './tester-latency.ts';

import type { HeadFinding } from './head-finding.ts';
import type { LlmReport } from './llm-report.ts';
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
  /** Requests sent again without a verdict: the server had dropped the kept connection between two responses. */
  staleReuses: number;
  /** Streams begun because an open endless stream had been lost. */
  reconnects: number;
  /** Events of which a listener got no copy because it was too slow; they are counted everywhere else. */
  tapDropped: number;
  /** Final responses by status code. */
  statusCodes: Record<string, number>;
  /** Failures by kind: system error codes (`ECONNRESET`) and response errors (`bad-chunk-size`). */
  errors: Record<string, number>;
  /** Null where there is no sample. */
  latencies: Record<LatencyBase, TesterLatency | null>;
  /** Our own parsing of a response head that came in one read, sampled. */
  headParseUs: TesterLatency | null;
  /** Loss of an endless stream to the first event after it was resumed. */
  recoveryUs: TesterLatency | null;
  /** How long streams lived. Null where none was lost, or where they are more than two million. */
  survival: TesterSurvival | null;
  /** Present where requests were sent at times of their own (`--rate`). */
  openLoop?: TesterOpenLoop;
  /** Present where the streams were read as answers of a language model (`--llm`). */
  llm?: LlmReport;
  /** Connection-seconds open / connection-seconds asked for, 0..1, of the window. */
  holdRatio: number;
  /** What numeric `id:` fields of the events of one stream said; see `SequenceCounts`. */
  sequence: {
    /** Ids that never came: overtaken by more than the reorder window, or missing when the stream ended. */
    gaps: number;
    /** Ids that came again. */
    duplicates: number;
    /** Ids that came late, within the reorder window. */
    reordered: number;
    /** Ids further back than the reorder window. */
    rolledBack: number;
    /** Ids from before a reconnect that the server sent again after it. */
    replayed: number;
    /** Ids that were lost between the last one before a reconnect and the first new one after it. */
    lostOverReconnect: number;
  };
  audit: TesterAudit;
  selfCheck: {
    /** User + system CPU of the whole process in the window. */
    cpuUs: number;
    /** `cpuUs` / window, in CPUs. May exceed 1: Node has helper threads, and a load may have several of its own. */
    cpuShare: number;
    /** The share of the window in which the busiest of the load's threads was not waiting, 0..1. */
    busiestThread: number;
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
  /** Present where it was asked for (`--signals`). */
  signals?: TesterSignals;
  /** The first failure in words, for a person. */
  firstError?: string;
}

/** One value per started interval of the window, oldest first: what is needed to say what a fault did, and when. */
export interface TesterSignals {
  intervalMs: number;
  events: number[];
  /** Responses that ended properly in the interval. */
  completed: number[];
  /** Streams that were last well in the interval and failed afterwards, whenever that was noticed. */
  failed: number[];
  /** From the start of a stream, connecting included, to its first event; by the interval in which the stream began. */
  ttfe: SignalLatency;
  /** Event to event; by the interval of the first of the two. */
  gap: SignalLatency;
}

/** Percentiles are right within 9 %, the maximum is exact. Null without samples. */
export interface SignalLatency {
  count: number[];
  p50Us: (number | null)[];
  p90Us: (number | null)[];
  p99Us: (number | null)[];
  maxUs: (number | null)[];
}

/** A report without what only the command line knows. */
export type TesterResult = Omit<TesterReport, 'schema' | 'version' | 'node' | 'url' | 'options'>;

export interface TesterReportOptions {
  connections: number;
  durationMs: number;
  timeoutMs: number;
  stream: StreamKind;
  workers: number;
  method: string;
  headers: Record<string, string>;
  /** Bytes of the request body; 0 without one. */
  bodyBytes: number;
  bodyFile?: string;
  /** Exact request bytes came from this file. */
  requestFile?: string;
  ratePerConnection?: number;
  /** Open loop, as given: `100..1000/30s`. */
  rate?: string;
  rampMs?: number;
  thinkTimeMs?: number;
  streamsPerConnection?: number;
  slowReaders?: { share: number; bytesPerSec: number };
  reconnect: 'fresh' | 'resume' | 'never';
  anyContentType: boolean;
}

/** Kaplan-Meier survival of streams, from the request on. Completed, held and given-up ones are censored. */
export interface TesterSurvival {
  lifetimes: number;
  /** Streams lost by what ended them: FIN in mid-stream, RST, silence beyond the timeout, bytes that are no HTTP. */
  deaths: Record<'fin' | 'rst' | 'stall' | 'protocol', number>;
  /** First age at which half are gone; null when more than half live. */
  medianMs: number | null;
  /** Greatest lifetime: how far the curve reaches. */
  endMs: number | null;
  /** Survival just after the deaths at an age, with its 95 % interval (null once nobody is left). */
  steps: { atMs: number; survival: number; low: number | null; high: number | null }[];
  /** Ages around which deaths cluster: deadlines do, network faults scatter. */
  clusters: {
    ageMs: number;
    nominalMs: number;
    count: number;
    share: number;
    spreadMs: number;
    round: boolean;
  }[];
}

/** What the streams did that a client cares about beside their events. */
export interface TesterAudit {
  /** Header fields of the first event stream; empty where none came. */
  head: HeadFinding[];
  /** Time without an event or a comment on an open stream. */
  silence: {
    limitMs: number;
    /** Silences longer than the limit. */
    overLimit: number;
    /** Null where no stream was open. */
    longestMs: number | null;
    /** The longest one was still going on when its stream ended: it is at least so long. */
    longestIsOpen: boolean;
  };
  comments: {
    /** More than 256 characters, or control characters. */
    bad: number;
    /** Between two comments of one stream; null where no stream had two. */
    longestIntervalMs: number | null;
  };
  /** `retry` fields: numbers, others, and numbers above the limit (null: none was set), which are not followed. */
  retry: { seen: number; bad: number; overLimit: number; limit: number | null };
}

/** An open loop: service times, from the actual send, are in `latencies`; these are from the intended one. */
export interface TesterOpenLoop {
  /** Requests that were due in the window. */
  arrivals: number;
  /** Those of them that found no free connection until the end: their response times are unknown and long. */
  unsent: number;
  /** Most requests that waited for a free connection at one time; of several workers, what each had at most together. */
  longestQueue: number;
  /** Intended to actual send. */
  sendLatenessUs: TesterLatency | null;
  /** Intended send to first byte, first event and end of body: what the users of such a service would have seen. */
  responseTimes: Record<'ttfb_us' | 'ttfe_us' | 'stream_us', TesterLatency | null>;
}

export interface TesterTimeouts {
  connect: number;
  headers: number;
  firstEvent: number;
  idle: number;
  /** Finite streams that were healthy but unfinished when the drain time was over. */
  deadline: number;
}
