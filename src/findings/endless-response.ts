import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatDuration } from '../model/units.ts';
import { formatCount } from '../stats/format-figure.ts';

/**
 * Events per request from which a stream counts as flowing. Unit: events. Reason: a server that stalls after its first
 * event sends one. Doubt: a stream slower than two events per run cannot be told from a stalled one.
 */
const FLOWING_EVENTS = 2;

/**
 * The tool counts finished responses and none finishes, ever or within the run: it has nothing to report, whatever
 * happens.
 */
export const endlessResponse: Rule = {
  code: 'endless-response',
  needs: ['a tool that counts responses only', "the target's counters or a capture"],
  evaluate(evidence) {
    const { arm, metrics, truth, wire } = evidence;
    if (metrics.events_per_sec.known) {
      return { outcome: 'clear', because: [`${arm.tool} counts events, which an endless stream has`] };
    }
    const rate = readingValue(metrics.requests_per_sec);
    if (rate !== undefined && rate > 0) {
      return { outcome: 'clear', because: [`${arm.tool} saw responses finish`] };
    }
    if ((truth?.streamsCompleted ?? 0) > 0) {
      return {
        outcome: 'clear',
        because: [`the target completed ${formatCount(truth?.streamsCompleted ?? 0)} streams`],
      };
    }
    const broken = brokenText(evidence);
    if (broken.length > 0) return { outcome: 'clear', because: broken };
    const flowing = flowText(evidence);
    if (flowing.length === 0) {
      return { outcome: 'insufficient-data', missing: ["the target's events or its traffic on the wire"] };
    }
    const left = readingValue(wire?.left_open);
    const finite = arm.stream === 'finite';
    return {
      outcome: 'found',
      // A finite stream may just be longer than the run, which is a matter of waiting.
      class: finite ? 'wait' : 'hard-event',
      weight: 1,
      sentence: finite
        ? `${arm.tool} counts finished responses, and none of these streams finished within the run of ${formatDuration(arm.durationMs)}: it has no figure for them.`
        : `${arm.tool} counts finished responses, and these streams never finish: it has no figure for them.`,
      because: [
        ...flowing,
        ...(truth?.streamsCompleted === 0 ? ['the target completed no stream'] : []),
        ...(left === undefined || left === 0
          ? []
          : [`${formatCount(left)} connections were open when the capture ended`]),
      ],
      against: finite ? ['the scenario calls these streams finite: a longer run may see them finish'] : [],
    };
  },
};

/** That the server did end responses, if badly: then they are not endless but broken. */
function brokenText({ truth, wire }: ArmEvidence): string[] {
  const byTarget = (truth?.streamsReset ?? 0) + (truth?.streamsClosedEarly ?? 0);
  const onWire =
    (readingValue(wire?.rst_by_server) ?? 0) + (readingValue(wire?.server_closed_mid_response) ?? 0);
  return [
    ...(byTarget > 0 ? [`the target broke off ${formatCount(byTarget)} streams`] : []),
    ...(onWire > 0 ? [`on the wire the server broke off ${formatCount(onWire)} responses`] : []),
  ];
}

/** That events do flow although no response ends; without it a dead server would pass for an endless stream. */
function flowText({ truth, wire, arm }: ArmEvidence): string[] {
  if (truth?.events !== undefined && truth.requests !== undefined && truth.requests > 0) {
    const perRequest = truth.events / truth.requests;
    return perRequest >= FLOWING_EVENTS
      ? [`the target sent ${formatCount(truth.events)} events on ${formatCount(truth.requests)} requests`]
      : [];
  }
  const transfer = readingValue(wire?.transfer_share);
  const left = readingValue(wire?.left_open);
  const requests = readingValue(wire?.requests_sent);
  const reused = requests !== undefined && requests > 2 * arm.connections;
  return transfer !== undefined && transfer > 0.5 && !reused && (left ?? 1) > 0
    ? ['on the wire responses were still being received when the run ended']
    : [];
}
