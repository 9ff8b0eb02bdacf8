import { known, type Reading, readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatDuration } from '../model/units.ts';
import { formatUs } from '../stats/format-figure.ts';
import { judgeLoss } from './stream-loss.ts';

/** Requests are taken and no byte ever comes back. */
export const neverAnswered: Rule = {
  code: 'never-answered',
  needs: ['a count of requests without an answer by the wire or the tool'],
  evaluate(evidence) {
    const { wire, outcomes, arm, trace } = evidence;
    const verdict = judgeLoss(
      [
        { who: 'the wire', count: unansweredInTime(evidence), of: wire?.requests_sent },
        { who: 'the tool', count: outcomes['no-headers'], of: outcomes.attempted },
      ],
      {
        happened: 'without an answer',
        sentence: (share, who) =>
          `${share} of the requests got no answer within ${formatDuration(arm.timeoutMs)}, by the count of ${who}.`,
      },
    );
    if (verdict.outcome !== 'found') return verdict;
    const longest = Math.max(0, ...(trace?.unanswered.map(({ waitUs }) => waitUs) ?? []));
    return {
      ...verdict,
      because: [
        ...verdict.because,
        ...(longest === 0 ? [] : [`the longest wait without an answer was ${formatUs(longest)}`]),
      ],
    };
  },
};

/**
 * Share of the timeout that a request must have waited in vain. Unit: ratio 0..1. Reason: a tool gives up a little before or
 * after its timeout by the clock of the wire, and a tenth is far from that. Doubt: none where answers are quick; where they
 * take nearly as long as the timeout, only a longer wait than that of any answer tells.
 */
const WHOLE_TIMEOUT = 0.9;

/**
 * Requests without an answer that had waited for the whole timeout, and longer than any that was answered: those that are
 * open when a run ends have waited for less. Undefined without a capture.
 */
export function unansweredInTime({ wire, trace, arm }: ArmEvidence): Reading | undefined {
  if (!trace || readingValue(wire?.unanswered_requests) === undefined) return undefined;
  const timeoutUs = arm.timeoutMs * 1000;
  const answeredUs = readingValue(wire?.wire_ttfb_us_max) ?? 0;
  // An answer that came later than the timeout is none in time and says nothing of the others.
  const inTimeUs = answeredUs >= timeoutUs ? 0 : answeredUs;
  const leastUs = Math.max(WHOLE_TIMEOUT * timeoutUs, inTimeUs);
  return known(trace.unanswered.filter(({ waitUs }) => waitUs >= leastUs).length);
}
