import type { TesterReport } from '../../../model/tester-report.ts';
import { formatPercent, formatRate, formatUs } from '../../../stats/format-figure.ts';
import { continued, labelled } from './lines.ts';

/** What the load generator used and whether it kept up. */
export function describeSelf({ selfCheck, options }: TesterReport): string[] {
  const { cpuShare, busiestThread, loopDelayP99Us, rssBytes } = selfCheck;
  const { workers } = options;
  const busy = workers > 1 ? `the busiest of ${workers} workers` : 'its thread';
  return [
    ...labelled(
      'self-check',
      `${formatPercent(cpuShare)} of one CPU, ${busy} busy ${formatPercent(busiestThread)} of the time`,
    ),
    ...continued(`loop delay p99 ${formatUs(loopDelayP99Us)}, ${formatRate(rssBytes / 1e6)} MB resident`),
  ];
}
