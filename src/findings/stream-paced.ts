import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatCount } from '../stats/format-figure.ts';
import { judgeCpu } from './cpu-load.ts';
import { describeHolds } from './held-up.ts';
import { judgePacedEndless } from './paced-endless.ts';
import { judgePacedFinite } from './paced-finite.ts';

/**
 * Closed receive windows per connection from which the clients set the pace. Unit: segments per connection. Reason: a
 * window closes when a client is behind by all of its receive buffer; paced streams showed none. Doubt: the capture
 * itself costs CPU and may have made the client late.
 */
const CLOSED_WINDOWS = 1;

/** The server spreads its events over time by design: no tool can get more out of these connections. */
export const streamPaced: Rule = {
  code: 'stream-paced',
  needs: [
    'CPU shares of tool and target',
    'finite streams: requests/s, duration of streams, and a capture or the time to the first byte',
    'endless streams: events/s, gaps and held streams',
  ],
  evaluate(evidence) {
    const tool = judgeCpu(evidence, 'tool');
    const target = judgeCpu(evidence, 'target');
    if (tool.saturated === undefined || target.saturated === undefined) {
      return { outcome: 'insufficient-data', missing: ['CPU shares of tool and target'] };
    }
    if (tool.saturated || target.saturated) {
      const side = target.saturated ? target : tool;
      return {
        outcome: 'clear',
        because: ['CPU is used up, so waiting cannot be told from pacing', ...side.because],
      };
    }
    const closedWindows = closedWindowsText(evidence);
    if (closedWindows !== undefined) return { outcome: 'clear', because: [closedWindows] };
    const holds = describeHolds(evidence);
    if (holds !== undefined && holds.length > 0) return { outcome: 'clear', because: holds };
    return evidence.arm.stream === 'finite' ? judgePacedFinite(evidence) : judgePacedEndless(evidence);
  },
};

/** A sentence when the clients' receive windows closed so often that the clients set the pace. */
function closedWindowsText({ arm, wire }: ArmEvidence): string | undefined {
  const closed = readingValue(wire?.zero_windows);
  if (closed === undefined || closed < CLOSED_WINDOWS * arm.connections) return undefined;
  return `the receive windows of ${arm.connections} clients closed ${formatCount(closed)} times: the clients, not the server, set the pace`;
}
