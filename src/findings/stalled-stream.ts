import { known, type Reading, readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatDuration } from '../model/units.ts';
import { countReading, isLoss, judgeLoss } from './stream-loss.ts';

/** Streams fall silent for longer than the scenario allows, with room in the client's window, and stay so. */
export const stalledStream: Rule = {
  code: 'stalled-stream',
  needs: ["a count of silent streams by the wire, the tool or the target's counters"],
  evaluate(evidence) {
    const { wire, outcomes, truth, arm } = evidence;
    return judgeLoss(
      [
        { who: 'the wire', count: silentOnWire(evidence), of: wire?.requests_sent },
        {
          who: 'the target',
          count: countReading(truth?.streamsStalled, 'stalls'),
          of: countReading(truth?.requests, 'requests'),
        },
        { who: 'the tool', count: outcomes.stalled, of: outcomes.attempted },
      ],
      {
        happened: `silent for more than ${formatDuration(arm.timeoutMs)}`,
        sentence: (share, who) =>
          `${share} of the streams fell silent and stayed so, by the count of ${who}: more than ${formatDuration(arm.timeoutMs)} without an event.`,
      },
    );
  },
};

/**
 * A silence that was still going on at its connection's end. The capture may be too short to show one: then it is no
 * witness at all, since it would vouch for streams that it did not see long enough. Nor is it where it does not show that
 * the silent responses were unfinished: an idle connection is silent too.
 */
function silentOnWire({ trace, arm, trials, wire }: ArmEvidence): Reading | undefined {
  const trial = trials.find(({ kind }) => kind === 'evidence');
  const requests = readingValue(wire?.requests_sent);
  if (!trace || !trial || requests === undefined || trial.durationMs <= arm.timeoutMs) return undefined;
  // A tool gives a stream up a little before or after its timeout by the clock of the wire.
  const leastUs = 0.95 * arm.timeoutMs * 1000;
  const silent = trace.unfinished.filter(({ silenceUs, windowOpen }) => windowOpen && silenceUs >= leastUs);
  const proven = silent.filter(({ found }) => found === 'open').length;
  // What is proved is enough for a finding, or it and all that is not are too few for one.
  const canTell = isLoss(proven, requests) || !isLoss(silent.length, requests);
  return canTell ? known(proven) : undefined;
}
