import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { countReading, judgeLoss } from './stream-loss.ts';

/** Connections are refused: nobody listens, or no longer. */
export const refused: Rule = {
  code: 'refused',
  needs: ['a count of refused connections by the wire or the tool'],
  evaluate(evidence) {
    const { wire, outcomes } = evidence;
    const verdict = judgeLoss(
      [
        { who: 'the wire', count: wire?.refused, of: countReading(connectsOnWire(evidence), 'connects') },
        { who: 'the tool', count: outcomes.refused, of: outcomes.attempted },
      ],
      {
        happened: 'refused',
        sentence: (share, who) => `${share} of the connections were refused, by the count of ${who}.`,
      },
    );
    if (verdict.outcome !== 'found') return verdict;
    return { ...verdict, because: [...verdict.because, ...deaths(evidence)] };
  },
};

function connectsOnWire({ wire }: ArmEvidence): number | undefined {
  const opened = readingValue(wire?.connections_opened);
  const turnedAway = readingValue(wire?.refused);
  // A refused connect is a SYN as well; whether it is among those opened depends on what the capture began with.
  return opened === undefined || turnedAway === undefined ? undefined : Math.max(opened, turnedAway);
}

function deaths({ trials }: ArmEvidence): string[] {
  return trials.flatMap(({ trialId, target }) =>
    target?.died
      ? [
          `in ${trialId} the target ended ${target.died.signal ? `by ${target.died.signal}` : `with exit code ${target.died.code}`}`,
        ]
      : [],
  );
}
