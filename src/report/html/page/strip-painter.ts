import type { DrawnRow } from './strip-rows.ts';

/** Which ticks fill the width. */
export interface StripView {
  from: number;
  to: number;
}

export interface StripColours {
  ground: number;
  open: number;
  wait: number;
  gap: number;
  dot: number;
  end: number;
  close: number;
  reset: number;
}

/**
 * Paint rows into pixels. Straight into memory, because a canvas takes microseconds per rectangle and a minute of a
 * thousand streams has hundreds of thousands of events.
 *
 * @param pixels width x height, as the bytes of an image
 * @param top device pixels that are scrolled away above
 * @param rowHeight device pixels, at least 1; rows of 4 and more have a free line below them
 */
export function paintStrip(
  pixels: Uint32Array,
  width: number,
  height: number,
  rows: readonly DrawnRow[],
  view: StripView,
  top: number,
  rowHeight: number,
  colours: StripColours,
): void {
  pixels.fill(colours.ground);
  const scale = width / (view.to - view.from);
  const first = Math.max(0, Math.floor(top / rowHeight));
  const last = Math.min(rows.length - 1, Math.floor((top + height - 1) / rowHeight));
  const body = rowHeight >= 4 ? rowHeight - 1 : rowHeight;
  const dotWidth = rowHeight >= 8 ? 2 : 1;

  function fill(x0: number, x1: number, y0: number, y1: number, colour: number): void {
    const from = Math.max(0, x0);
    const to = Math.min(width, x1);
    if (from >= to) return;
    const bottom = Math.min(height, y1);
    for (let y = Math.max(0, y0); y < bottom; y++) {
      const start = y * width;
      // A call for each of the few pixels of a dot would take longer than writing them.
      if (to - from > 8) pixels.fill(colour, start + from, start + to);
      else for (let x = from; x < to; x++) pixels[start + x] = colour;
    }
  }

  function spans(pairs: readonly number[], y0: number, y1: number, colour: number): void {
    for (let i = 0; i < pairs.length; i += 2) {
      const from = pairs[i]!;
      const to = pairs[i + 1]!;
      if (to < view.from || from > view.to) continue;
      const x0 = Math.round((from - view.from) * scale);
      fill(x0, Math.max(x0 + 1, Math.round((to - view.from) * scale)), y0, y1, colour);
    }
  }

  function points(ticks: ArrayLike<number>, y0: number, y1: number, colour: number, wide: number): void {
    let before = -1;
    for (let i = firstFrom(ticks, view.from); i < ticks.length && ticks[i]! <= view.to; i++) {
      const x = Math.floor((ticks[i]! - view.from) * scale);
      if (x === before) continue;
      before = x;
      fill(x, x + wide, y0, y1, colour);
    }
  }

  for (let index = first; index <= last; index++) {
    const row = rows[index]!;
    const y0 = index * rowHeight - top;
    const y1 = y0 + body;
    const inset = body >= 6 ? Math.floor(body / 4) : 0;
    spans(row.open, y0, y1, colours.open);
    spans(row.wait, y0, y1, colours.wait);
    spans(row.gaps, y0, y1, colours.gap);
    points(row.dots, y0 + inset, y1 - inset, colours.dot, dotWidth);
    points(row.ends, y0, y1, colours.end, 1);
    points(row.closes, y0, y1, colours.close, 3);
    points(row.resets, y0, y1, colours.reset, 4);
  }
}

/** Index of the first tick that is not before `from`. */
function firstFrom(ticks: ArrayLike<number>, from: number): number {
  let low = 0;
  let high = ticks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ticks[middle]! < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Between two pixels: 0 is the first, 1 the second. */
export function mixColours(first: number, second: number, share: number): number {
  let mixed = 0xff000000;
  for (const shift of [0, 8, 16]) {
    const from = (first >>> shift) & 0xff;
    const to = (second >>> shift) & 0xff;
    mixed |= Math.round(from + (to - from) * share) << shift;
  }
  return mixed >>> 0;
}

/** `#1d4fa3` as one pixel in the byte order of images on little-endian machines, which is every one with a browser. */
export function packColour(hex: string): number {
  const value = Number.parseInt(hex.replace('#', ''), 16);
  return (0xff000000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}
