import type { Rule } from '../model/finding.ts';
import type { SocketRecord } from '../model/run-record.ts';
import { formatCount, formatPercent, formatRate } from '../stats/format-figure.ts';
import { countersRounds, ownCounters } from './figures.ts';

/**
 * Share of the connections that stay with the target although their clients have closed. Unit: ratio 0..1. Reason: the
 * harness waits three seconds for the target to let go, which healthy servers do within milliseconds. Doubt: a server
 * that closes idle connections once a minute leaks for a minute only.
 */
const LEAK_SHARE = 0.01;

/** The target keeps connections whose clients have gone: CLOSE_WAIT grows. */
export const leakedConnections: Rule = {
  code: 'leaked-connections',
  needs: ['the sockets left on the port after the tool has ended'],
  evaluate(evidence) {
    const looked = evidence.trials.flatMap(({ leftover, trialId, kernel }) =>
      leftover ? [{ ...leftover, trialId, sockets: kernel?.sockets }] : [],
    );
    if (looked.length === 0) {
      return {
        outcome: 'insufficient-data',
        missing: ['the sockets left on the port after the tool has ended'],
      };
    }
    const worst = looked.reduce((a, b) => (b.closeWait > a.closeWait ? b : a));
    const rounds = countersRounds(evidence);
    const opens = (ownCounters(evidence)?.ActiveOpens ?? 0) / Math.max(1, rounds);
    const total = Math.max(opens, evidence.arm.connections);
    const share = worst.closeWait / total;
    const text = `in ${worst.trialId} the target still held ${formatCount(worst.closeWait)} connections in CLOSE_WAIT ${formatCount(worst.waitedMs)} ms after the tool had ended`;
    if (share <= LEAK_SHARE) return { outcome: 'clear', because: [text] };
    return {
      outcome: 'found',
      class: 'hard-event',
      weight: Math.min(1, share),
      sentence: `The target leaks connections: ${formatPercent(Math.min(1, share))} of them stay open after their clients have closed.`,
      because: [text, ...describeGrowth(worst.sockets)],
      against: [],
    };
  },
};

/** How the connections in CLOSE_WAIT of one trial became more while the tool ran; empty where they did not. */
function describeGrowth(sockets: SocketRecord | undefined): string[] {
  if (!sockets || sockets.closeWaitMax <= sockets.closeWaitBefore) return [];
  const { closeWaitBefore, closeWaitMax, closeWaitPerSec, closeWaitFit } = sockets;
  const text = `CLOSE_WAIT grew from ${formatCount(closeWaitBefore)} to ${formatCount(closeWaitMax)} while it ran`;
  if (closeWaitPerSec === undefined || closeWaitPerSec <= 0) return [text];
  const fit =
    closeWaitFit === undefined ? '' : `; a straight line explains ${formatPercent(closeWaitFit)} of that`;
  return [`${text}, by ${formatRate(closeWaitPerSec)}/s${fit}`];
}
