import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatPercent, formatUs } from '../stats/format-figure.ts';
import { cpuDoubts, describeSpareCpu } from './cpu-load.ts';
import { describeHolds, describeQuota, quotaPart } from './held-up.ts';

/**
 * Share of connection time between first byte and first event from which the first event sets the pace. Unit: ratio 0..1.
 * Reason: below a half more time passes elsewhere. Doubt: near the limit two causes share the time.
 */
const MOSTLY_FIRST = 0.5;

/** Shortest delay that is no accident of scheduling. Unit: us. Reason: as for slow handlers. Doubt: the same. */
const LEAST_DELAY_US = 3000;

/**
 * Of streams without an end: the first event's delay / the usual gap between events, from which it is late. Unit: factor.
 * Reason: a stream that is joined between two events waits for one gap at most. Doubt: irregular streams wait longer.
 */
const LATE = 3;

/** The response begins at once, its first event comes late. */
export const slowFirstEvent: Rule = {
  code: 'slow-first-event',
  needs: ['a capture that shows heads and first events', 'CPU shares of tool and target'],
  evaluate(evidence) {
    const { wire, process, arm } = evidence;
    const share = readingValue(wire?.first_event_share);
    const delayUs = firstEventDelayUs(evidence);
    const holds = describeHolds(evidence);
    if (share === undefined || delayUs === undefined || holds === undefined) {
      return {
        outcome: 'insufficient-data',
        missing: [
          ...(share === undefined || delayUs === undefined
            ? ['a capture that shows heads and first events']
            : []),
          ...(holds === undefined ? ['CPU shares of tool and target'] : []),
        ],
      };
    }
    const text = `the first event comes ${formatUs(delayUs)} after the first byte (median), ${formatPercent(share)} of connection time`;
    if (holds.length > 0) return { outcome: 'clear', because: [...holds, text] };
    const gapUs = readingValue(evidence.metrics.gap_us_p50);
    const late =
      arm.stream === 'endless' ? gapUs !== undefined && delayUs > LATE * gapUs : share >= MOSTLY_FIRST;
    if (!late || delayUs < LEAST_DELAY_US) return { outcome: 'clear', because: [text] };
    const lateShare = Math.max(share, arm.stream === 'endless' ? 1 - (gapUs ?? 0) / delayUs : 0);
    const left = Math.min(1, lateShare) - quotaPart(evidence);
    if (left <= 0) return { outcome: 'clear', because: [...describeQuota(evidence), text] };
    return {
      outcome: 'found',
      class: 'wait',
      weight: left,
      sentence: `Responses begin at once, but their first event comes ${formatUs(delayUs)} later: time to first byte hides it.`,
      because: [text, describeSpareCpu(process)],
      against: [...describeQuota(evidence), ...cpuDoubts(process)],
    };
  },
};

function firstEventDelayUs({ wire }: ArmEvidence): number | undefined {
  const byteUs = readingValue(wire?.wire_ttfb_us_p50);
  const eventUs = readingValue(wire?.wire_ttfe_us_p50);
  return byteUs === undefined || eventUs === undefined ? undefined : Math.max(0, eventUs - byteUs);
}
