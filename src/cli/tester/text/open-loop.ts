import type { TesterReport } from '../../../model/tester-report.ts';
import { formatCount, formatPercent, formatUs } from '../../../stats/format-figure.ts';
import { labelled } from './lines.ts';

/** What was due, what was sent and how late. Empty for a closed loop. */
export function describeArrivals({ openLoop, outcomes, options }: TesterReport): string[] {
  if (openLoop === undefined) return [];
  const { arrivals, unsent, longestQueue, sendLatenessUs, responseTimes } = openLoop;
  const queue = longestQueue > 0 ? `; at most ${formatCount(longestQueue)} waited for a connection` : '';
  const lines = labelled(
    'open loop',
    `${formatCount(arrivals)} requests due, ${unsent === 0 ? 'all sent' : `${formatCount(arrivals - unsent)} sent, ${formatCount(unsent)} not`}${queue}`,
  );
  if (sendLatenessUs !== null) {
    const { p50, p99, max } = sendLatenessUs;
    lines.push(
      ...labelled('sent late by', `p50 ${formatUs(p50)}, p99 ${formatUs(p99)}, at most ${formatUs(max)}`),
    );
  }
  if (unsent > 0) {
    lines.push(
      ...labelled(
        'WARNING',
        `${formatCount(unsent)} requests (${formatPercent(unsent / arrivals)}) were never sent, because no connection was free. Their response times are long, and in none of the percentiles: the true ones are worse. More --connections, or a lower --rate.`,
      ),
    );
  }
  const failed = outcomes.attempted - (responseTimes.stream_us?.count ?? 0);
  // Endless streams that go on after a loss are attempted again, and no arrivals.
  if (failed > 0 && options.stream === 'finite') {
    lines.push(
      ...labelled(
        unsent > 0 ? '' : 'WARNING',
        `${formatCount(failed)} requests did not complete: they have no response time either.`,
      ),
    );
  }
  return lines;
}
