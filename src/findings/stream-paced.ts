import type { Rule, Verdict } from '../model/finding.ts';
import { type ClosedWindows, readClosedWindows } from './closed-windows.ts';
import { judgeCpu } from './cpu-load.ts';
import { bunching } from './event-bunching.ts';
import { describeHolds, describeQuota, quotaPart } from './held-up.ts';
import { judgePacedEndless } from './paced-endless.ts';
import { judgePacedFinite } from './paced-finite.ts';
import { describeLocks, describeTurns } from './turn-taking.ts';
import { unflushedResponse } from './unflushed-response.ts';

/** The server spreads its events over time by design: no tool can get more out of these connections. */
export const streamPaced: Rule = {
  code: 'stream-paced',
  needs: [
    'CPU shares of tool and target',
    'finite streams: requests/s, duration of streams, and a capture or the time to the first byte',
    'endless streams: events/s, gaps and held streams',
  ],
  evaluate(evidence) {
    const tool = judgeCpu(evidence, 'tool');
    const target = judgeCpu(evidence, 'target');
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
    const closed = readClosedWindows(evidence);
    if (closed?.clientsPace) {
      return { outcome: 'clear', because: [`${closed.text}: the clients, not the server, set the pace`] };
    }
    const holds = describeHolds(evidence);
    if (holds !== undefined && holds.length > 0) return { outcome: 'clear', because: holds };
    const verdict =
      evidence.arm.stream === 'finite' ? judgePacedFinite(evidence) : judgePacedEndless(evidence);
    if (verdict.outcome !== 'found') return verdict;
    const queue = describeTurns(evidence);
    if (queue) return { outcome: 'insufficient-data', missing: [queue] };
    const held = unflushedResponse.evaluate(evidence);
    if (held.outcome === 'insufficient-data' && bunching(evidence)?.bunched) return held;
    return weigh(verdict, closed, quotaPart(evidence), [
      ...describeQuota(evidence),
      ...describeLocks(evidence),
    ]);
  },
};

/** What closed windows and quotas cost is no pace of the server's. */
function weigh(
  verdict: Extract<Verdict, { outcome: 'found' }>,
  closed: ClosedWindows | undefined,
  quota: number,
  doubts: string[],
): Verdict {
  const left = Math.max(0, 1 - (closed?.share ?? 0) - quota);
  return {
    ...verdict,
    weight: Math.max(0.01, verdict.weight * left),
    against: [...verdict.against, ...(closed && closed.count > 0 ? [closed.text] : []), ...doubts],
  };
}
