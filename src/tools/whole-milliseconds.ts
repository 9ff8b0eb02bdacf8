import { known, type Reading, unknown } from '../model/cell.ts';

/**
 * Below it a figure in whole milliseconds is not published. Unit: ms. Reason: it may be wrong by one, more than a tenth
 * of the value. Doubt: the tenth is a choice; at 0, which tools print for 0.9 ms, the figure is plainly false.
 */
const COARSE_BELOW_MS = 10;

/** A latency that a tool knows in whole milliseconds only, as microseconds. */
export function readWholeMs(tool: string, ms: number | undefined): Reading {
  if (ms === undefined) return unknown('not-collected', `the report of ${tool} lacks it`);
  if (ms < COARSE_BELOW_MS) {
    return unknown(
      'not-observable',
      `${tool} keeps whole milliseconds, too coarse below ${COARSE_BELOW_MS} ms`,
    );
  }
  return known(Math.round(ms) * 1000, { note: 'in whole milliseconds' });
}
