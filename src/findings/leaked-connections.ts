import type { Rule } from '../model/finding.ts';
import { formatCount, formatPercent } from '../stats/format-figure.ts';
import { ownCounters } from './figures.ts';

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
    const looked = evidence.trials.flatMap(({ leftover, trialId }) =>
      leftover ? [{ ...leftover, trialId }] : [],
    );
    if (looked.length === 0) {
      return {
        outcome: 'insufficient-data',
        missing: ['the sockets left on the port after the tool has ended'],
      };
    }
    const worst = looked.reduce((a, b) => (b.closeWait > a.closeWait ? b : a));
    const rounds = evidence.trials.filter(({ kind, kernel }) => kind === 'measured' && kernel).length;
    const opens = (ownCounters(evidence)?.ActiveOpens ?? 0) / Math.max(1, rounds);
    const total = Math.max(opens, evidence.arm.connections);
    const share = worst.closeWait / total;
    const text = `in ${worst.trialId} the target still held ${formatCount(worst.closeWait)} connections in CLOSE_WAIT ${formatCount(worst.waitedMs)} ms after the tool had ended`;
    if (share <= LEAK_SHARE) return { outcome: 'clear', because: [text] };
    const sockets = evidence.kernel?.sockets;
    return {
      outcome: 'found',
      class: 'hard-event',
      weight: Math.min(1, share),
      sentence: `The target leaks connections: ${formatPercent(Math.min(1, share))} of them stay open after their clients have closed.`,
      because: [
        text,
        ...(sockets && sockets.closeWaitMax > sockets.closeWaitBefore
          ? [
              `CLOSE_WAIT grew from ${formatCount(sockets.closeWaitBefore)} to ${formatCount(sockets.closeWaitMax)} while it ran`,
            ]
          : []),
        ...(evidence.process.targetCloseWaitPerSec !== undefined &&
        evidence.process.targetCloseWaitFit !== undefined
          ? [
              `it grew by ${formatCount(Math.round(evidence.process.targetCloseWaitPerSec))}/s; a straight line explains ${formatPercent(evidence.process.targetCloseWaitFit)} of that`,
            ]
          : []),
      ],
      against: [],
    };
  },
};
