import type { StripEnd, StripMark } from './report-data.ts';

/** What was seen on every connection of one trial, before it is thinned and encoded for a report. */
export interface RawStrip {
  /** First and last moment seen, microseconds since the epoch; NaN when nothing was seen. */
  firstUs: number;
  lastUs: number;
  rows: RawStripRow[];
  /** The limit on marks was reached: what came later is missing. */
  truncated: boolean;
  /** `segments` where the bytes that would show events were not captured. */
  dotsAre: 'events' | 'segments';
}

/** One connection. Times are microseconds since the epoch, in any order. */
export interface RawStripRow {
  label: string;
  packet?: number;
  dotsUs: number[];
  marksUs: number[];
  marks: StripMark[];
  ended: StripEnd;
}
