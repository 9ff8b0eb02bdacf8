import { performance } from 'node:perf_hooks';

export const COMMENT = ': hb\n\n';

const PAD_OPEN = ',"pad":"';
const PAD_CLOSE = '"';

/** One event whose data is exactly `sizeBytes` long, or as long as it must be if that is more. ASCII only. */
export function formatEvent(seq: number, tsUs: number, sizeBytes: number): string {
  return `id: ${seq}\ndata: ${formatData(seq, tsUs, sizeBytes)}\n\n`;
}

export function formatData(seq: number, tsUs: number, sizeBytes: number): string {
  const members = `{"seq":${seq},"ts":${tsUs}`;
  const missing = sizeBytes - members.length - 1;
  if (missing <= 0) return `${members}}`;
  const room = missing - PAD_OPEN.length - PAD_CLOSE.length;
  // Too little room for a member: JSON allows spaces.
  if (room < 0) return `${members}${' '.repeat(missing)}}`;
  return `${members}${PAD_OPEN}${'x'.repeat(room)}${PAD_CLOSE}}`;
}

/** Wall clock in microseconds; Date.now() has only milliseconds. */
export function wallClockUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}
