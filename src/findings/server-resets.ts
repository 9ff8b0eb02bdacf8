import type { Rule } from '../model/finding.ts';
import { countReading, judgeLoss } from './stream-loss.ts';

/** The server aborts connections by RST instead of ending its responses. */
export const serverResets: Rule = {
  code: 'server-resets',
  needs: ["a count of resets by the wire, the tool or the target's counters"],
  evaluate({ wire, outcomes, truth }) {
    return judgeLoss(
      [
        { who: 'the wire', count: wire?.rst_by_server, of: wire?.requests_sent },
        {
          who: 'the target',
          count: countReading(truth?.streamsReset, 'resets'),
          of: countReading(truth?.requests, 'requests'),
        },
        { who: 'the tool', count: outcomes.reset, of: outcomes.attempted },
      ],
      {
        happened: 'reset by the server',
        sentence: (share, who) => `The server reset ${share} of the streams, by the count of ${who}.`,
      },
    );
  },
};
