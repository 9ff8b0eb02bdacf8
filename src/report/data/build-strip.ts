import type { RawStrip, RawStripRow } from '../../model/raw-strip.ts';
import { type Drawable, STRIP_MARKS, type StreamStrip, type StripRow } from '../../model/report-data.ts';
import { median } from '../../stats/median.ts';
import { encodeMarks, encodeTicks } from './tick-codec.ts';

/** More rows than anybody looks through; abnormal ends are kept first. */
const MAX_ROWS = 1000;
/** Finer than a pixel at any zoom that makes sense, coarser only where the strip would get too large. */
const TICKS_US = [
  100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000,
];
/**
 * A silence is drawn as a gap from three times the median gap on: twice is one late timer, and a stalled stream is
 * far beyond. Streams faster than the floor are late by that much whenever a CPU is busy.
 */
const GAP_MEDIANS = 3;
const GAP_FLOOR_US = 10_000;
/** Where no response had two events, only a silence that people would notice. */
const GAP_WITHOUT_MEDIAN_US = 1_000_000;
/** Gaps from which the median is taken: more change nothing. */
const MAX_GAPS = 200_000;

export interface StripSource {
  trialId: string;
  source: StreamStrip['source'];
  /** Characters that dots and marks of all rows may take together. */
  budget: number;
}

/** Thin and encode what was seen of a trial's connections. */
export function buildStrip(raw: RawStrip, { trialId, source, budget }: StripSource): Drawable<StreamStrip> {
  if (raw.rows.length === 0) return { known: false, detail: `${trialId} saw no connection` };
  const rows = chooseRows(raw.rows).map((row) => sortRow(row, raw.lastUs));
  const gaps = rows.flatMap((row) => row.gapsUs).slice(0, MAX_GAPS);
  const medianGapUs = median(gaps) ?? null;
  const gapUs =
    medianGapUs === null ? GAP_WITHOUT_MEDIAN_US : Math.max(GAP_FLOOR_US, GAP_MEDIANS * medianGapUs);
  for (const tickUs of TICKS_US) {
    const encoded = rows.map((row) => encodeRow(row, raw.firstUs, tickUs));
    const size = encoded.reduce((sum, { dots, marks }) => sum + dots.length + marks.length, 0);
    if (size > budget && tickUs !== TICKS_US.at(-1)) continue;
    return {
      known: true,
      trialId,
      source,
      dotsAre: raw.dotsAre,
      startedAtMs: Math.floor(raw.firstUs / 1000),
      tickUs,
      spanTicks: Math.max(1, Math.ceil((raw.lastUs - raw.firstUs) / tickUs)),
      gapTicks: Math.max(1, Math.round(gapUs / tickUs)),
      medianGapUs: medianGapUs === null ? null : Math.round(medianGapUs),
      rows: encoded,
      rowsLeftOut: raw.rows.length - rows.length,
      truncated: raw.truncated,
    };
  }
  throw new Error('the last tick fits any budget');
}

/** All rows where they are few enough; else the ones that ended badly and every n-th of the others, in order. */
function chooseRows(rows: readonly RawStripRow[]): RawStripRow[] {
  if (rows.length <= MAX_ROWS) return [...rows];
  const chosen = new Set(rows.filter(endedBadly).slice(0, MAX_ROWS));
  const others = rows.filter((row) => !chosen.has(row));
  const room = MAX_ROWS - chosen.size;
  for (let i = 0; i < room; i++) chosen.add(others[Math.floor((i * others.length) / room)]!);
  return rows.filter((row) => chosen.has(row));
}

function endedBadly({ ended }: RawStripRow): boolean {
  return ended === 'server-reset' || ended === 'refused' || ended === 'client-reset';
}

interface SortedRow extends RawStripRow {
  /** Event to event of the same response. */
  gapsUs: number[];
  longestGapUs: number | null;
}

function sortRow(row: RawStripRow, lastSeenUs: number): SortedRow {
  const dotsUs = [...row.dotsUs].sort((a, b) => a - b);
  const order = row.marksUs.map((_, index) => index).sort((a, b) => row.marksUs[a]! - row.marksUs[b]!);
  const sorted = {
    ...row,
    dotsUs,
    marksUs: order.map((index) => row.marksUs[index]!),
    marks: order.map((index) => row.marks[index]!),
  };
  return { ...sorted, ...measureGaps(sorted, lastSeenUs) };
}

/**
 * Silences inside responses, up to the end of what was seen where the last one is still open. Rows without requests,
 * from an events file, are one response from first to last event.
 */
function measureGaps(row: RawStripRow, lastSeenUs: number): Pick<SortedRow, 'gapsUs' | 'longestGapUs'> {
  const asked = row.marks.includes('request');
  const gapsUs: number[] = [];
  let longestGapUs: number | null = null;
  let open = !asked;
  let beforeUs = Number.NaN;
  let beforeIsEvent = false;
  const pass = (timeUs: number, isEvent: boolean): void => {
    if (open && !Number.isNaN(beforeUs)) {
      longestGapUs = Math.max(longestGapUs ?? 0, Math.round(timeUs - beforeUs));
      if (isEvent && beforeIsEvent) gapsUs.push(timeUs - beforeUs);
    }
    beforeUs = timeUs;
    beforeIsEvent = isEvent;
  };
  const passMark = (index: number): void => {
    const what = row.marks[index]!;
    if (what === 'connect' || what === 'first-byte') return;
    if (what === 'request') {
      beforeUs = Number.NaN;
      open = true;
      pass(row.marksUs[index]!, false);
    } else {
      pass(row.marksUs[index]!, false);
      open = !asked;
    }
  };
  let mark = 0;
  for (const dotUs of row.dotsUs) {
    while (mark < row.marks.length && precedes(row, mark, dotUs)) passMark(mark++);
    pass(dotUs, true);
  }
  while (mark < row.marks.length) passMark(mark++);
  if (asked && open) pass(lastSeenUs, false);
  return { gapsUs, longestGapUs };
}

/** In one and the same segment a response ends after its last event. */
function precedes({ marks, marksUs }: RawStripRow, index: number, dotUs: number): boolean {
  return marksUs[index]! < dotUs || (marksUs[index] === dotUs && marks[index] === 'request');
}

function encodeRow(row: SortedRow, firstUs: number, tickUs: number): StripRow {
  const toTick = (us: number): number => Math.max(0, Math.floor((us - firstUs) / tickUs));
  const dots: number[] = [];
  for (const us of row.dotsUs) {
    const tick = toTick(us);
    if (dots.at(-1) !== tick) dots.push(tick);
  }
  return {
    label: row.label,
    ...(row.packet === undefined ? {} : { packet: row.packet }),
    requests: row.marks.filter((what) => what === 'request').length,
    events: row.dotsUs.length,
    longestGapUs: row.longestGapUs,
    ended: row.ended,
    dots: encodeTicks(dots),
    marks: encodeMarks({
      ticks: row.marksUs.map(toTick),
      marks: row.marks.map((what) => STRIP_MARKS.indexOf(what)),
    }),
  };
}
