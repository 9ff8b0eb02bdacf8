import { known, type Reading, unknown } from '../../model/cell.ts';
import type { FlowTotals } from '../tcp-flow.ts';
import type { Tally } from './flow-tally.ts';
import { DECIDED_SHARE, withNote } from './reading.ts';

/** Resets this close to the last packet are the tool stopping; tools close all connections within a few ms. */
const STOPPING_US = 100_000;

/** What a count of connections leaves out, or undefined. */
export function describeAttempts(tally: Tally, totals: FlowTotals): string | undefined {
  const notes: string[] = [];
  if (totals.flows !== tally.opened) notes.push(`of ${totals.flows} attempts`);
  if (totals.flowsWithoutSyn > 0) {
    notes.push(`${totals.flowsWithoutSyn} connections from before the capture are left out`);
  }
  return notes.length > 0 ? notes.join('; ') : undefined;
}

/** Resets by clients, with a note of those that end the trial. */
export function readClientResets(tally: Tally, totals: FlowTotals): Reading {
  const resets = tally.rstByClientUs;
  const atEnd = resets.filter((us) => totals.lastUs - us <= STOPPING_US).length;
  const note = `${atEnd} within the last ${STOPPING_US / 1000} ms of the capture: the tool stopping`;
  return withNote(resets.length, atEnd > 0 ? note : undefined);
}

/** Closes by the server inside a response. */
export function readServerClosed(tally: Tally): Reading {
  const { complete, open, undecidable } = tally.serverClosed;
  const closes = complete + open + undecidable;
  if (closes - undecidable < DECIDED_SHARE * closes) {
    const detail = `at ${undecidable} of ${closes} closes by the server the end of the last response was not captured`;
    return unknown('not-observable', detail);
  }
  return withNote(open, undecidable > 0 ? `undecided for ${undecidable} of ${closes} closes` : undefined);
}

/** Responses with a status from 400 on. */
export function readHttpErrors(tally: Tally): Reading {
  if (tally.responses === 0) return unknown('no-samples', 'no request was answered');
  if (tally.statusesRead < DECIDED_SHARE * tally.responses) {
    const missing = tally.responses - tally.statusesRead;
    return unknown(
      'not-observable',
      `the status of ${missing} of ${tally.responses} responses was not captured`,
    );
  }
  return withNote(tally.httpErrors, `of ${tally.statusesRead} responses`);
}

/** Events in a segment, over those in which one begins. */
export function readEventsPerSegment(tally: Tally): Reading {
  if (tally.responseSegments === 0) return unknown('no-samples', 'no request was answered');
  if (tally.wholeSegments < DECIDED_SHARE * tally.responseSegments) {
    const cut = tally.responseSegments - tally.wholeSegments;
    return unknown(
      'not-observable',
      `${cut} of ${tally.responseSegments} response segments were captured in part`,
    );
  }
  if (tally.eventSegments === 0) return unknown('no-samples', 'no response held an event');
  return known(tally.events / tally.eventSegments, {
    note: `over the ${tally.eventSegments} segments in which an event begins`,
  });
}

/** Bytes of the first request in base64; `request` is those bytes or why there are none. */
export function readRequest(tally: Tally, request: Buffer | string): Reading<string> {
  if (typeof request !== 'string') return known(request.toString('base64'));
  return unknown(tally.requests === 0 ? 'no-samples' : 'not-observable', request);
}
