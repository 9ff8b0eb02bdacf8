import { readingValue } from '../model/cell.ts';
import type { Rule } from '../model/finding.ts';
import { formatCount, formatPercent } from '../stats/format-figure.ts';
import { judgeCpu } from './cpu-load.ts';
import { ownCounters } from './figures.ts';
import { THROTTLED } from './held-up.ts';

/**
 * Closed receive windows that show a reader that lags behind. Unit: segments. Reason: a window closes when a client is
 * behind by all of its buffer, which healthy ones never are; three are no accident. Doubt: each is repeated while it
 * lasts, so that their number says little about how many clients lag.
 */
const CLOSED_WINDOWS = 3;

/** Clients read slower than the server sends: closed windows hold the server up. */
export const slowReader: Rule = {
  code: 'slow-reader',
  needs: ['a capture of all segments', 'CPU time of the tool'],
  evaluate(evidence) {
    const { wire, process } = evidence;
    const closed = readingValue(wire?.zero_windows);
    const tool = judgeCpu(evidence, 'tool');
    if (closed === undefined || tool.saturated === undefined) {
      return {
        outcome: 'insufficient-data',
        missing: [
          ...(closed === undefined ? ['a capture of all segments'] : []),
          ...(tool.saturated === undefined ? ['CPU time of the tool'] : []),
        ],
      };
    }
    const text = `on the wire clients closed their receive windows ${formatCount(closed)} times`;
    if (closed < CLOSED_WINDOWS) return { outcome: 'clear', because: [text] };
    const throttled = process.toolThrottled ?? 0;
    if (tool.saturated || throttled > THROTTLED) {
      const why = tool.saturated
        ? tool.because
        : [`a CPU quota stopped it in ${formatPercent(throttled)} of its periods`];
      return { outcome: 'clear', because: ['the client has no CPU to read faster', ...why, text] };
    }
    const advertised = ownCounters(evidence)?.TCPToZeroWindowAdv;
    const transfer = readingValue(wire?.transfer_share) ?? 1;
    return {
      outcome: 'found',
      class: 'wait',
      weight: Math.max(0.01, Math.min(1, transfer)),
      sentence: `Clients read slower than the server sends: their receive windows closed ${formatCount(closed)} times although they had CPU to spare.`,
      because: [
        text,
        ...tool.because,
        ...(advertised === undefined || advertised === 0
          ? []
          : [`in the measured trials the kernel advertised ${formatCount(advertised)} closed windows`]),
      ],
      against: advertised === 0 ? ['in the measured trials the kernel advertised no closed window'] : [],
    };
  },
};
