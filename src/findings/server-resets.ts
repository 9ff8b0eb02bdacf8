import type { Rule } from '../model/finding.ts';
import { countReading, judgeLoss } from './stream-loss.ts';

/**
 * The server aborts connections by RST instead of ending its responses.
 *
 * Rare ones are believed of those who tell a reset stream from one that the end of the measurement cut: the target that
 * resets, and ssee-tester. On the wire each connection may be one that the end broke.
 */
export const serverResets: Rule = {
  code: 'server-resets',
  needs: ["a count of resets by the wire, the tool or the target's counters"],
  evaluate({ arm, wire, outcomes, truth }) {
    return judgeLoss(
      [
        {
          who: 'the wire',
          count: wire?.rst_by_server,
          of: wire?.requests_sent,
          innocent: arm.connections,
        },
        {
          who: 'the target',
          count: countReading(truth?.streamsReset, 'resets'),
          of: countReading(truth?.requests, 'requests'),
          innocent: 0,
        },
        {
          who: 'the tool',
          count: outcomes.reset,
          of: outcomes.attempted,
          ...(arm.tool === 'ssee-tester' ? { innocent: 0 } : {}),
        },
      ],
      {
        happened: 'reset by the server',
        sentence: (share, who) => `The server reset ${share} of the streams, by the count of ${who}.`,
      },
    );
  },
};
