import { STRIP_MARKS, type StreamStrip, type StripRow } from '../../../model/report-data.ts';
import { decodeMarks, decodeTicks } from '../../data/tick-codec.ts';

const MARK = Object.fromEntries(STRIP_MARKS.map((name, index) => [name, index])) as Record<
  (typeof STRIP_MARKS)[number],
  number
>;

/** One row as spans and points in ticks, ready to be drawn. */
export interface DrawnRow {
  row: StripRow;
  /** Pairs from, to: a response was open. */
  open: number[];
  /** Pairs: the request was sent and nothing had come. */
  wait: number[];
  /** Pairs: silence within an open response that was longer than `gapTicks`. */
  gaps: number[];
  dots: Float64Array;
  ends: number[];
  /** Closed in the ordinary way; reset or refused. */
  closes: number[];
  resets: number[];
}

/** Decode a strip. Some milliseconds for a thousand rows of a minute. */
export function readStripRows(strip: StreamStrip): DrawnRow[] {
  return strip.rows.map((row) => readRow(row, strip));
}

function readRow(row: StripRow, { gapTicks, spanTicks }: StreamStrip): DrawnRow {
  const dots = decodeTicks(row.dots);
  const { ticks, marks } = decodeMarks(row.marks);
  const drawn: DrawnRow = { row, open: [], wait: [], gaps: [], dots, ends: [], closes: [], resets: [] };
  const asked = marks.includes(MARK.request);
  let dot = 0;
  let openSince = asked ? Number.NaN : (dots[0] ?? Number.NaN);
  let waitSince = Number.NaN;
  let lastSign = openSince;
  /** Everything up to a tick has been seen: what was silent for too long is a gap. */
  const passDots = (until: number): void => {
    while (dot < dots.length && dots[dot]! <= until) {
      sign(dots[dot]!);
      dot++;
    }
  };
  const sign = (tick: number): void => {
    if (!Number.isNaN(openSince) && tick - lastSign >= gapTicks) drawn.gaps.push(lastSign, tick);
    lastSign = tick;
  };
  const endWait = (tick: number): void => {
    if (!Number.isNaN(waitSince)) drawn.wait.push(waitSince, tick);
    waitSince = Number.NaN;
  };
  const endOpen = (tick: number): void => {
    endWait(tick);
    sign(tick);
    if (!Number.isNaN(openSince)) drawn.open.push(openSince, tick);
    if (asked) openSince = Number.NaN;
  };
  for (const [index, tick] of ticks.entries()) {
    const mark = marks[index]!;
    // In one and the same tick a request comes before the events it brings.
    passDots(mark === MARK.request ? tick - 1 : tick);
    if (mark === MARK.request) {
      endOpen(tick);
      openSince = tick;
      waitSince = tick;
      lastSign = tick;
    } else if (mark === MARK['first-byte']) {
      endWait(tick);
    } else if (mark === MARK['response-end']) {
      endOpen(tick);
      drawn.ends.push(tick);
    } else if (mark !== MARK.connect) {
      endOpen(tick);
      (mark === MARK['client-fin'] || mark === MARK['server-fin'] ? drawn.closes : drawn.resets).push(tick);
    }
  }
  passDots(Number.POSITIVE_INFINITY);
  if (!Number.isNaN(openSince)) endOpen(asked ? spanTicks : (dots.at(-1) ?? spanTicks));
  return drawn;
}
