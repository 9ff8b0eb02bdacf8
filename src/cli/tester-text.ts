import { OUTCOMES } from '../model/outcome.ts';
import type { TesterReport } from '../model/tester-report.ts';
import { clopperPearson } from '../stats/clopper-pearson.ts';
import { formatCount, formatPercent, formatRate, formatUs, percentDigits } from '../stats/format-figure.ts';

const LATENCY_LABELS = {
  connect_us: 'connect',
  ttfb_us: 'first byte',
  ttfe_us: 'first event',
  gap_us: 'event gap',
  stream_us: 'stream',
  delivery_lag_us: 'delivery lag',
} as const;
const LATENCY_COLUMNS = ['p50', 'p90', 'p99', 'p999', 'max'] as const;

/** The report of one load for a person: verdict, rates, latencies, outcomes, self-check. */
export function formatTesterReport(report: TesterReport): string {
  return [
    describeVerdict(report),
    '',
    ...describeRates(report),
    '',
    ...describeLatencies(report),
    '',
    ...describeOutcomes(report),
    '',
    ...describeSelf(report),
    '',
  ].join('\n');
}

function describeVerdict(report: TesterReport): string {
  const { outcomes, options } = report;
  const good = outcomes.completed + outcomes.held;
  const load = `${formatCount(options.connections)} connections for ${(report.window.durationUs / 1e6).toFixed(1)} s`;
  const cut = report.interrupted ? ', interrupted' : '';
  const doubt = isGeneratorLimited(report) ? ' The load generator itself was the limit.' : '';
  if (outcomes.attempted === good) {
    const word = options.stream === 'endless' && outcomes.completed === 0 ? 'held' : 'completed';
    return `All ${formatCount(good)} streams ${word} (${load}${cut}).${doubt}`;
  }
  const failed = outcomes.attempted - good - outcomes['client-aborted'];
  const why = failed > 0 && report.firstError !== undefined ? ` First failure: ${report.firstError}.` : '';
  return `${formatCount(failed)} of ${formatCount(outcomes.attempted)} streams failed (${load}${cut}).${why}${doubt}`;
}

function describeRates(report: TesterReport): string[] {
  const seconds = report.window.durationUs / 1e6;
  const lines = [
    ['requests/s', formatRate(report.completedInWindow / seconds)],
    ['events/s', formatRate(report.events / seconds)],
    ['received', `${formatRate(report.bytesReceived / 1e6)} MB`],
    [
      'connections',
      `${formatCount(report.connectionsOpened)} opened, hold ratio ${report.holdRatio.toFixed(3)}`,
    ],
  ];
  if (report.events > 0) lines.push(['events/read', formatRate(report.eventsTotal / report.reads)]);
  if (report.completedInDrain > 0) {
    lines.push(['after deadline', `${formatCount(report.completedInDrain)} completed, not in requests/s`]);
  }
  const { gaps, duplicates, rolledBack } = report.sequence;
  if (gaps + duplicates + rolledBack > 0) {
    lines.push(['event ids', `${gaps} missing, ${duplicates} repeated, ${rolledBack} rolled back`]);
  }
  return lines.map(([label, value]) => `${label!.padEnd(15)}${value}`);
}

function describeLatencies(report: TesterReport): string[] {
  const rows = Object.entries(LATENCY_LABELS).flatMap(([base, label]) => {
    const latency = report.latencies[base as keyof typeof LATENCY_LABELS];
    return latency ? [[label, ...LATENCY_COLUMNS.map((column) => formatUs(latency[column]))]] : [];
  });
  if (rows.length === 0) return ['no latencies: nothing was answered'];
  return [['latency', ...LATENCY_COLUMNS], ...rows].map(([label, ...cells]) =>
    (label!.padEnd(15) + cells.map((cell) => cell.padStart(10)).join('')).trimEnd(),
  );
}

function describeOutcomes(report: TesterReport): string[] {
  const { outcomes, timeouts } = report;
  const lines = OUTCOMES.filter((outcome) => outcomes[outcome] > 0 || isGoal(outcome, report)).map(
    (outcome) => `${outcome.padEnd(15)}${describeShare(outcomes[outcome], outcomes.attempted)}`,
  );
  const timedOut = Object.values(timeouts).reduce((sum, part) => sum + part, 0);
  const parts = Object.entries(timeouts).filter(([, count]) => count > 0);
  const detail = parts.map(([part, count]) => `${part} ${count}`).join(', ');
  const share = describeShare(timedOut, outcomes.attempted);
  lines.push(`${'timed out'.padEnd(15)}${share}${detail ? `: ${detail}` : ''}`);
  for (const [code, count] of Object.entries(report.errors))
    lines.push(`${`${code} `.padEnd(15)}${formatCount(count)}`);
  return lines;
}

function isGoal(outcome: string, report: TesterReport): boolean {
  return outcome === (report.options.stream === 'endless' ? 'held' : 'completed');
}

/** With its 95 % interval, `0/100 (<= 3.6 %)`: none of a hundred is no proof of never. */
function describeShare(count: number, total: number): string {
  if (total === 0) return '0/0';
  const [low, high] = clopperPearson(count, total);
  const counts = `${formatCount(count)}/${formatCount(total)}`;
  if (count === 0) return `${counts} (<= ${formatPercent(high)})`;
  if (count === total) return low > 0.9999 ? counts : `${counts} (>= ${formatPercent(low)})`;
  return `${counts} (${formatPercent(count / total)}, ${percentDigits(low)} - ${formatPercent(high)})`;
}

function describeSelf({ selfCheck }: TesterReport): string[] {
  const { cpuShare, loopDelayP99Us, rssBytes } = selfCheck;
  return [
    `self-check     ${formatPercent(cpuShare)} of one CPU, loop delay p99 ${formatUs(loopDelayP99Us)}, ${formatRate(rssBytes / 1e6)} MB resident`,
  ];
}

/** One thread does everything: above nine tenths of a CPU its own queue is part of every latency. */
function isGeneratorLimited({ selfCheck }: TesterReport): boolean {
  return selfCheck.cpuShare > 0.9;
}
