import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatPercent, formatUs } from '../stats/format-figure.ts';
import { proxyBuffered } from './proxy-buffered.ts';

/**
 * Latency of the way that is a finding. Unit: us. Reason: a handshake on loopback takes some 10 to 100 us, in a data
 * centre half a millisecond. Doubt: a machine without idle time answers handshakes late too.
 */
const LONG_WAY_US = 1000;

/**
 * Share of connection time that the way must cost. Unit: ratio 0..1. Reason: a third of the time is more than any other
 * single cause leaves open. Doubt: chosen by feel; the weight carries the figure.
 */
const LEAST_SHARE = 0.33;

/** The way between client and server costs most of the time before the first byte. */
export const networkLatency: Rule = {
  code: 'network-latency',
  needs: ['a capture with handshakes and first bytes'],
  evaluate(evidence) {
    const { wire, process } = evidence;
    const handshakeUs = readingValue(wire?.handshake_us_p50);
    const ttfbUs = readingValue(wire?.wire_ttfb_us_p50);
    const wait = readingValue(wire?.server_wait_share);
    if (handshakeUs === undefined || ttfbUs === undefined || wait === undefined) {
      return { outcome: 'insufficient-data', missing: ['a capture with handshakes and first bytes'] };
    }
    const added = addedByProxy(evidence);
    if (added && proxyBuffered.evaluate(evidence).outcome === 'found') {
      return {
        outcome: 'clear',
        because: ['the proxy waits for more of a response, which is no latency', added.text],
      };
    }
    if (added && added.us >= LONG_WAY_US && added.share * wait >= LEAST_SHARE) {
      return {
        outcome: 'found',
        class: 'wait',
        weight: Math.min(1, added.share * wait),
        sentence: `What lies between tool and target adds ${formatUs(added.us)} to every answer: the target itself is quick.`,
        because: [added.text, `connections waited for first bytes ${formatPercent(wait)} of their time`],
        against: [],
      };
    }
    const text = `a handshake takes ${formatUs(handshakeUs)}, a first byte ${formatUs(ttfbUs)} (medians)`;
    const share = Math.min(1, handshakeUs / Math.max(1, ttfbUs)) * wait;
    const busy = process.idle !== undefined && process.idle < 0.1;
    if (handshakeUs < LONG_WAY_US || share < LEAST_SHARE || busy) {
      return {
        outcome: 'clear',
        because: [
          text,
          ...(added ? [added.text] : []),
          ...(busy ? ['the machine has no idle time, which delays handshakes too'] : []),
        ],
      };
    }
    return {
      outcome: 'found',
      class: 'wait',
      weight: share,
      sentence: `The network takes ${formatUs(handshakeUs)} there and back: ${formatPercent(share)} of connection time.`,
      because: [text],
      against: ['a full accept queue delays handshakes as well'],
    };
  },
};

/** What the way through a proxy adds to the first byte, from captures on both its sides; undefined without a proxy. */
export function addedByProxy({
  wire,
  upstream,
}: ArmEvidence): { us: number; share: number; text: string } | undefined {
  const frontUs = readingValue(wire?.wire_ttfb_us_p50);
  const behindUs = readingValue(upstream?.wire_ttfb_us_p50);
  if (frontUs === undefined || behindUs === undefined || frontUs <= 0) return undefined;
  const us = Math.max(0, frontUs - behindUs);
  return {
    us,
    share: us / frontUs,
    text: `the first byte takes ${formatUs(frontUs)} at the client and ${formatUs(behindUs)} at the target (medians)`,
  };
}
