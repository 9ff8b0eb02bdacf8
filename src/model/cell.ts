/**
 * A measured value is either a value or the reason why there is none. Never 0 or -1 in its place:
 * a reader must be able to tell "nothing happened" from "this tool cannot see it".
 */

/** Why a value is missing: the tool cannot see it, saw no sample of it, or nobody collected it. */
export type Absence = 'not-observable' | 'no-samples' | 'not-collected';

/** One number (or string, for `request_bytes`) as read from one source, without unit or definition. */
export type Reading<T = number> = KnownReading<T> | UnknownReading;

export interface KnownReading<T = number> {
  known: true;
  value: T;
  /** 95 % interval of the value where the source allows one (rates of counted streams). */
  interval?: [low: number, high: number];
  /** Says what the reader should know beside the value, e.g. `corrected: post-recording`. */
  note?: string;
}

export interface UnknownReading {
  known: false;
  why: Absence;
  /** One plain sentence without final full stop: `wrk counts only finished responses`. */
  detail: string;
}

/** A reading of an arm as published in comparison.json: unit and definition id attached. */
export type Cell = KnownCell | UnknownReading;

export interface KnownCell {
  known: true;
  /** Median over the measured rounds (the value itself where there is one round); counts of streams are sums. */
  value: number | string | boolean;
  unit: string;
  /** 95 % interval: Clopper-Pearson for rates, lowest and highest round of an ablation. */
  interval?: [low: number, high: number];
  /** Lowest and highest round, present when there is more than one round. Sums have none. */
  range?: [low: number, high: number];
  /** Number of rounds the value rests on. */
  rounds?: number;
  /** Definition id, e.g. `ttfe/1`; the text stands in `METRICS`. */
  definition: string;
  note?: string;
}

export function known<T>(
  value: T,
  extra: { interval?: [number, number]; note?: string } = {},
): KnownReading<T> {
  return { known: true, value, ...extra };
}

export function unknown(why: Absence, detail: string): UnknownReading {
  return { known: false, why, detail };
}

/** The value, or undefined where there is none. For arithmetic over optional inputs. */
export function readingValue<T>(reading: Reading<T> | undefined): T | undefined {
  return reading?.known ? reading.value : undefined;
}
