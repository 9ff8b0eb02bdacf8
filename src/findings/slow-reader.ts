import { readingValue } from '../model/cell.ts';
import type { Rule } from '../model/finding.ts';
import { formatCount, formatPercent, formatUs } from '../stats/format-figure.ts';
import { readClosedWindows } from './closed-windows.ts';
import { judgeCpu } from './cpu-load.ts';
import { ownCounters } from './figures.ts';
import { THROTTLED } from './held-up.ts';

/**
 * Share of connection time with a closed window from which clients lag behind. Unit: ratio 0..1. Reason: a quick reader of
 * events larger than its buffer closes it for moments. Doubt: chosen between the two; the weight grows with the share.
 */
const LAGGING = 0.05;

/** Clients read slower than the server sends: closed windows hold the server up. */
export const slowReader: Rule = {
  code: 'slow-reader',
  needs: ['a capture of all segments', 'CPU time of the tool'],
  evaluate(evidence) {
    const { metrics, process } = evidence;
    const closed = readClosedWindows(evidence);
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
    const text = `on the wire ${closed.text}`;
    if (closed.share < LAGGING) return { outcome: 'clear', because: [text] };
    const lagUs = readingValue(metrics.delivery_lag_us_p99);
    const gapUs = readingValue(metrics.gap_us_p50);
    if (lagUs !== undefined && gapUs !== undefined && lagUs < gapUs) {
      return {
        outcome: 'clear',
        because: [
          `events are ${formatUs(lagUs)} old when they arrive (p99), less than the ${formatUs(gapUs)} between two: clients keep up`,
          text,
        ],
      };
    }
    const throttled = process.toolThrottled ?? 0;
    if (tool.saturated || throttled > THROTTLED) {
      const why = tool.saturated
        ? tool.because
        : [`a CPU quota stopped it in ${formatPercent(throttled)} of its periods`];
      return { outcome: 'clear', because: ['the client has no CPU to read faster', ...why, text] };
    }
    const advertised = ownCounters(evidence)?.TCPToZeroWindowAdv;
    return {
      outcome: 'found',
      class: 'wait',
      weight: closed.share,
      sentence: `Clients read slower than the server sends: their receive windows closed ${formatCount(closed.count)} times although they had CPU to spare.`,
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
