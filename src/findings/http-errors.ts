import type { Rule } from '../model/finding.ts';
import { judgeLoss } from './stream-loss.ts';

/** The server answers with error statuses: whatever is fast about it is not the stream that was asked for. */
export const httpErrors: Rule = {
  code: 'http-errors',
  needs: ['statuses on the wire or by the tool'],
  evaluate({ wire, outcomes }) {
    return judgeLoss(
      [
        { who: 'the wire', count: wire?.http_errors, of: wire?.requests_sent },
        { who: 'the tool', count: outcomes['http-error'], of: outcomes.attempted },
      ],
      {
        happened: 'answered with an error status',
        sentence: (share, who) =>
          `${share} of the requests were answered with an error status, by the count of ${who}.`,
      },
    );
  },
};
