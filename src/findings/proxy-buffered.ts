import { readingValue } from '../model/cell.ts';
import type { Rule } from '../model/finding.ts';
import { formatRate, formatUs } from '../stats/format-figure.ts';

/**
 * Segments of a response behind the proxy / in front of it, from which the proxy collects. Unit: factor. Reason: a proxy
 * that passes data on at once changes the number little; collecting ones made one of ten. Doubt: two segments that meet
 * in the proxy are joined by chance under load.
 */
const COLLECTED = 2;

/**
 * Delay of the first byte / duration of a response between target and proxy, from which the proxy waits for more of it.
 * Unit: ratio. Reason: one that collects delivers at the end, which is 1; one that is merely slow adds the same to every
 * response. Doubt: large responses leave a buffer of some KB earlier.
 */
const HELD_FOR = 0.5;

/** Shortest response that can be told to be held. Unit: us. Reason: below it joining segments costs nothing. Doubt: none. */
const LEAST_DURATION_US = 5000;

/** A proxy between tool and target collects responses before it passes them on. */
export const proxyBuffered: Rule = {
  code: 'proxy-buffered',
  needs: ['a capture on both sides of a proxy'],
  evaluate({ arm, wire, upstream }) {
    if (!arm.target.proxy)
      return { outcome: 'clear', because: ['no proxy is known between tool and target'] };
    const front = readingValue(wire?.segments_per_response);
    const behind = readingValue(upstream?.segments_per_response);
    const frontUs = readingValue(wire?.wire_ttfb_us_p50);
    const behindUs = readingValue(upstream?.wire_ttfb_us_p50);
    if (front === undefined || behind === undefined || behindUs === undefined) {
      return { outcome: 'insufficient-data', missing: ['a capture on both sides of the proxy'] };
    }
    const text = `a response has ${formatRate(behind)} segments between target and proxy, ${formatRate(front)} between proxy and tool`;
    const delayUs = frontUs === undefined ? undefined : frontUs - behindUs;
    const durationUs = (readingValue(upstream?.wire_gap_us_mean) ?? 0) * Math.max(0, behind - 1);
    const held = delayUs === undefined || delayUs >= HELD_FOR * durationUs;
    const delayText =
      frontUs === undefined
        ? 'no response reached the tool within the capture'
        : `the first byte is ${formatUs(Math.max(0, frontUs - behindUs))} longer on its way to the tool`;
    if (behind < COLLECTED * front || durationUs < LEAST_DURATION_US || !held) {
      return { outcome: 'clear', because: [text, delayText] };
    }
    return {
      outcome: 'found',
      class: 'wait',
      weight: 1 - front / behind,
      sentence:
        'The proxy collects responses before it passes them on: events reach the tool in bunches, the target sends them one by one.',
      because: [text, `a response takes the target ${formatUs(durationUs)}; ${delayText}`],
      against: [],
    };
  },
};
