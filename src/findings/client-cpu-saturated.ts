import { readingValue } from '../model/cell.ts';
import type { Rule } from '../model/finding.ts';
import { formatPercent } from '../stats/format-figure.ts';
import { contestCpu, cpuDoubts, judgeCpu } from './cpu-load.ts';

/**
 * Share of connection time spent waiting for the client below which a saturated client shows no effect on the wire.
 * Unit: ratio 0..1. Reason: planted CPU-bound clients were above 0.5, others below 0.1. Doubt: while a stream is being
 * received a slow reader shows as transfer, not as the client's turn.
 */
const LITTLE_CLIENT_TURN = 0.2;

/** The load generator has no CPU left: its figures describe itself. */
export const clientCpuSaturated: Rule = {
  code: 'client-cpu-saturated',
  needs: ['CPU time of the tool'],
  evaluate(evidence) {
    const { arm, process, wire } = evidence;
    const load = judgeCpu(evidence, 'tool');
    if (load.saturated === undefined)
      return { outcome: 'insufficient-data', missing: ['CPU time of the tool'] };
    if (!load.saturated) return { outcome: 'clear', because: load.because };
    const contest = contestCpu(evidence, 'tool');
    if (contest?.yields) return { outcome: 'clear', because: [contest.text, ...load.because] };
    const turn = readingValue(wire?.client_turn_share);
    const turnText =
      turn === undefined
        ? []
        : [`connections waited for the client's next request ${formatPercent(turn)} of their time`];
    const shows = turn !== undefined && turn >= LITTLE_CLIENT_TURN;
    return {
      outcome: 'found',
      class: 'cpu-share',
      weight: load.share * (contest?.part ?? 1),
      sentence: `${arm.tool} itself has no CPU left: the figures of this row describe the load generator.`,
      because: [...load.because, ...(shows ? turnText : [])],
      against: [...(contest ? [contest.text] : []), ...(shows ? [] : turnText), ...cpuDoubts(process)],
    };
  },
};
