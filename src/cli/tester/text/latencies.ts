import type { TesterLatency, TesterReport } from '../../../model/tester-report.ts';
import { formatUs } from '../../../stats/format-figure.ts';
import { tableRow } from './lines.ts';

const LABELS = {
  connect_us: 'connect',
  ttfb_us: 'first byte',
  ttfe_us: 'first event',
  gap_us: 'event gap',
  stream_us: 'stream',
  delivery_lag_us: 'delivery lag',
} as const;
type Base = keyof typeof LABELS;

export const LATENCY_COLUMNS = ['p50', 'p90', 'p99', 'p999', 'max'] as const;

/** The cells of a latency under `LATENCY_COLUMNS`. */
export function latencyCells(latency: TesterLatency): string[] {
  return LATENCY_COLUMNS.map((column) => formatUs(latency[column]));
}

/** One table of all latencies; in an open loop service and response times one below the other. */
export function describeLatencies(report: TesterReport): string[] {
  return report.openLoop === undefined ? describeClosed(report) : describeOpen(report, report.openLoop);
}

const NAME_COLUMNS = 15;

function describeClosed({ latencies }: TesterReport): string[] {
  const rows = basesOf(latencies).map((base) =>
    tableRow(LABELS[base], NAME_COLUMNS, latencyCells(latencies[base]!)),
  );
  if (rows.length === 0) return ['no latencies: nothing was answered'];
  return [tableRow('latency', NAME_COLUMNS, LATENCY_COLUMNS), ...rows];
}

const OPEN_NAME_COLUMNS = 24;

function describeOpen(
  { latencies }: TesterReport,
  { responseTimes }: NonNullable<TesterReport['openLoop']>,
): string[] {
  const rows = basesOf(latencies).flatMap((base) => {
    const service = latencies[base]!;
    if (!(base in responseTimes)) return [tableRow(LABELS[base], OPEN_NAME_COLUMNS, latencyCells(service))];
    const response = responseTimes[base as keyof typeof responseTimes];
    return [
      tableRow(`${LABELS[base].padEnd(14)}service`, OPEN_NAME_COLUMNS, latencyCells(service)),
      ...(response ? [tableRow(`${''.padEnd(14)}response`, OPEN_NAME_COLUMNS, latencyCells(response))] : []),
    ];
  });
  if (rows.length === 0) return ['no latencies: nothing was answered'];
  return [
    tableRow('latency', OPEN_NAME_COLUMNS, LATENCY_COLUMNS),
    ...rows,
    'service: from the actual send. response: from the intended send, as users wait.',
  ];
}

function basesOf(latencies: TesterReport['latencies']): Base[] {
  return (Object.keys(LABELS) as Base[]).filter((base) => latencies[base] !== null);
}
