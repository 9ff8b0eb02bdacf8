import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatCount, formatPercent } from '../stats/format-figure.ts';

/**
 * Share of packets missing from which the wire is no witness any more. Unit: ratio 0..1. Reason: holes look like losses
 * and unanswered requests, and a thousandth of these is within what other rules call clear. Doubt: where the holes lie
 * matters more than how many they are, and is not known.
 */
const MISSING_SHARE = 0.001;

/** The capture lost packets, so that nothing can be said from it. */
export const captureIncomplete: Rule = {
  code: 'capture-incomplete',
  needs: ['a capture'],
  evaluate(evidence) {
    const dropped = readingValue(evidence.wire?.dropped_by_kernel);
    const captured = readingValue(evidence.wire?.captured_packets);
    if (dropped === undefined || captured === undefined) {
      return { outcome: 'insufficient-data', missing: ['a capture'] };
    }
    const share = missingShare(evidence) ?? 0;
    const text = `the kernel dropped ${formatCount(dropped)} packets beside the ${formatCount(captured)} captured`;
    if (share <= MISSING_SHARE) return { outcome: 'clear', because: [text] };
    return {
      outcome: 'found',
      class: 'hard-event',
      weight: Math.min(1, share),
      sentence: `The packet capture lost ${formatPercent(share)} of its packets: nothing is concluded from the wire.`,
      because: [text],
      against: ['the measured trials run without a capture: their rates are not touched by this'],
    };
  },
};

/** Share of the packets that passed which the file lacks; undefined where there is no capture. */
function missingShare({ wire }: ArmEvidence): number | undefined {
  const dropped = readingValue(wire?.dropped_by_kernel);
  const captured = readingValue(wire?.captured_packets);
  if (dropped === undefined || captured === undefined) return undefined;
  return dropped === 0 ? 0 : dropped / (dropped + captured);
}

/** The same evidence without the wire where that has too many holes: then rules that need it say that it is missing. */
export function withoutBrokenCapture(evidence: ArmEvidence): ArmEvidence {
  if ((missingShare(evidence) ?? 0) <= MISSING_SHARE) return evidence;
  const { wire: _wire, trace: _trace, upstream: _upstream, ...rest } = evidence;
  return rest;
}
