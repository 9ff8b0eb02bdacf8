import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatPercent } from '../stats/format-figure.ts';
import { eventsPerResponse } from './figures.ts';
import { judgeCpuCause, missingFigure, profileShare } from './target-cpu-cause.ts';

/**
 * Share of the target's CPU that goes into writes which one response could be spared. Unit: ratio 0..1. Reason: twenty
 * flushed events per response were at 0.7 to 0.86, five at 0.57, one at 0.2. Doubt: on loopback a write runs the receiver's
 * TCP stack as well, so that any fast server is high; and events that happen at different times cannot be put together.
 */
const SHARE = { from: 0.4, to: 0.65 };

/** Writes that every response needs: what there is at once, and its end. Doubt: a large one takes several segments in one write. */
const NEEDED_WRITES = 2;

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
    const writes = writesPerResponse(evidence);
    if (write !== undefined && writes === undefined) {
      return { outcome: 'insufficient-data', missing: ['segments or events per response'] };
    }
    const spared = writes ? Math.max(0, 1 - NEEDED_WRITES / writes.count) : 0;
    const share = write === undefined ? undefined : (write + flush) * spared;
    if (writes && writes.eventsEach >= SHARED_WRITES) return { outcome: 'clear', because: [writes.text] };
    return judgeCpuCause(evidence, {
      share,
      range: SHARE,
      missing: missingFigure(
        evidence,
        'syscall_write_share',
        'the share of writes in a CPU profile of the target',
      ),
      shareText: `write system calls took ${formatPercent(write ?? 0)} of the target's CPU time, flushing around them ${formatPercent(flush)}; ${formatPercent(spared)} of a response's writes could be spared`,
      sentence: `The server spends ${formatPercent(share ?? 0)} of its CPU time on writes that it makes one by one and need not.`,
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
  return events !== undefined && events < NEEDED_WRITES
    ? { count: events, eventsEach: 1, text: `a response had ${events.toFixed(1)} events` }
    : undefined;
}
