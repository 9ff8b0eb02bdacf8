import { representativeTrials } from '../evidence/build-arm-evidence.ts';
import { readingValue } from '../model/cell.ts';
import type { ArmEvidence, TrialEvidence } from '../model/evidence.ts';

/**
 * Kernel counters of the measured rounds where they are the trial's own: on shared loopback they hold everybody's
 * traffic and prove nothing.
 */
export function ownCounters({ kernel }: ArmEvidence): Record<string, number> | undefined {
  return kernel?.isolated ? kernel.counters : undefined;
}

/** How many rounds the arm's kernel counters are the sum of. */
export function countersRounds({ trials }: ArmEvidence): number {
  return representativeTrials(trials).filter(({ kernel }) => kernel).length;
}

/** Sum of the error counts by name that the tool gives beside its outcomes (system error codes). */
export function toolErrors(trials: readonly TrialEvidence[], names: readonly string[]): number {
  return representativeTrials(trials).reduce((total, { extra }) => {
    const errors = (extra?.errors ?? {}) as Record<string, unknown>;
    return (
      total + names.reduce((sum, name) => sum + (typeof errors[name] === 'number' ? errors[name] : 0), 0)
    );
  }, 0);
}

/**
 * Completed streams per connection from which those that were cut off do not matter to a mean. Unit: streams. Reason: one per
 * connection is cut, whose events count and which itself does not: a fifth at most. Doubt: none beside a limit of a factor.
 */
const STREAMS_OF_A_MEAN = 5;

/** Events per response, by the count of the target, of the tool, or of the wire; undefined where none is known. */
export function eventsPerResponse({ arm, truth, wire, trials }: ArmEvidence): number | undefined {
  if (truth?.events !== undefined && truth.streamsCompleted !== undefined && truth.streamsCompleted > 0) {
    return truth.events / truth.streamsCompleted;
  }
  const counted = countedByTool(trials, arm.connections);
  if (counted !== undefined) return counted;
  const perSegment = readingValue(wire?.events_per_segment);
  const segments = readingValue(wire?.segments_per_response);
  return perSegment === undefined || segments === undefined ? undefined : perSegment * segments;
}

/** Undefined where the tool does not count events or streams, or where streams are too long for a mean of them. */
function countedByTool(trials: readonly TrialEvidence[], connections: number): number | undefined {
  let events = 0;
  let streams = 0;
  for (const trial of representativeTrials(trials)) {
    const seen = readingValue(trial.events);
    const completed = readingValue(trial.outcomes.completed);
    if (seen === undefined || completed === undefined) return undefined;
    if (completed < STREAMS_OF_A_MEAN * connections) return undefined;
    events += seen;
    streams += completed;
  }
  return streams === 0 ? undefined : events / streams;
}

/** Length of the evidence trial in microseconds; undefined where there was none. */
export function evidenceUs({ trials }: ArmEvidence): number | undefined {
  const trial = trials.find(({ kind }) => kind === 'evidence');
  return trial && trial.durationMs * 1000;
}
