import type { RawStrip } from '../src/model/raw-strip.ts';

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
 * Times between two events of one stream, in microseconds.
 * @param eventsPerStream every stream has as many, except those that the end of the run cut off
 * @throws Error when no stream has two
 */
export function gapsWithinStreams(wire: RawStrip, eventsPerStream: number): { p50: number; p99: number } {
  const gapsUs = wire.rows.flatMap(({ dotsUs }) =>
    dotsUs.flatMap((us, i) => (i % eventsPerStream === 0 ? [] : us - dotsUs[i - 1]!)),
  );
  if (gapsUs.length === 0) throw new Error('no two events in any stream');
  gapsUs.sort((a, b) => a - b);
  return { p50: quantileOf(gapsUs, 0.5), p99: quantileOf(gapsUs, 0.99) };
}

function quantileOf(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}
