import type { LatencyBase } from './metrics.ts';
import type { TrialKind } from './plan.ts';
import type { TesterSurvival } from './tester-report.ts';

/**
 * What the charts of a report draw and comparison.json does not hold: distributions, time series and single
 * connections. Derived from a stored run; JSON through and through.
 */
export interface ReportData {
  /** In the order of the comparison's arms. */
  arms: ArmData[];
}

/** Something to draw, or one sentence why there is nothing. */
export type Drawable<T> = ({ known: true } & T) | { known: false; detail: string };

export interface ArmData {
  id: string;
  curves: LatencyCurve[];
  /** One entry per executed trial, in the order of execution. */
  trials: TrialSeries[];
  survival: Drawable<{ trialId: string; curve: TesterSurvival }>;
  strip: Drawable<StreamStrip>;
  /** The capture of the evidence trial, relative to the run folder; absent without one. */
  capture?: { file: string; port: number };
}

/**
 * Whether a latency says what a client would have waited: `none` is what was recorded, the others contain samples or
 * times added for requests that could not be sent in time.
 */
export type Correction = 'none' | 'at-recording' | 'post-recording';

/** One latency distribution over all measured rounds of an arm: merged samples, never averaged percentiles. */
export interface LatencyCurve {
  base: LatencyBase;
  corrected: Correction;
  samples: number;
  /** Latency that a share of `curveTail(i)` exceeds, rising; the last one is the maximum. Microseconds. */
  valuesUs: number[];
}

/** Tails of one decade at which a latency curve has points: dense enough for a line, with every percentile people name. */
const TAILS = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.22, 0.2, 0.18, 0.16, 0.14, 0.12];

/** Share of samples beyond point `index` of a latency curve: 1, 0.9, ..., 0.1 at 17, ..., 0.01 at 34. */
export function curveTail(index: number): number {
  return TAILS[index % TAILS.length]! / 10 ** Math.floor(index / TAILS.length);
}

/** Where on a latency curve the usual percentiles lie. */
export const CURVE_LANDMARKS = [
  { label: 'p50', index: 5 },
  { label: 'p75', index: 10 },
  { label: 'p90', index: 17 },
  { label: 'p95', index: 22 },
  { label: 'p99', index: 34 },
  { label: 'p99.9', index: 51 },
  { label: 'p99.99', index: 68 },
] as const;

/** What went on in one trial. Times are seconds since its tool was started; null where nothing was read. */
export interface TrialSeries {
  trialId: string;
  kind: TrialKind;
  round: number;
  /** Duration that was asked for. */
  durationS: number;
  /** CPU in use, in CPUs: 1 is one CPU fully busy. Each value is of the time since the one before. */
  cpu: { atS: number[]; tool: (number | null)[]; target: (number | null)[] } | null;
  /** Per interval; who counted it is `source`. */
  load: Drawable<LoadSeries>;
  markers: Marker[];
}

export interface LoadSeries {
  /** The tool's own count, or the packets of the evidence trial. */
  source: 'tool' | 'wire';
  /** Start of the first interval. */
  fromS: number;
  /** End of each interval. */
  atS: number[];
  eventsPerS: (number | null)[];
  /** The tool counts responses that ended properly, the wire shows requests sent. */
  requestsPerS: (number | null)[];
  /** Open connections at the end of the interval. */
  open: (number | null)[];
}

export interface Marker {
  atS: number;
  label: string;
}

/** Every connection of one trial with what happened on it, when. */
export interface StreamStrip {
  trialId: string;
  source: 'capture' | 'events';
  /** `segments`: the bytes that would show events were not captured, each dot is a segment of a response. */
  dotsAre: 'events' | 'segments';
  /** Unix time of tick 0 in ms. */
  startedAtMs: number;
  tickUs: number;
  /** Ticks from first to last. */
  spanTicks: number;
  /** Silence within an open response is drawn as a gap from here on. */
  gapTicks: number;
  /** Median time between two events of one response; null where fewer than two came. */
  medianGapUs: number | null;
  rows: StripRow[];
  /** Connections that are not among the rows. */
  rowsLeftOut: number;
  /** Marks beyond the limit were not kept: the strip ends early. */
  truncated: boolean;
}

export interface StripRow {
  /** Client port or connection number. */
  label: string;
  /** Frame number of its first packet, for Wireshark; absent where it did not come from a capture. */
  packet?: number;
  requests: number;
  events: number;
  /** Longest silence within a response; null where none was open. */
  longestGapUs: number | null;
  ended: StripEnd;
  /** `encodeTicks` of the events' times. Events of one tick are one dot. */
  dots: string;
  /** `encodeMarks` of everything else. */
  marks: string;
}

/** How a connection ended; `open` at the end of what was seen. */
export type StripEnd = 'open' | 'client-fin' | 'server-fin' | 'client-reset' | 'server-reset' | 'refused';

/** What a mark can be; its position is its number in the encoding. */
export const STRIP_MARKS = [
  'connect',
  'request',
  'first-byte',
  'response-end',
  'client-fin',
  'server-fin',
  'client-reset',
  'server-reset',
  'refused',
] as const;
export type StripMark = (typeof STRIP_MARKS)[number];
