/**
 * Times on a strip as text: whole ticks that never fall, each written as the difference to the one before in groups of
 * seven bits (LEB128), all of it in base64. A thousand streams of ten events a second take a byte or two per event.
 */

/** @param ticks whole, from 0, not falling */
export function encodeTicks(ticks: readonly number[]): string {
  const bytes: number[] = [];
  let before = 0;
  for (const tick of ticks) {
    pushVarint(bytes, tick - before);
    before = tick;
  }
  return toBase64(bytes);
}

/** @throws RangeError when the text ends inside a number */
export function decodeTicks(text: string): Float64Array {
  const bytes = fromBase64(text);
  const ticks = new Float64Array(countNumbers(bytes));
  let at = 0;
  let tick = 0;
  for (let i = 0; i < ticks.length; i++) {
    let scale = 1;
    let byte: number;
    do {
      byte = bytes.charCodeAt(at++);
      tick += (byte & 0x7f) * scale;
      scale *= 128;
    } while (byte >= 0x80);
    ticks[i] = tick;
  }
  return ticks;
}

/** Marks as pairs in one list: tick, then the number of the mark. */
export interface TickMarks {
  ticks: number[];
  marks: number[];
}

/** @param marks numbers below 16, one for each tick */
export function encodeMarks({ ticks, marks }: TickMarks): string {
  const bytes: number[] = [];
  let before = 0;
  for (let i = 0; i < ticks.length; i++) {
    pushVarint(bytes, (ticks[i]! - before) * 16 + marks[i]!);
    before = ticks[i]!;
  }
  return toBase64(bytes);
}

/** @throws RangeError when the text ends inside a number */
export function decodeMarks(text: string): TickMarks {
  const sums = decodeTicks(text);
  const ticks: number[] = [];
  const marks: number[] = [];
  let before = 0;
  let tick = 0;
  for (const sum of sums) {
    const value = sum - before;
    before = sum;
    tick += Math.floor(value / 16);
    ticks.push(tick);
    marks.push(value % 16);
  }
  return { ticks, marks };
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

function countNumbers(bytes: string): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes.charCodeAt(i) < 0x80) count++;
  if (bytes.length > 0 && bytes.charCodeAt(bytes.length - 1) >= 0x80) {
    throw new RangeError('the list of ticks ends inside a number');
  }
  return count;
}

/** `btoa` and `atob` because browsers and Node have them both. */
function toBase64(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.slice(at, at + 8192));
  }
  return btoa(text);
}

function fromBase64(text: string): string {
  return atob(text);
}
