import { readingValue } from '../model/cell.ts';
import type { Rule } from '../model/finding.ts';
import { formatDuration } from '../model/units.ts';
import { formatUs } from '../stats/format-figure.ts';
import { usualEventGapUs } from './event-gap.ts';

/** Streams go on after silences longer than the scenario allows, with no comment to bridge them. */
export const missingHeartbeat: Rule = {
  code: 'missing-heartbeat',
  needs: ['a capture of all segments, longer than the timeout of the scenario'],
  evaluate(evidence) {
    const { wire, arm, trials } = evidence;
    const trial = trials.find(({ kind }) => kind === 'evidence');
    const longestUs = readingValue(wire?.wire_gap_us_max);
    if (!trial || !wire?.requests_sent.known || trial.durationMs <= arm.timeoutMs) {
      return {
        outcome: 'insufficient-data',
        missing: [
          `a capture of more than ${formatDuration(arm.timeoutMs)}, the silence that the scenario allows`,
        ],
      };
    }
    if (longestUs === undefined || longestUs <= arm.timeoutMs * 1000) {
      const longest =
        longestUs === undefined
          ? 'no response had two segments'
          : `the longest silence inside a response that went on was ${formatUs(longestUs)}`;
      return { outcome: 'clear', because: [longest] };
    }
    const betweenSegmentsUs = readingValue(wire?.wire_gap_us_p90) ?? readingValue(wire?.wire_gap_us_p50);
    const betweenEventsUs = usualEventGapUs(evidence);
    const allowedUs = arm.timeoutMs * 1000;
    const large = (betweenSegmentsUs ?? 0) <= allowedUs && (betweenEventsUs ?? 0) > allowedUs;
    // Of an event of many segments nearly all gaps are inside it: then one in a hundred must be as long as those between events.
    const tailUs = readingValue(wire?.wire_gap_us_p99) ?? 0;
    if (large && tailUs <= allowedUs) {
      return {
        outcome: 'insufficient-data',
        missing: [
          `how many silences are longer than ${formatDuration(arm.timeoutMs)}: events are ${formatUs(betweenEventsUs ?? 0)} apart, but fewer than one gap between segments in a hundred is as long, so comments may bridge the others`,
        ],
      };
    }
    const usualUs = large ? Math.min(longestUs, betweenEventsUs ?? longestUs) : betweenSegmentsUs;
    if (usualUs === undefined || usualUs <= allowedUs) {
      return {
        outcome: 'clear',
        because: [
          `one silence of ${formatUs(longestUs)} is an exception: ${usualUs === undefined ? 'there are too few to compare' : `nine in ten are shorter than ${formatUs(usualUs)}`}`,
        ],
      };
    }
    return {
      outcome: 'found',
      class: 'hard-event',
      weight: 1,
      sentence: `Streams are silent for ${formatUs(usualUs)} and then go on, without a comment in between: whoever waits ${formatDuration(arm.timeoutMs)} at most takes them for dead.`,
      because: [
        `silences inside responses reach ${formatUs(longestUs)}, ${large ? `one in a hundred is longer than ${formatUs(tailUs)}, and events are ${formatUs(usualUs)} apart` : `one in ten is longer than ${formatUs(usualUs)}`}`,
        `the scenario allows ${formatDuration(arm.timeoutMs)}`,
      ],
      against: [
        'comments count as data here: there were none in these silences, or they would have ended them',
      ],
    };
  },
};
