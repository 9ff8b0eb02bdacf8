import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatPercent } from '../stats/format-figure.ts';
import { eventsPerResponse } from './figures.ts';
import { judgeCpuCause, missingFigure, profileShare } from './target-cpu-cause.ts';

/**
 * Share of the target's CPU that writing and flushing take. Unit: ratio 0..1. Reason: twenty flushed events per response
 * were at 0.79 to 0.84, five at 0.8, one small answer at 0.55. Doubt: on loopback a write runs the receiver's TCP stack as
 * well, so that any fast server is high.
 */
const SHARE = { from: 0.5, to: 0.75 };

/**
 * Writes that one response could be spared, as a factor. Unit: segments that a response takes. Reason: a head and a body
 * are two; below, there is nothing to put together. Doubt: a large response takes several segments in one write.
 */
const FEW_WRITES = 3;

/** Events per segment from which writes are shared. Reason: flushed ones come alone. Doubt: a kernel may join two. */
const SHARED_WRITES = 2;

/** The target spends its CPU on flushing small writes one by one. */
export const flushBound: Rule = {
  code: 'flush-bound',
  needs: [
    "a CPU profile of the target (observe.profile: [cpu]), and the target's CPU time",
    'segments per response, by a capture, or events per response',
  ],
  evaluate(evidence) {
    const write = profileShare(evidence, 'syscall_write_share');
    const flush = profileShare(evidence, 'write_flush_share') ?? 0;
    const share = write === undefined ? undefined : write + flush;
    const writes = writesPerResponse(evidence);
    if (share !== undefined && writes === undefined) {
      return { outcome: 'insufficient-data', missing: ['segments or events per response'] };
    }
    if (writes && writes.count < FEW_WRITES) return { outcome: 'clear', because: [writes.text] };
    if (writes && writes.eventsEach >= SHARED_WRITES) return { outcome: 'clear', because: [writes.text] };
    return judgeCpuCause(evidence, {
      share,
      range: SHARE,
      missing: missingFigure(
        evidence,
        'syscall_write_share',
        'the share of writes in a CPU profile of the target',
      ),
      shareText: `write system calls took ${formatPercent(write ?? 0)} of the target's CPU time, flushing around them ${formatPercent(flush)}`,
      sentence: `The server spends ${formatPercent(share ?? 0)} of its CPU time on writing and flushing events one by one.`,
      because: writes ? [writes.text] : [],
      against: ["on loopback the receiver's TCP work is part of the sender's write"],
    });
  },
};

function writesPerResponse(
  evidence: ArmEvidence,
): { count: number; eventsEach: number; text: string } | undefined {
  const segments = readingValue(evidence.wire?.segments_per_response);
  const perSegment = readingValue(evidence.wire?.events_per_segment);
  if (segments !== undefined) {
    const each = perSegment === undefined ? '' : `, ${perSegment.toFixed(1)} events in each`;
    return {
      count: segments,
      eventsEach: perSegment ?? 1,
      text: `a response took ${segments.toFixed(1)} segments${each}`,
    };
  }
  // Without a capture nobody knows how many events went out together.
  const events = eventsPerResponse(evidence);
  return events !== undefined && events < FEW_WRITES
    ? { count: events, eventsEach: 1, text: `a response had ${events.toFixed(1)} events` }
    : undefined;
}
