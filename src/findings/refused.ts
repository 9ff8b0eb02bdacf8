import { known, type Reading, readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { toolErrors } from './figures.ts';
import { countReading, judgeLoss } from './stream-loss.ts';

/** Connections are refused: nobody listens, or no longer. */
export const refused: Rule = {
  code: 'refused',
  needs: ['a count of refused connections by the wire or the tool'],
  evaluate(evidence) {
    const { wire, outcomes } = evidence;
    const turnedAway = withoutTimeouts(evidence);
    const verdict = judgeLoss(
      [
        { who: 'the wire', count: wire?.refused, of: countReading(connectsOnWire(evidence), 'connects') },
        { who: 'the tool', count: turnedAway, of: outcomes.attempted },
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

/**
 * Connections that the tool saw turned away. `refused` counts all that were not established; those that nobody
 * answered in time, and those that the client could not even try, were not refused by anybody.
 */
function withoutTimeouts({ outcomes, metrics, trials }: ArmEvidence): Reading {
  const attempted = readingValue(outcomes.attempted);
  const timedOut = readingValue(metrics.timeout_rate_connect) ?? 0;
  const ownFailures = toolErrors(trials, OWN_FAILURES);
  if (!outcomes.refused.known || attempted === undefined) return outcomes.refused;
  return known(Math.max(0, outcomes.refused.value - Math.round(timedOut * attempted) - ownFailures));
}

/** Connects that failed at the client itself: no port, no descriptor left. */
const OWN_FAILURES = ['EADDRNOTAVAIL', 'EMFILE', 'ENFILE'];

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
