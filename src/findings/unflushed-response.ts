import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatUs } from '../stats/format-figure.ts';
import { ageAtArrival, bunching } from './event-bunching.ts';
import { describeHolds, describeQuota, quotaPart } from './held-up.ts';

/**
 * Shortest time that events are kept for it to matter. Unit: us. Reason: a burst that a handler writes at once takes
 * less. Doubt: none at the scale of people.
 */
const LEAST_HELD_US = 5000;

/** The server collects events and sends them in bunches, at the end or whenever a buffer is full. */
export const unflushedResponse: Rule = {
  code: 'unflushed-response',
  needs: ['a capture of all segments', 'events that carry the time of their making'],
  evaluate(evidence) {
    const bunched = bunching(evidence);
    if (!bunched) {
      return { outcome: 'insufficient-data', missing: ['a capture that shows events per segment'] };
    }
    if (!bunched.bunched) return { outcome: 'clear', because: [bunched.text] };
    const holds = describeHolds(evidence);
    if (holds === undefined)
      return { outcome: 'insufficient-data', missing: ['CPU shares of tool and target'] };
    if (holds.length > 0) return { outcome: 'clear', because: [...holds, bunched.text] };
    const heldUs = timeBetweenBunches(evidence);
    if (heldUs === undefined || heldUs < LEAST_HELD_US) {
      return { outcome: 'clear', because: [bunched.text, 'the bunches follow each other at once'] };
    }
    const age = ageAtArrival(evidence);
    if (!age) {
      return {
        outcome: 'insufficient-data',
        missing: [
          'the age of events at their arrival: a server that makes several at once sends the same bunches',
        ],
      };
    }
    if (!age.held) return { outcome: 'clear', because: [age.text, bunched.text] };
    const wait = readingValue(evidence.wire?.server_wait_share) ?? 0;
    const transfer = readingValue(evidence.wire?.transfer_share) ?? 0;
    const left = Math.min(1, wait + transfer) - quotaPart(evidence);
    if (left <= 0) return { outcome: 'clear', because: [...describeQuota(evidence), bunched.text] };
    return {
      outcome: 'found',
      class: 'wait',
      weight: left,
      sentence: `The server holds its events back: they come in bunches ${formatUs(heldUs)} apart instead of one by one.`,
      because: [bunched.text, age.text],
      against: [
        ...describeQuota(evidence),
        ...(evidence.upstream
          ? []
          : ['a proxy that collects responses, where there is one, looks the same from the client']),
      ],
    };
  },
};

/** Finite streams whose all comes at once: the wait for it; otherwise the mean silence between two bunches. */
function timeBetweenBunches({ wire }: ArmEvidence): number | undefined {
  const segments = readingValue(wire?.segments_per_response);
  const ttfbUs = readingValue(wire?.wire_ttfb_us_p50);
  const gapUs = readingValue(wire?.wire_gap_us_mean);
  if (segments === undefined) return undefined;
  return Math.max(ttfbUs ?? 0, gapUs ?? 0);
}
