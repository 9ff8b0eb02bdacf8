import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatCount, formatPercent, formatRate } from '../stats/format-figure.ts';
import { countersRounds, evidenceUs, ownCounters } from './figures.ts';
import { confidenceOf, NO_CPU_LEFT } from './target-cpu-cause.ts';

/**
 * Requests per connection up to which connections are not reused. Unit: requests. Reason: with one connection per request
 * it is 1, and a single lucky one in ten more is noise. Doubt: a server that closes after ten requests costs a tenth.
 */
const NOT_REUSED = 1.1;

/**
 * CPU time of making and ending one connection, both sides. Unit: us. Reason: 19,000 connections/s against 85,000 requests/s
 * on two CPUs leave 80 us for it. Doubt: another kernel and another CPU differ by a factor of two.
 */
const SETUP_US = 80;

/**
 * Share of the machine's CPU time that goes into connections, by that figure, from which it is a cause, and
 * from which it is the reason for CPUs without time left. Unit: ratio 0..1. Reason: a tenth shows in a rate; servers that do
 * nothing else were at 0.41 to 0.47. Doubt: it shows only where CPU is what limits.
 */
const SETUP_SHARE = { from: 0.1, to: 0.4 };

/** Every request pays for a connection of its own. */
export const connectionChurn: Rule = {
  code: 'connection-churn',
  needs: ['a capture, or kernel counters and the number of streams'],
  evaluate(evidence) {
    const { process } = evidence;
    const use = countConnections(evidence);
    if (!use || process.cpus === undefined) {
      return {
        outcome: 'insufficient-data',
        missing: ['requests per connection: a capture, or kernel counters'],
      };
    }
    const text = `${use.who} there were ${formatRate(use.requestsPerConnection)} requests per connection and ${formatRate(use.perSecond)} new connections/s`;
    if (use.requestsPerConnection > NOT_REUSED) return { outcome: 'clear', because: [text] };
    // What others take was never there for connections.
    const cpus = process.cpus * Math.max(0.05, 1 - (process.unaccounted ?? 0) - (process.steal ?? 0));
    const share = Math.min(1, (use.perSecond * SETUP_US) / 1e6 / cpus);
    const costText = `at some ${SETUP_US} us of CPU each, making and ending them takes ${formatPercent(share)} of the ${cpus.toFixed(1)} CPUs there were`;
    const confidence = confidenceOf(share, SETUP_SHARE);
    if (confidence === 0) return { outcome: 'clear', because: [text, costText] };
    const byServer = readingValue(evidence.wire?.first_fin_by_server) ?? 0;
    const byClient = readingValue(evidence.wire?.first_fin_by_client) ?? 0;
    return {
      outcome: 'found',
      class: 'cpu-share',
      weight: share,
      sentence: `Every request has a connection of its own, ${formatRate(use.perSecond)} per second: making them is a good part of the work.`,
      because: [
        text,
        costText,
        ...(byServer + byClient === 0
          ? []
          : [
              `${byServer > byClient ? 'the server' : 'the client'} closes first (${formatCount(byServer)} by the server, ${formatCount(byClient)} by the client)`,
            ]),
      ],
      against:
        confidence < 1
          ? [`that is proof of ${formatPercent(confidence)}: what else the CPUs do may weigh as much`]
          : [],
      explains: { codes: [...NO_CPU_LEFT, 'client-cpu-saturated'], confidence },
    };
  },
};

function countConnections(
  evidence: ArmEvidence,
): { who: string; requestsPerConnection: number; perSecond: number } | undefined {
  const { wire, truth, process } = evidence;
  const reuse = readingValue(wire?.requests_per_connection);
  const opened = readingValue(wire?.connections_opened);
  const us = evidenceUs(evidence);
  if (reuse !== undefined && opened !== undefined && us !== undefined) {
    return { who: 'on the wire', requestsPerConnection: reuse, perSecond: (opened * 1e6) / us };
  }
  const opens = ownCounters(evidence)?.ActiveOpens;
  // Streams that a tool began are as many requests or fewer: a connection that was refused has none.
  const requests = truth?.requests ?? readingValue(evidence.outcomes.attempted);
  const rounds = countersRounds(evidence);
  if (!opens || requests === undefined || process.windowMs === undefined || rounds === 0) return undefined;
  return {
    who: 'by the kernel',
    requestsPerConnection: requests / opens,
    perSecond: (opens * 1000) / (process.windowMs * rounds),
  };
}
