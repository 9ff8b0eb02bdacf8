import { type Reading, readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { countReading, judgeLoss } from './stream-loss.ts';

/** The server closes connections in the middle of a response. */
export const serverClosesEarly: Rule = {
  code: 'server-closes-early',
  needs: ["a count of unfinished responses by the wire, the tool or the target's counters"],
  evaluate({ wire, outcomes, truth }) {
    return judgeLoss(
      [
        { who: 'the wire', count: closedByFin(wire), of: wire?.requests_sent },
        {
          who: 'the target',
          count: countReading(truth?.streamsClosedEarly, 'early ends'),
          of: countReading(truth?.requests, 'requests'),
        },
        { who: 'the tool', count: outcomes['closed-early'], of: outcomes.attempted },
      ],
      {
        happened: 'closed by the server before they were complete',
        sentence: (share, who) =>
          `The server closed ${share} of the streams before they were complete, by the count of ${who}.`,
      },
    );
  },
};

/** The wire counts every unfinished response; those that a reset ended belong to the rule on resets. */
function closedByFin(wire: ArmEvidence['wire']): Reading | undefined {
  const closed = wire?.server_closed_mid_response;
  if (!closed?.known) return closed;
  return { ...closed, value: Math.max(0, closed.value - (readingValue(wire?.rst_by_server) ?? 0)) };
}
