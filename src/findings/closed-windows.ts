import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import { formatCount, formatPercent } from '../stats/format-figure.ts';

/**
 * Share of connection time with a closed receive window from which the clients set the pace. Unit: ratio 0..1. Reason: then
 * the server could not send for longer than it could. Doubt: below it the share is still taken off what else is said.
 */
const CLIENTS_PACE = 0.5;

/** How much the receive windows of clients held the server up. */
export interface ClosedWindows {
  /** Segments that advertised none. */
  count: number;
  /** Of connection time, 0..1. A figure of times, because a single closed window is repeated as long as it lasts. */
  share: number;
  /** The clients, and not the server, set the pace. */
  clientsPace: boolean;
  text: string;
}

/** Undefined without a capture of all segments. */
export function readClosedWindows({ arm, wire, trace }: ArmEvidence): ClosedWindows | undefined {
  const count = readingValue(wire?.zero_windows);
  if (count === undefined) return undefined;
  const times = trace?.closedWindows;
  const timed = times !== undefined && times.wholeUs > 0;
  // Without the times a window of every connection counts for all of them: too much is safer than too little.
  const share = timed ? Math.min(1, times.closedUs / times.wholeUs) : Math.min(1, count / arm.connections);
  return {
    count,
    share,
    clientsPace: timed ? share >= CLIENTS_PACE : count >= arm.connections,
    text: `the clients closed their receive windows ${formatCount(count)} times${timed ? `, for ${formatPercent(share)} of connection time` : ''}`,
  };
}
