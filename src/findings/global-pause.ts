import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatCount, formatPercent, formatUs } from '../stats/format-figure.ts';
import { readClosedWindows } from './closed-windows.ts';
import { usualEventGapUs } from './event-gap.ts';
import { eventsPerResponse, evidenceUs, ownCounters } from './figures.ts';

/**
 * Silence towards everybody that is a pause. Unit: us. Reason: a busy machine of two CPUs delayed everybody by up to
 * 100 ms; people notice a fifth of a second. Doubt: shorter pauses of collectors stay below it, by design.
 */
const PAUSE_US = 200_000;

/**
 * How much longer than what is usual on this stream. Unit: factor. Reason: streams that were opened together send
 * together, so that silence towards all is their normal pace. Doubt: irregular streams of few connections reach it.
 */
const BEYOND_USUAL = 3;

/**
 * Segments per event up to which one gap between segments in ten is one between events, so that their p90 shows the pace.
 * Unit: segments. Reason: 1 / 10. Doubt: none, but for the chunks of a capture that joins segments.
 */
const FEW_SEGMENTS = 8;

/**
 * Share of the time that silences fill from which they may be the pace of the streams. Unit: ratio 0..1. Reason: streams that
 * send together are silent nearly always, also where events come in bursts and the usual gap is none. Doubt: so is a server
 * that is down for most of a run.
 */
const MOSTLY_SILENT = 0.5;

/** Connections that must have waited at once: with fewer, any gap of a stream is a silence towards all. Unit: connections. */
const FEWEST_WAITING = 4;

/** The whole server stood still for a while: nobody got anything, then everybody did. */
export const globalPause: Rule = {
  code: 'global-pause',
  needs: ['a capture, or samples of the state of the target'],
  evaluate(evidence) {
    const { process } = evidence;
    const stoppedMs = process.targetStoppedMs;
    const stops =
      stoppedMs !== undefined && stoppedMs * 1000 >= PAUSE_US / 2
        ? [`the target was stopped by a signal for ${formatUs(stoppedMs * 1000)}`]
        : [];
    const overflows = ownCounters(evidence)?.ListenOverflows ?? 0;
    if (stops.length === 0 && overflows > 0) {
      return {
        outcome: 'clear',
        because: [
          `the accept queue overflowed ${formatCount(overflows)} times, after which connections wait a second for their next try`,
        ],
      };
    }
    const closed = readClosedWindows(evidence);
    if (stops.length === 0 && closed?.clientsPace) {
      return { outcome: 'clear', because: [`${closed.text}: the server had to be silent`] };
    }
    const usualUs = usualSilenceUs(evidence);
    const wholeUs = evidenceUs(evidence);
    if (usualUs === undefined || wholeUs === undefined || !evidence.trace) {
      if (stops.length === 0) return { outcome: 'insufficient-data', missing: ['a capture of all segments'] };
      return found(Math.min(1, ((stoppedMs ?? 0) * 1000) / ((process.windowMs ?? 1) * 1000)), stops, [
        'no capture shows what clients saw of it',
      ]);
    }
    const leastUs = Math.max(PAUSE_US, BEYOND_USUAL * usualUs);
    const pauses = evidence.trace.stalls.filter(
      ({ lengthUs, waiting, open, resumed }) =>
        resumed && lengthUs >= leastUs && waiting + open >= FEWEST_WAITING,
    );
    // A target that wants to run and gets no CPU stands still as well, by no doing of its own.
    const cpuWaitUs = (process.targetRunQueueShare ?? 0) * (process.windowMs ?? 0) * 1000;
    const longest = [...pauses].sort((a, b) => b.lengthUs - a.lengthUs)[0];
    const usual = `what is usual on these streams is ${formatUs(usualUs)}`;
    if (!longest && stops.length === 0) {
      const stall = readingValue(evidence.wire?.longest_stall_us);
      return {
        outcome: 'clear',
        because: [
          stall === undefined
            ? 'the server was never silent to everybody for 100 ms'
            : `the longest silence towards everybody was ${formatUs(stall)}; ${usual}`,
        ],
      };
    }
    if (longest && stops.length === 0 && cpuWaitUs >= longest.lengthUs) {
      return {
        outcome: 'clear',
        because: [
          `the target waited ${formatUs(cpuWaitUs)} for a CPU in all, longer than the longest silence towards everybody (${formatUs(longest.lengthUs)})`,
        ],
      };
    }
    const totalUs = pauses.reduce((sum, { lengthUs }) => sum + lengthUs, 0);
    if (
      longest &&
      stops.length === 0 &&
      mayBePace(evidence, pauses.length, longest.lengthUs, totalUs / wholeUs)
    ) {
      return {
        outcome: 'insufficient-data',
        missing: [
          `the gaps between events: ${formatCount(pauses.length)} silences towards everybody, of ${formatUs(totalUs)} in all, may be the pace of streams that send together`,
        ],
      };
    }
    const closedUs = closed && evidence.trace.closedWindows ? closed.share * wholeUs : 0;
    if (longest && closed && stops.length === 0 && closedUs >= longest.lengthUs) {
      return {
        outcome: 'insufficient-data',
        missing: [
          `which windows were closed during the longest silence towards everybody (${formatUs(longest.lengthUs)}): ${closed.text}`,
        ],
      };
    }
    const share = Math.max(
      totalUs / wholeUs,
      (stoppedMs ?? 0) / (process.windowMs ?? Number.POSITIVE_INFINITY),
    );
    return found(
      Math.min(1, share),
      [
        ...(longest
          ? [
              `${formatCount(pauses.length)} times nobody got anything, once for ${formatUs(longest.lengthUs)} while ${longest.waiting + longest.open} connections waited (until packet ${longest.packet}); ${usual}`,
            ]
          : []),
        ...stops,
      ],
      longest ? [] : ['the capture shows no such silence'],
    );
  },
};

function found(weight: number, because: string[], against: string[]): ReturnType<Rule['evaluate']> {
  return {
    outcome: 'found',
    class: 'hard-event',
    weight: Math.max(0.001, weight),
    sentence: `The whole server stood still, for ${formatPercent(weight)} of the time: every stream waited at once.`,
    because,
    against,
  };
}

/** The longest time that a stream of this kind is silent as a rule: before its first byte or event, or between two. */
function usualSilenceUs(evidence: ArmEvidence): number | undefined {
  const { wire } = evidence;
  const usual = [
    readingValue(wire?.wire_ttfb_us_p50),
    readingValue(wire?.wire_ttfe_us_p50),
    readingValue(wire?.wire_gap_us_p90) ?? readingValue(wire?.wire_gap_us_p50),
    usualEventGapUs(evidence),
  ].filter((us) => us !== undefined);
  return usual.length > 0 ? Math.max(...usual) : undefined;
}

/**
 * Whether silences towards everybody may be the gaps of streams that send together: they fill most of the time, or they come
 * again and nobody says how far apart events are, or events that come in bursts have gaps as long now and then.
 */
function mayBePace(evidence: ArmEvidence, count: number, longestUs: number, silentShare: number): boolean {
  if (silentShare >= MOSTLY_SILENT) return true;
  if (count < 2) return false;
  const longGapUs = readingValue(evidence.metrics.gap_us_p99);
  return !showsPace(evidence) || (longGapUs !== undefined && BEYOND_USUAL * longGapUs >= longestUs);
}

/** Whether anything says how far apart events are: those who count them, or gaps between segments where events are small. */
function showsPace(evidence: ArmEvidence): boolean {
  if (usualEventGapUs(evidence) !== undefined) return true;
  const segments = readingValue(evidence.wire?.segments_per_response);
  const events = eventsPerResponse(evidence);
  return segments !== undefined && events !== undefined && segments <= FEW_SEGMENTS * events;
}
