import { readingValue } from '../model/cell.ts';
import type { Rule } from '../model/finding.ts';
import { formatPercent, formatRate, formatUs } from '../stats/format-figure.ts';
import { meanStreamUs } from './stream-duration.ts';

/**
 * Achieved / configured rate within which the limit counts as reached. Unit: ratio. Reason: limiters built on tickers
 * drop ticks (hey -q 10 with 8 workers gave 79.7 of 80) and start-up costs a little. Doubt: a limiter under load may
 * fall lower and then looks like another cause.
 */
const REACHED_FROM = 0.9;
const REACHED_TO = 1.02;

/**
 * How much more the connections could do for the limit to matter. Unit: factor. Reason: below it the stream's own
 * duration explains the rate just as well. Doubt: arbitrary within measuring error.
 */
const HEADROOM = 1.05;

/**
 * Share of connection time in which the client was to move that shows a waiting client by itself, when the duration of
 * streams is unknown. Unit: ratio 0..1. Reason: unlimited tools were below 0.1 on paced streams. Doubt: a CPU-bound
 * client shows the same; its own rule weighs that.
 */
const WAITING_CLIENT = 0.2;

/** The rate is what the user told the tool to send, not what the server can do. */
export const toolRateLimited: Rule = {
  code: 'tool-rate-limited',
  needs: ['requests/s', 'the duration of streams, or the time budget on the wire'],
  evaluate(evidence) {
    const { arm, metrics, wire } = evidence;
    if (arm.ratePerConnection === undefined) {
      return { outcome: 'clear', because: ['no rate limit is configured'] };
    }
    const rate = readingValue(metrics.requests_per_sec);
    if (rate === undefined) return { outcome: 'insufficient-data', missing: ['requests/s'] };
    const limit = arm.ratePerConnection * arm.connections;
    const reached = rate / limit;
    const limitText = `${formatRate(rate)} of ${formatRate(limit)} requests/s (${arm.ratePerConnection}/s on each of ${arm.connections} connections) is ${formatPercent(reached)} of the configured limit`;
    if (reached < REACHED_FROM || reached > REACHED_TO) return { outcome: 'clear', because: [limitText] };

    const streamUs = meanStreamUs(evidence);
    const possible = streamUs === undefined ? undefined : (arm.connections * 1e6) / streamUs;
    const turn = readingValue(wire?.client_turn_share);
    if (possible === undefined && turn === undefined) {
      return {
        outcome: 'insufficient-data',
        missing: ['the duration of streams', 'the time budget on the wire'],
      };
    }
    const possibleText =
      possible === undefined || streamUs === undefined
        ? []
        : [
            `streams last ${formatUs(streamUs)}, so ${formatRate(possible)} requests/s would be possible without it`,
          ];
    const turnText =
      turn === undefined ? [] : [`connections waited for the client ${formatPercent(turn)} of their time`];
    const byDuration = possible !== undefined && possible > rate * HEADROOM;
    const byTurn = turn !== undefined && turn > WAITING_CLIENT;
    if (!byDuration && !byTurn) {
      return { outcome: 'clear', because: [limitText, ...possibleText, ...turnText] };
    }
    return {
      outcome: 'found',
      class: 'wait',
      weight: byDuration ? 1 - rate / possible : (turn ?? 0),
      sentence: `${arm.id} is capped by its own limit of ${formatRate(limit)} requests/s.`,
      because: [limitText, ...(byDuration ? possibleText : []), ...(byTurn ? turnText : [])],
      against: [...(byDuration ? [] : possibleText), ...(byTurn ? [] : turnText)],
    };
  },
};
