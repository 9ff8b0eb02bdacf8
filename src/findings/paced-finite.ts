import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Verdict } from '../model/finding.ts';
import { formatPercent, formatRate, formatUs } from '../stats/format-figure.ts';
import { cpuDoubts, describeSpareCpu } from './cpu-load.ts';
import { describeSpread } from './latency-spread.ts';
import { LITTLE_RESIDUAL } from './littles-law.ts';
import { meanStreamUs } from './stream-duration.ts';

/**
 * Share of a stream behind its first byte or event from which the stream, and not what comes before it, sets the pace.
 * Unit: ratio 0..1. Reason: paced streams were at 0.99, unflushed ones at 0 because everything comes at the end.
 * Doubt: a server that waits between events for something else than the clock (a lock, another server) looks the same;
 * its CPU tells them apart only when it is busy.
 */
const MOSTLY_TRANSFER = 0.6;

/**
 * Whether finite streams are paced by the server. Little's law alone proves nothing: it holds for every closed loop,
 * however slow the server is. What makes a paced stream is that its time passes between its events.
 */
export function judgePacedFinite(evidence: ArmEvidence): Verdict {
  const { arm, metrics, process } = evidence;
  const rate = readingValue(metrics.requests_per_sec);
  const streamUs = meanStreamUs(evidence);
  if (rate === undefined || streamUs === undefined) {
    return { outcome: 'insufficient-data', missing: ['requests/s and the duration of streams'] };
  }
  const { outcomes, truth, wire } = evidence;
  if (!outcomes.completed.known && truth?.streamsCompleted === undefined && !wire?.transfer_share.known) {
    const missing = `whether streams were complete, which ${arm.tool} does not tell: the target's counters, or a capture`;
    return { outcome: 'insufficient-data', missing: [missing] };
  }
  const busy = (rate * streamUs) / 1e6;
  const littleText = `${formatRate(rate)} requests/s x ${formatUs(streamUs)} mean duration keep ${formatRate(busy)} of ${arm.connections} connections inside a stream (Little's law)`;
  // The run cuts one stream per connection, whose time passes and which is not counted: a stream of the run at most.
  const cut = streamUs / 1000 / arm.durationMs;
  const ratio = busy / arm.connections;
  if (ratio > 1 + LITTLE_RESIDUAL || ratio < 1 - LITTLE_RESIDUAL - cut)
    return { outcome: 'clear', because: [littleText] };

  const shares = sharesOfStream(evidence, streamUs).sort((a, b) => a.share - b.share);
  const smallest = shares[0];
  if (!smallest) {
    return {
      outcome: 'insufficient-data',
      missing: ['where in a stream its time passes: a capture, or the time to the first byte by the tool'],
    };
  }
  if (smallest.share < MOSTLY_TRANSFER) return { outcome: 'clear', because: [smallest.text, littleText] };
  const durations = describeSpread('durations of streams', metrics, 'stream_us');
  const possible = (arm.connections * 1e6) / streamUs;
  return {
    outcome: 'found',
    class: 'wait',
    weight: Math.min(1, smallest.share),
    sentence: `The streams last ${formatUs(streamUs)} because the server spreads their events over it: ${formatRate(possible)} requests/s is all that ${arm.connections} connections can reach.`,
    because: [
      ...shares.map(({ text }) => text),
      ...(durations?.regular ? [durations.text] : []),
      ...gapText(evidence),
      describeSpareCpu(process),
      littleText,
    ],
    against: [
      ...(durations && !durations.regular
        ? [`${durations.text}, as those of a server that falls behind`]
        : []),
      ...(evidence.wire?.transfer_share.known
        ? []
        : ["no capture: only the tool's own times show where in a stream its time passes"]),
      ...cpuDoubts(process),
    ],
  };
}

interface ShareOfStream {
  /** Ratio 0..1. */
  share: number;
  text: string;
}

/** How much of a stream's time lies behind its beginning, by every witness there is. */
function sharesOfStream({ arm, metrics, wire }: ArmEvidence, streamUs: number): ShareOfStream[] {
  const shares: ShareOfStream[] = [];
  const transfer = readingValue(wire?.transfer_share);
  // What passes before the first event is waited for as much as what passes before the first byte.
  const beforeFirst = readingValue(wire?.first_event_share) ?? 0;
  if (transfer !== undefined) {
    const inside = `on the wire connections spent ${formatPercent(transfer)} of their time inside a response`;
    shares.push({
      share: Math.max(0, transfer - beforeFirst),
      text:
        beforeFirst > 0.01 ? `${inside}, ${formatPercent(beforeFirst)} of it before the first event` : inside,
    });
  }
  const eventUs = readingValue(metrics.ttfe_us_mean);
  const firstUs = eventUs ?? readingValue(metrics.ttfb_us_mean);
  if (firstUs !== undefined) {
    const share = Math.max(0, 1 - firstUs / streamUs);
    const first = eventUs === undefined ? 'byte' : 'event';
    shares.push({
      share,
      text: `by the times of ${arm.tool} ${formatPercent(share)} of a stream passes after its first ${first}`,
    });
  }
  return shares;
}

function gapText({ metrics }: ArmEvidence): string[] {
  const gap = readingValue(metrics.gap_us_p50);
  return gap === undefined || gap === 0 ? [] : [`events come ${formatUs(gap)} apart (median)`];
}
