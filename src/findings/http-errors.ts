import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { judgeLoss } from './stream-loss.ts';

/** The server answers something else: whatever is fast about it is not the stream that was asked for. */
export const httpErrors: Rule = {
  code: 'http-errors',
  needs: ['statuses on the wire or by the tool'],
  evaluate({ wire, outcomes, trials }) {
    const byTool = { who: 'the tool', count: outcomes['http-error'], of: outcomes.attempted };
    const other = findOtherAnswers(trials);
    // Among the errors are then answers with a good status, of which the wire's count of statuses says nothing.
    if (other && (readingValue(outcomes['http-error']) ?? 0) > 0) {
      const first = other.first === undefined ? '' : `; the first answer of another kind had ${other.first}`;
      return judgeLoss([byTool], {
        happened: 'not answered with the event stream that was asked for',
        sentence: (share, who) =>
          `${share} of the requests were not answered with the event stream that was asked for, by the count of ${who}${first}.`,
      });
    }
    return judgeLoss([{ who: 'the wire', count: wire?.http_errors, of: wire?.requests_sent }, byTool], {
      happened: 'answered with an error status',
      sentence: (share, who) =>
        `${share} of the requests were answered with an error status, by the count of ${who}.`,
    });
  },
};

/** Set where the tool counts answers with a status below 400 as errors; what the first of them was, where it says. */
function findOtherAnswers(trials: ArmEvidence['trials']): { first?: string } | undefined {
  const seen = trials.filter(({ answers }) => (answers?.otherwise ?? 0) > 0);
  if (seen.length === 0) return undefined;
  const first = seen.find(({ answers }) => answers?.first !== undefined)?.answers?.first;
  return first === undefined ? {} : { first };
}
