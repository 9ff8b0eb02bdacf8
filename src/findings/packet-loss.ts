import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatCount, formatPercent } from '../stats/format-figure.ts';

/**
 * Share of segments lost and sent again from which the network loses packets. Unit: ratio 0..1. Reason: loopback loses
 * none, and half a percent halves the throughput of a long path (Mathis). Doubt: at a few hundred segments one more or
 * less decides.
 */
const LOSS_SHARE = 0.005;

/** Fewer are no rate. Unit: segments. */
const FEWEST_SEGMENTS = 5;

/** The network loses packets. */
export const packetLoss: Rule = {
  code: 'packet-loss',
  needs: ['kernel counters of a network namespace of its own'],
  evaluate(evidence) {
    const counted = countLosses(evidence);
    const onWire = readingValue(evidence.wire?.retransmissions);
    if (counted.length === 0) {
      if (onWire === 0) return { outcome: 'clear', because: ['on the wire no segment was sent again'] };
      return {
        outcome: 'insufficient-data',
        // A sender that got its acknowledgement late repeats what was never lost; on the wire both look the same.
        missing: [
          'kernel counters of a network namespace of its own (root), which tell repeats that were needed from others',
        ],
      };
    }
    const worst = counted.reduce((a, b) => (b.share > a.share ? b : a));
    if (worst.share <= LOSS_SHARE || worst.lost < FEWEST_SEGMENTS) {
      return { outcome: 'clear', because: counted.map(({ text }) => text) };
    }
    return {
      outcome: 'found',
      class: 'hard-event',
      weight: Math.min(1, worst.share),
      sentence: `The network loses packets: ${formatPercent(worst.share)} of the segments had to be sent again, each a fifth of a second late or more.`,
      because: [
        ...counted.filter(({ share }) => share > LOSS_SHARE).map(({ text }) => text),
        ...(onWire === undefined ? [] : [`on the wire ${formatCount(onWire)} segments were sent again`]),
      ],
      against: counted.filter(({ share }) => share <= LOSS_SHARE).map(({ text }) => text),
    };
  },
};

/**
 * Repeats that were needed, per trial. Left out are those whose receiver says that it had the data already (DSACK),
 * repeated SYNs, and what a full accept queue threw away.
 */
function countLosses({ trials }: ArmEvidence): { lost: number; share: number; text: string }[] {
  return trials.flatMap(({ trialId, kernel }) => {
    const { RetransSegs, OutSegs, TCPDSACKRecv, TCPSynRetrans, ListenDrops } = kernel?.counters ?? {};
    if (!kernel?.isolated || RetransSegs === undefined || !OutSegs) return [];
    const needless = TCPDSACKRecv ?? 0;
    const queue = (TCPSynRetrans ?? 0) + (ListenDrops ?? 0);
    const lost = Math.max(0, RetransSegs - needless - queue);
    const parts = [
      ...(needless > 0 ? [`${formatCount(needless)} for want of patience alone`] : []),
      ...(queue > 0 ? [`${formatCount(queue)} at a full accept queue`] : []),
    ];
    const aside = parts.length > 0 ? ` (besides ${parts.join(' and ')})` : '';
    const text = `in ${trialId} the kernel had to send ${formatCount(lost)} of ${formatCount(OutSegs)} segments again${aside}`;
    return [{ lost, share: lost / OutSegs, text }];
  });
}
