import type { TargetCounters } from '../model/evidence.ts';

/** What a target's own counters say about responses that came to their end. */
export interface TargetCompletions {
  count: number;
  /** `streams` ended properly; `answers` are requests of plain routes, answered with any status. */
  of: 'streams' | 'answers';
}

/**
 * The responses that the target completed; undefined when it does not count streams.
 *
 * Plain routes are no streams: where no stream was begun, every request was answered, errors among them, and a count
 * of 0 completed streams says nothing about the tool.
 */
export function completedByTarget(truth: TargetCounters | undefined): TargetCompletions | undefined {
  if (truth?.streamsCompleted === undefined) return undefined;
  if (truth.streamsCompleted === 0 && unfinishedStreams(truth) === 0 && (truth.events ?? 0) === 0) {
    return truth.requests === undefined ? undefined : { count: truth.requests, of: 'answers' };
  }
  return { count: truth.streamsCompleted, of: 'streams' };
}

/** Streams that ended in any other way than properly. Ends that the target does not count are taken for 0. */
export function unfinishedStreams(truth: TargetCounters): number {
  return (
    (truth.streamsClientClosed ?? 0) +
    (truth.streamsReset ?? 0) +
    (truth.streamsClosedEarly ?? 0) +
    (truth.streamsWriteError ?? 0) +
    (truth.streamsStalled ?? 0)
  );
}
