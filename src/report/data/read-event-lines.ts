import type { RawStrip, RawStripRow } from '../../model/raw-strip.ts';

/**
 * Connections from the lines of `ssee-tester --events`: `{"connection": 0, "readAtUs": 1700000000123456, ...}`. Such a
 * file knows events only: neither requests nor how a connection ended. Lines that say anything else are passed over.
 */
export function readEventLines(lines: Iterable<string>): RawStrip {
  const rows = new Map<number, RawStripRow>();
  let firstUs = Number.NaN;
  let lastUs = Number.NaN;
  for (const line of lines) {
    const event = parseLine(line);
    if (!event) continue;
    const { connection, readAtUs } = event;
    let row = rows.get(connection);
    if (!row) {
      row = { label: `connection ${connection}`, dotsUs: [], marksUs: [], marks: [], ended: 'open' };
      rows.set(connection, row);
    }
    row.dotsUs.push(readAtUs);
    if (!(readAtUs >= firstUs)) firstUs = readAtUs;
    if (!(readAtUs <= lastUs)) lastUs = readAtUs;
  }
  const sorted = [...rows].sort(([a], [b]) => a - b).map(([, row]) => row);
  return { firstUs, lastUs, rows: sorted, truncated: false, dotsAre: 'events' };
}

function parseLine(line: string): { connection: number; readAtUs: number } | undefined {
  if (line === '') return undefined;
  try {
    const value = JSON.parse(line) as { connection?: unknown; readAtUs?: unknown } | null;
    const { connection, readAtUs } = value ?? {};
    return Number.isInteger(connection) && typeof readAtUs === 'number' && readAtUs > 0
      ? { connection: connection as number, readAtUs }
      : undefined;
  } catch {
    return undefined;
  }
}
