import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule, Verdict } from '../model/finding.ts';
import { formatCount, formatPercent, formatRate, formatUs } from '../stats/format-figure.ts';
import { cpuDoubts, judgeCpu } from './cpu-load.ts';
import { meanStreamUs } from './stream-duration.ts';

/**
 * By how much the product of rate and duration may miss the number of connections. Unit: ratio. Reason: Little's law is
 * exact for whole runs; streams cut at the end and rounding of the tools cost a few percent. Doubt: runs shorter than
 * ten streams per connection miss by more.
 */
const LITTLE_RESIDUAL = 0.1;

/**
 * Share of connection time inside responses from which the stream, and not what comes before it, sets the pace. Unit:
 * ratio 0..1. Reason: paced streams were at 0.99, unflushed ones at 0 because everything comes at the end. Doubt: a
 * server that computes between events looks the same; its CPU tells them apart only when it is busy.
 */
const MOSTLY_TRANSFER = 0.6;

/**
 * Share of endless streams that must be held for their rate to be the server's choice. Unit: ratio 0..1. Reason: lost
 * streams lower the rate for another reason. Doubt: none worth a finer number.
 */
const ALL_HELD = 0.99;

/** The server spreads its events over time by design: no tool can get more out of these connections. */
export const streamPaced: Rule = {
  code: 'stream-paced',
  needs: [
    'CPU shares of tool and target',
    'finite streams: requests/s and duration of streams',
    'endless streams: events/s, gaps and held streams',
  ],
  evaluate(evidence) {
    const tool = judgeCpu(evidence.process, 'tool');
    const target = judgeCpu(evidence.process, 'target');
    if (tool.saturated === undefined || target.saturated === undefined) {
      return { outcome: 'insufficient-data', missing: ['CPU shares of tool and target'] };
    }
    if (tool.saturated || target.saturated) {
      const side = target.saturated ? target : tool;
      return {
        outcome: 'clear',
        because: ['CPU is used up, so waiting cannot be told from pacing', ...side.because],
      };
    }
    return evidence.arm.stream === 'finite' ? judgeFinite(evidence) : judgeEndless(evidence);
  },
};

function judgeFinite(evidence: ArmEvidence): Verdict {
  const { arm, metrics, wire, process } = evidence;
  const rate = readingValue(metrics.requests_per_sec);
  const streamUs = meanStreamUs(evidence);
  if (rate === undefined || streamUs === undefined) {
    return { outcome: 'insufficient-data', missing: ['requests/s and the duration of streams'] };
  }
  const busy = (rate * streamUs) / 1e6;
  const littleText = `${formatRate(rate)} requests/s x ${formatUs(streamUs)} mean duration keep ${formatRate(busy)} of ${arm.connections} connections inside a stream (Little's law)`;
  if (Math.abs(busy / arm.connections - 1) > LITTLE_RESIDUAL)
    return { outcome: 'clear', because: [littleText] };

  const transfer = readingValue(wire?.transfer_share);
  const transferText =
    transfer === undefined
      ? []
      : [`on the wire connections spent ${formatPercent(transfer)} of their time inside a response`];
  if (transfer !== undefined && transfer < MOSTLY_TRANSFER) {
    return { outcome: 'clear', because: [...transferText, littleText] };
  }
  const possible = (arm.connections * 1e6) / streamUs;
  return {
    outcome: 'found',
    class: 'wait',
    weight: Math.min(1, transfer ?? busy / arm.connections),
    sentence: `The streams last ${formatUs(streamUs)} because the server spreads their events over it: ${formatRate(possible)} requests/s is all that ${arm.connections} connections can reach.`,
    because: [littleText, ...transferText, ...gapText(evidence), cpuText(process)],
    against: [
      ...(transfer === undefined ? ['no capture shows where in the stream the time is spent'] : []),
      ...cpuDoubts(process),
    ],
  };
}

function judgeEndless(evidence: ArmEvidence): Verdict {
  const { metrics, outcomes, process } = evidence;
  const rate = readingValue(metrics.events_per_sec);
  const gaps = [readingValue(metrics.gap_us_p50), readingValue(metrics.gap_us_mean)].filter(
    (gap): gap is number => gap !== undefined && gap > 0,
  );
  const attempted = readingValue(outcomes.attempted);
  const held = readingValue(outcomes.held);
  if (
    rate === undefined ||
    gaps.length === 0 ||
    attempted === undefined ||
    held === undefined ||
    attempted === 0
  ) {
    return { outcome: 'insufficient-data', missing: ['events/s, gaps between events and held streams'] };
  }
  const heldText = `${formatCount(held)} of ${formatCount(attempted)} streams were held to the end`;
  if (held / attempted < ALL_HELD) return { outcome: 'clear', because: [heldText] };
  const connections = evidence.arm.connections;
  const residual = (gap: number): number => Math.abs((rate * gap) / 1e6 / connections - 1);
  const gap = gaps.find((candidate) => residual(candidate) <= LITTLE_RESIDUAL);
  const shown = gap ?? gaps[0]!;
  const paceText = `${connections} connections with an event every ${formatUs(shown)} make ${formatRate((connections * 1e6) / shown)} events/s; ${formatRate(rate)} arrived`;
  if (gap === undefined) return { outcome: 'clear', because: [paceText, heldText] };
  return {
    outcome: 'found',
    class: 'wait',
    weight: 1 - Math.min(1, residual(gap)),
    sentence: `All streams are healthy and the server paces them: one event every ${formatUs(gap)} on each of ${connections} connections.`,
    because: [paceText, heldText, cpuText(process)],
    against: [
      ...(gap === gaps[0] ? [] : ['the median gap is another one: events come in bursts']),
      ...cpuDoubts(process),
    ],
  };
}

function gapText({ metrics }: ArmEvidence): string[] {
  const gap = readingValue(metrics.gap_us_p50);
  return gap === undefined || gap === 0 ? [] : [`events come ${formatUs(gap)} apart (median)`];
}

function cpuText(process: ArmEvidence['process']): string {
  const part = (name: string, share: number | undefined, thread: number | undefined): string =>
    share === undefined
      ? `the ${name}'s busiest thread ${formatPercent(thread ?? 0)}`
      : `the ${name} ${formatPercent(share)}`;
  const tool = part('tool', process.toolCpuShare, process.toolBusiestThread);
  const target = part('target', process.targetCpuShare, process.targetBusiestThread);
  return `neither CPU is used up: ${tool} and ${target} of what they may use`;
}
