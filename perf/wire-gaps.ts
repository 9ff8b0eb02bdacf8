import type { RawStrip, RawStripRow } from '../src/model/raw-strip.ts';

/** By how much the times between two events of a connection differ from those of their packets. */
export interface GapErrors {
  compared: number;
  p50Us: number;
  p99Us: number;
  maxUs: number;
}

/**
 * Event by event: connections in the order in which they were opened, their events in the order of the stream.
 * @param read when the client read each event
 * @param wire when the packet with each event was seen
 * @throws Error when they are not the same events: then there is nothing to compare
 */
export function compareGaps(read: RawStrip, wire: RawStrip): GapErrors {
  if (read.rows.length !== wire.rows.length) {
    throw new Error(`events on ${read.rows.length} connections against ${wire.rows.length} in the capture`);
  }
  const opened = wire.rows.toSorted((a, b) => (a.packet ?? 0) - (b.packet ?? 0));
  const errorsUs: number[] = [];
  for (const [index, { label, dotsUs: readUs }] of read.rows.entries()) {
    const wireUs = opened[index]!.dotsUs;
    if (readUs.length !== wireUs.length) {
      throw new Error(`${label} has ${readUs.length} events, ${wireUs.length} segments with events`);
    }
    for (let i = 1; i < readUs.length; i++) {
      errorsUs.push(Math.abs(readUs[i]! - readUs[i - 1]! - (wireUs[i]! - wireUs[i - 1]!)));
    }
  }
  if (errorsUs.length === 0) throw new Error('no two events on any connection');
  errorsUs.sort((a, b) => a - b);
  return {
    compared: errorsUs.length,
    p50Us: quantileOf(errorsUs, 0.5),
    p99Us: quantileOf(errorsUs, 0.99),
    maxUs: errorsUs.at(-1)!,
  };
}

/**
 * Times between two events of one stream, in microseconds. A dot is a segment in which events begin, and a segment may
 * hold several: only where each stream has as many dots as events is the time between two dots that between two events.
 *
 * @param eventsPerStream every stream has as many, except the last of its connection, which the end of the run may cut off
 * @throws Error when another stream has fewer dots or more, when dots belong to no request, and when there is no gap
 */
export function gapsWithinStreams(wire: RawStrip, eventsPerStream: number): { p50: number; p99: number } {
  const gapsUs: number[] = [];
  for (const row of wire.rows) {
    const streams = splitIntoStreams(row);
    for (const [index, dotsUs] of streams.entries()) {
      const isCut = index === streams.length - 1 && dotsUs.length < eventsPerStream;
      if (dotsUs.length !== eventsPerStream && !isCut) {
        throw new Error(
          `stream ${index + 1} of ${row.label} has ${dotsUs.length} segments with events, not ${eventsPerStream}`,
        );
      }
      for (let i = 1; i < dotsUs.length; i++) gapsUs.push(dotsUs[i]! - dotsUs[i - 1]!);
    }
  }
  if (gapsUs.length === 0) throw new Error('no two events in any stream');
  gapsUs.sort((a, b) => a - b);
  return { p50: quantileOf(gapsUs, 0.5), p99: quantileOf(gapsUs, 0.99) };
}

/** Dots by the request before them, in the order of time. */
function splitIntoStreams({ label, dotsUs, marksUs, marks }: RawStripRow): number[][] {
  const requestsUs = marksUs.filter((_, i) => marks[i] === 'request').sort((a, b) => a - b);
  const streams = requestsUs.map((): number[] => []);
  let current = -1;
  for (const us of dotsUs.toSorted((a, b) => a - b)) {
    while (current + 1 < requestsUs.length && requestsUs[current + 1]! <= us) current++;
    if (current === -1) throw new Error(`${label} has events before any request`);
    streams[current]!.push(us);
  }
  return streams;
}

function quantileOf(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}
