import type { Behaviour } from '../model/calibration.ts';
import type { TargetCounters } from '../model/evidence.ts';
import { formatCount } from '../stats/format-figure.ts';

/**
 * Ratio by which two counts may differ beside one stream per connection, which may be on its way when either is taken.
 * Reason: agreement within 1 % is what every comparison promises. Doubt: at few streams the connections decide.
 */
const COUNT_TOLERANCE = 0.01;

/**
 * Share of the delay that a tool must show at least. Reason: timers fire late and not early, so anything short of it
 * was not measured from the request to the first byte; a tenth is for clocks of whole milliseconds.
 */
export const FIRST_BYTE_SHARE = 0.9;

export function isSameCount(said: number, counted: number, connections: number): boolean {
  return Math.abs(said - counted) <= connections + COUNT_TOLERANCE * Math.max(said, counted);
}

/** What the server did, with its own count where it has one. Completes a sentence. */
export function describeTruth(behaviour: Behaviour, truth: TargetCounters | undefined): string {
  const count = truth && countOf(behaviour, truth);
  if (count === undefined) return `every stream ${behaviour.does}`;
  switch (behaviour.truth[0]) {
    case 'completed':
      return `the server completed ${formatCount(count)}`;
    case 'held':
      return `the server ended none, and sent ${formatCount(count)} events`;
    case 'http-error':
      return `the server answered ${formatCount(count)} with an error status`;
    default:
      return `the server completed none, ${formatCount(count)} it ${PAST[behaviour.truth[0]] ?? 'broke'}`;
  }
}

const PAST: Partial<Record<Behaviour['truth'][0], string>> = {
  stalled: 'let stall',
  'no-headers': 'left unanswered',
  'closed-early': 'closed early',
  reset: 'reset',
};

function countOf({ truth: [outcome] }: Behaviour, counters: TargetCounters): number | undefined {
  switch (outcome) {
    case 'completed':
      return counters.streamsCompleted;
    case 'held':
      return counters.events;
    case 'http-error':
      return counters.requests;
    case 'closed-early':
      return counters.streamsClosedEarly;
    case 'reset':
      return counters.streamsReset;
    case 'stalled':
    case 'no-headers':
      return counters.streamsStalled;
    default:
      return undefined;
  }
}
