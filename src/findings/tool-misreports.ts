import { completedByTarget, unfinishedStreams } from '../evidence/completed-by-target.ts';
import { readingValue } from '../model/cell.ts';
import type { ArmEvidence, TargetCounters, TrialEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatCount } from '../stats/format-figure.ts';

/**
 * By how much the tool's count may differ from the target's, beside one stream per connection and trial that may be on
 * its way at the end. Unit: ratio. Reason: agreement within 1 % is what the comparison promises. Doubt: none at
 * thousands of streams; below a hundred the allowance per connection rules.
 */
const TOLERANCE = 0.01;

/**
 * Bytes of one unfinished stream that may be in socket buffers when it is cut. Unit: bytes. Reason: Linux lets the
 * sender's buffer grow to 4 MiB and the receiver's to 6 or 32 MiB, of which half is payload; streams as fast as the
 * server can write left up to 8.2 MB behind on loopback. Doubt: tcp_wmem and tcp_rmem may be set higher; on slow
 * streams next to nothing is there, so a tool that loses events of endless ones stays unnoticed below it.
 */
const SOCKET_BUFFER_BYTES = 16 * 2 ** 20;

interface Mismatch {
  share: number;
  text: string;
}

/** What the tool says of its streams contradicts the target's counters or the wire. */
export const toolMisreports: Rule = {
  code: 'tool-misreports',
  needs: ["the target's counters or a capture", 'a count of the tool to hold against them'],
  evaluate({ arm, trials }) {
    const checks = trials.flatMap((trial) => [
      ...checkWithdrawn(trial),
      ...checkCompleted(trial, arm),
      ...checkEvents(trial, arm),
      ...checkResets(trial),
    ]);
    if (checks.length === 0) {
      return { outcome: 'insufficient-data', missing: ['something to hold the tool against'] };
    }
    const wrong = checks.filter((check) => check.share > 0).sort((a, b) => b.share - a.share);
    const right = checks.filter((check) => check.share === 0).map((check) => check.text);
    const worst = wrong[0];
    if (!worst) return { outcome: 'clear', because: right };
    return {
      outcome: 'found',
      class: 'hard-event',
      weight: Math.min(1, worst.share),
      sentence: `${arm.id} reports something else than what happened: ${worst.text}.`,
      because: wrong.map((check) => check.text),
      against: right,
    };
  },
};

/**
 * Events by the tool's own count, with those outside the measured window where it says how many. A reading that was
 * borrowed from the target carries a note saying so.
 */
function ownEvents({ events, extra }: TrialEvidence): number | undefined {
  if (typeof extra?.eventsTotal === 'number') return extra.eventsTotal;
  return events.known && !events.note ? events.value : undefined;
}

function checkWithdrawn({ trialId, contradiction }: TrialEvidence): Mismatch[] {
  return contradiction ? [{ share: contradiction.share, text: `in ${trialId} ${contradiction.by}` }] : [];
}

/** Plain routes answer errors as well, which a tool does not call completed. */
function checkCompleted(trial: TrialEvidence, arm: ArmEvidence['arm']): Mismatch[] {
  const completed = readingValue(trial.outcomes.completed);
  const truth = completedByTarget(trial.truth);
  if (completed === undefined || truth === undefined) return [];
  if (truth.of === 'streams') return checkCount(trial, arm, 'completed streams', completed, truth.count);
  const answered = completed + (readingValue(trial.outcomes['http-error']) ?? 0);
  return checkCount(trial, arm, 'answered requests', answered, truth.count);
}

/**
 * More events than the target wrote cannot have come. Fewer can: the target counts what its kernel took, and on a
 * stream that did not end what was still in the socket buffers is lost.
 */
function checkEvents(trial: TrialEvidence, arm: ArmEvidence['arm']): Mismatch[] {
  const said = ownEvents(trial);
  const { truth } = trial;
  if (said === undefined || truth?.events === undefined) return [];
  const inBuffers = said < truth.events ? eventsInBuffers(truth, arm) : 0;
  return inBuffers === undefined ? [] : checkCount(trial, arm, 'events', said, truth.events, inBuffers);
}

/** The most events that can be between the target's kernel and the tool; undefined where their size is not known. */
function eventsInBuffers(truth: TargetCounters, arm: ArmEvidence['arm']): number | undefined {
  const unfinished = truth.streamsClientClosed === undefined ? arm.connections : unfinishedStreams(truth);
  if (unfinished === 0) return 0;
  if (!truth.bodyBytes || !truth.events) return undefined;
  return (unfinished * SOCKET_BUFFER_BYTES) / (truth.bodyBytes / truth.events);
}

function checkCount(
  trial: TrialEvidence,
  arm: ArmEvidence['arm'],
  what: string,
  said: number,
  truth: number,
  alsoAllowed = 0,
): Mismatch[] {
  const text = `in ${trial.trialId} the tool counted ${formatCount(said)} ${what}, the target ${formatCount(truth)}`;
  const larger = Math.max(said, truth);
  const difference = Math.abs(said - truth);
  const allowed = arm.connections + TOLERANCE * larger + alsoAllowed;
  return [{ share: difference > allowed ? difference / larger : 0, text }];
}

/** A known 0 of broken streams beside breaks on the wire; the wire cannot count better than it, but it can deny 0. */
function checkResets({ trialId, outcomes, wire, target }: TrialEvidence): Mismatch[] {
  // A server that dies resets idle connections too, which are no streams.
  if (target?.died) return [];
  const said = readingValue(outcomes.reset);
  const seen = readingValue(wire?.rst_by_server);
  const requests = readingValue(wire?.requests_sent);
  if (said !== 0 || seen === undefined || requests === undefined || requests === 0) return [];
  const text = `in ${trialId} the tool reports no reset stream, the wire shows ${formatCount(seen)} resets by the server`;
  const share = seen / requests;
  return [{ share: share > TOLERANCE ? share : 0, text }];
}
