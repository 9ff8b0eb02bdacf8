import { readingValue } from '../model/cell.ts';
import type { Rule } from '../model/finding.ts';
import { formatPercent } from '../stats/format-figure.ts';
import { contestCpu, cpuDoubts, judgeCpu } from './cpu-load.ts';
import { judgeSingleThread } from './server-single-threaded.ts';

/**
 * Share of connection time spent on the server (before and inside responses) below which its CPU shows no effect on
 * the wire. Unit: ratio 0..1. Reason: planted CPU-bound servers were above 0.6. Doubt: where tool and target share
 * CPUs, a busy server also delays the client's turn.
 */
const LITTLE_SERVER_TIME = 0.5;

/** The target has no CPU left. */
export const serverCpuSaturated: Rule = {
  code: 'server-cpu-saturated',
  needs: ['CPU time of the target'],
  evaluate(evidence) {
    const { process, wire } = evidence;
    const load = judgeCpu(evidence, 'target');
    if (load.saturated === undefined) {
      return { outcome: 'insufficient-data', missing: ['CPU time of the target'] };
    }
    if (!load.saturated) return { outcome: 'clear', because: load.because };
    const single = judgeSingleThread(evidence);
    if (single?.holds) {
      return { outcome: 'clear', because: ['one thread is full while other CPUs idle', ...single.because] };
    }
    const contest = contestCpu(evidence, 'target');
    if (contest?.yields) return { outcome: 'clear', because: [contest.text, ...load.because] };
    const wait = readingValue(wire?.server_wait_share);
    const transfer = readingValue(wire?.transfer_share);
    const server = wait === undefined || transfer === undefined ? undefined : wait + transfer;
    const budget =
      server === undefined ? [] : [`connections were with the server ${formatPercent(server)} of their time`];
    const shows = server !== undefined && server >= LITTLE_SERVER_TIME;
    return {
      outcome: 'found',
      class: 'cpu-share',
      weight: load.share * (contest?.part ?? 1),
      sentence: 'The server has no CPU left for more.',
      because: [...load.because, ...(shows ? budget : [])],
      against: [...(contest ? [contest.text] : []), ...(shows ? [] : budget), ...cpuDoubts(process)],
    };
  },
};
