import type { GoldenSignal } from '../../model/resilience.ts';
import { median } from '../../stats/median.ts';
import type { SignalSeries, StreamEnds } from './signal-series.ts';

/** A stretch of time in seconds since the start of the tool. */
export interface Phase {
  fromS: number;
  toS: number;
}

/** What a signal must not pass. */
export interface Band {
  limit: number;
  side: 'above' | 'below';
  from: 'slo' | 'before';
}

/** How one signal passed through one fault. */
export interface Passage {
  brokeAtS: number | null;
  recoveredAtS: number | null;
  worst: number | null;
}

/**
 * How long a signal must stay within its band to be called well. Unit: s. Reason: ten intervals; a server that catches up
 * looks well in between for one or two. Doubt: one that fails every other second is never well by this.
 */
const HOLD_S = 1;
/** Intervals outside within that time that are a relapse. Reason: a single one is a hiccup of the machine. */
const RELAPSE = 2;
/** What leaves its band later after the end of a fault is not put down to it. Unit: s. Reason: the first time after which TCP sends a lost SYN again. */
const AFTERMATH_S = 1;
/**
 * The band that the time before a fault allows; a sentence without full stop where it allows none.
 *
 * Latencies may reach three times the usual value and half as much again as the highest but one, and 50 ms on top, so that a
 * garbage collection or a neighbour on the CPU is no break. Throughput may fall to 70 % of the usual and 90 % of the
 * lowest but one: a single interval is a hiccup of the machine here too. The CPU is saturated from 90 % on, and cannot
 * become so where it was. Errors may be as many as in the worst interval but one.
 */
export function bandFrom(
  signal: GoldenSignal,
  series: SignalSeries | StreamEnds,
  before: Phase,
): Band | string {
  const values = valuesIn(series, before, 'settled');
  const usual = median(values);
  if (usual === undefined || values.length < LEAST_INTERVALS || endsIn(series, before) < LEAST_ENDS) {
    return 'too little was seen of it before the fault to know what is usual';
  }
  const sorted = values.toSorted((a, b) => a - b);
  const nextToHighest = sorted.at(-2)!;
  switch (signal) {
    case 'errors':
      return nextToHighest < 1
        ? { limit: nextToHighest, side: 'above', from: 'before' }
        : 'every stream failed at times before the fault, so that none could show it';
    case 'ttfe':
    case 'gap':
      return { limit: Math.max(3 * usual, 1.5 * nextToHighest) + 50_000, side: 'above', from: 'before' };
    case 'saturation':
      return nextToHighest <= SATURATED
        ? { limit: SATURATED, side: 'above', from: 'before' }
        : 'the CPU was saturated before the fault';
    case 'throughput': {
      const limit = Math.min(0.7 * usual, 0.9 * sorted[1]!);
      return limit > 0
        ? { limit, side: 'below', from: 'before' }
        : 'it stood still at times before the fault, so that no standstill could show it';
    }
  }
}

/** CPU used / CPU allowed from which on a server has no reserve. */
const SATURATED = 0.9;

/** Fewer intervals than this say nothing about what is usual. */
const LEAST_INTERVALS = 3;
/** Fewer streams than this say nothing about the share that fails. */
const LEAST_ENDS = 5;

function endsIn(series: SignalSeries | StreamEnds, before: Phase): number {
  if (!('of' in series) || series.connections !== undefined) return Number.POSITIVE_INFINITY;
  return series.of.reduce(
    (sum, ends, index) => sum + (isWithin(series, index, before, 'settled') ? ends : 0),
    0,
  );
}

/** Whether any interval of the fault or of the time after it that is put down to it has a value. */
export function isSeenIn({ fromS, toS, values }: SignalSeries, fault: Phase, untilS: number): boolean {
  return values.some(
    (value, index) =>
      value !== null &&
      toS[index]! > fault.fromS + 1e-9 &&
      fromS[index]! <= fault.toS + AFTERMATH_S &&
      fromS[index]! < untilS,
  );
}

/**
 * When the signal left its band because of the fault, and when it was back for good.
 * @param untilS the next fault begins, or the load ends
 */
export function followSignal(series: SignalSeries, band: Band, fault: Phase, untilS: number): Passage {
  const { fromS, reachS, values } = series;
  const isOut = (index: number): boolean => {
    const value = values[index];
    if (value === null || value === undefined) return false;
    return band.side === 'above' ? value > band.limit : value < band.limit;
  };
  const indices = fromS.flatMap((at, index) => (reachS[index]! > fault.fromS && at < untilS ? [index] : []));
  const broke = indices.find((index) => isOut(index) && fromS[index]! <= fault.toS + AFTERMATH_S);
  if (broke === undefined) return { brokeAtS: null, recoveredAtS: null, worst: null };
  const rest = indices.filter((index) => index >= broke);
  const recovered = findRecovery(rest, isOut, series, fault.toS, untilS);
  const bad = rest.filter((index) => isOut(index) && (recovered === undefined || fromS[index]! < recovered));
  const worstOf = band.side === 'above' ? Math.max : Math.min;
  return {
    // A gap that the fault made long may have begun before it; what it broke was whole until then.
    brokeAtS: Math.max(fromS[broke]!, fault.fromS),
    recoveredAtS: recovered ?? null,
    worst: worstOf(...bad.map((index) => values[index]!)),
  };
}

/** The start of the first interval within the band that no relapse follows within `HOLD_S`. */
function findRecovery(
  rest: readonly number[],
  isOut: (index: number) => boolean,
  { fromS, toS, values }: SignalSeries,
  endS: number,
  untilS: number,
): number | undefined {
  const bad = rest.filter(isOut);
  const recovered = rest.find((index) => {
    if (values[index] === null || isOut(index)) return false;
    const heldToS = fromS[index]! + HOLD_S - 1e-9;
    return bad.filter((each) => each > index && fromS[each]! < heldToS).length < RELAPSE;
  });
  if (recovered !== undefined) return fromS[recovered];
  // Nothing was seen any more, neither good nor bad, for as long as it takes: then it was the last bad sample.
  const quietFromS = Math.max(toS[bad.at(-1)!]!, endS);
  return untilS - quietFromS >= HOLD_S ? quietFromS : undefined;
}

/** The median over a phase; null where nothing was seen. */
export function usualIn(series: SignalSeries, phase: Phase): number | null {
  return median(valuesIn(series, phase, 'all')) ?? null;
}

/** Whether an interval lies in a phase as a whole, and with `settled` also all that it may show. */
export function isWithin(
  { fromS, toS, reachS }: SignalSeries,
  index: number,
  phase: Phase,
  which: 'all' | 'settled',
): boolean {
  const endS = which === 'all' ? toS[index]! : reachS[index]!;
  return fromS[index]! >= phase.fromS - 1e-9 && endS <= phase.toS + 1e-9;
}

function valuesIn(series: SignalSeries, phase: Phase, which: 'all' | 'settled'): number[] {
  return series.values.filter(
    (value, index) => value !== null && isWithin(series, index, phase, which),
  ) as number[];
}
