import type { RawStrip } from '../../model/raw-strip.ts';
import type { Drawable, LoadSeries } from '../../model/report-data.ts';
import type { TesterReport } from '../../model/tester-report.ts';

/** Intervals a chart has room for; longer trials get longer intervals. */
const MAX_INTERVALS = 600;
const FINEST_MS = 100;

/** What ssee-tester counted per interval. @param startedAtMs Unix time of the tool's start */
export function testerLoadSeries(
  { window, series }: Pick<TesterReport, 'window' | 'series'>,
  startedAtMs: number,
): LoadSeries {
  const offsetS = Math.max(0, window.startedAtMs - startedAtMs) / 1000;
  const windowS = window.durationUs / 1e6;
  const intervalS = series.intervalMs / 1000;
  const length = Math.min(series.events.length, series.completed.length, series.open.length);
  const merged = Math.max(1, Math.ceil(length / MAX_INTERVALS));
  const load: LoadSeries = {
    source: 'tool',
    fromS: offsetS,
    atS: [],
    eventsPerS: [],
    requestsPerS: [],
    open: [],
  };
  for (let from = 0; from < length; from += merged) {
    const to = Math.min(length, from + merged);
    // The last interval is as long as the rest of the window.
    const endS = Math.min(to * intervalS, Math.max(windowS, from * intervalS));
    const spanS = endS - from * intervalS;
    load.atS.push(offsetS + endS);
    load.eventsPerS.push(spanS > 0 ? sum(series.events, from, to) / spanS : null);
    load.requestsPerS.push(spanS > 0 ? sum(series.completed, from, to) / spanS : null);
    load.open.push(series.open[to - 1] ?? null);
  }
  return load;
}

/** What the packets of a trial show per interval, whatever the tool can see. */
export function wireLoadSeries(raw: RawStrip, startedAtMs: number): Drawable<LoadSeries> {
  if (!(raw.lastUs > raw.firstUs)) return { known: false, detail: 'the capture holds no connection' };
  if (raw.truncated) return { known: false, detail: 'the capture holds more events than are kept' };
  const spanMs = (raw.lastUs - raw.firstUs) / 1000;
  const intervalMs = Math.max(FINEST_MS, Math.ceil(spanMs / MAX_INTERVALS / FINEST_MS) * FINEST_MS);
  const length = Math.max(1, Math.ceil(spanMs / intervalMs));
  const events = new Array<number>(length).fill(0);
  const requests = new Array<number>(length).fill(0);
  const opened = new Array<number>(length).fill(0);
  const slot = (us: number): number =>
    Math.min(length - 1, Math.max(0, Math.floor((us - raw.firstUs) / 1000 / intervalMs)));
  for (const { dotsUs, marks, marksUs } of raw.rows) {
    for (const us of dotsUs) events[slot(us)]!++;
    for (const [index, what] of marks.entries()) {
      const at = slot(marksUs[index]!);
      if (what === 'request') requests[at]!++;
      else if (what === 'connect') opened[at]!++;
      else if (what !== 'first-byte' && what !== 'response-end') opened[at]!--;
    }
  }
  let open = 0;
  const offsetS = Math.max(0, raw.firstUs / 1e6 - startedAtMs / 1000);
  const secondsIn = (index: number): number =>
    Math.min((index + 1) * intervalMs, spanMs) / 1000 - (index * intervalMs) / 1000;
  return {
    known: true,
    source: 'wire',
    fromS: offsetS,
    atS: events.map((_, index) => offsetS + (index * intervalMs) / 1000 + secondsIn(index)),
    eventsPerS: events.map((count, index) => rateOver(count, secondsIn(index))),
    requestsPerS: requests.map((count, index) => rateOver(count, secondsIn(index))),
    open: opened.map((change) => {
      open += change;
      return open;
    }),
  };
}

function rateOver(count: number, seconds: number): number | null {
  return seconds > 0 ? count / seconds : null;
}

function sum(values: readonly number[], from: number, to: number): number {
  let total = 0;
  for (let i = from; i < to; i++) total += values[i] ?? 0;
  return total;
}
