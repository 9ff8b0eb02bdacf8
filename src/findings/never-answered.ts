import { known, readingValue } from '../model/cell.ts';
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
    const { wire, outcomes, arm } = evidence;
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
    const longest = readingValue(wire?.longest_wait_us);
    return {
      ...verdict,
      because: [
        ...verdict.because,
        ...(longest === undefined ? [] : [`the longest wait on the wire was ${formatUs(longest)}`]),
      ],
    };
  },
};

/** Requests still open when a run ends are normal; those that had waited for the whole timeout are not. */
function unansweredInTime({ wire, arm }: ArmEvidence): ReturnType<typeof known<number>> | undefined {
  const unanswered = readingValue(wire?.unanswered_requests);
  const longest = readingValue(wire?.longest_wait_us);
  if (unanswered === undefined || longest === undefined) return undefined;
  // A tool gives up a little before or after its timeout; a tenth is far from any ordinary wait.
  return known(longest >= 0.9 * arm.timeoutMs * 1000 ? unanswered : 0);
}
