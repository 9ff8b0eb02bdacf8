import { formatRate } from '../../stats/format-figure.ts';
import { drawChart, resample } from './charts.ts';
import type { PanelRate, PanelState } from './panel-state.ts';
import { LABEL, type Line, span } from './spans.ts';

const NOW = 9;
const MEAN = 10;
const PEAK = 11;

interface ChartSize {
  /** Of the whole block. */
  width: number;
  rows: number;
  /** Values of a whole run. */
  expected: number;
}

/**
 * Each rate in the last interval, over the last ten seconds, over the run as a chart, and at its peak.
 *
 * @param rows lines per chart
 */
export function renderRates(state: PanelState, width: number, rows: number): Line[] {
  const head = ['now'.padStart(NOW), '10 s'.padStart(MEAN), 'peak'.padStart(width - LABEL - NOW - MEAN)];
  const expected = Math.ceil(state.load.durationMs / 1000);
  const table: readonly [string, PanelRate, (perSec: number) => string][] = [
    ['events/s', state.events, formatRate],
    ['requests/s', state.requests, formatRate],
    ['received/s', state.bytes, formatBytes],
  ];
  return [
    [span(' '.repeat(LABEL)), span(head.join(''), 'dim')],
    ...table.flatMap(([label, rate, format]) => renderRate(label, rate, format, { width, rows, expected })),
  ];
}

/** Figures stand on the base line of their chart. */
function renderRate(
  label: string,
  { window, history }: PanelRate,
  format: (perSec: number) => string,
  { width, rows, expected }: ChartSize,
): Line[] {
  const chartWidth = width - LABEL - NOW - MEAN - 2 - PEAK;
  const now = history.at(-1);
  const mean = window.meanPerSec();
  const peak = history.reduce((most, value) => Math.max(most, value), 0);
  const chart = drawChart(resample(history, expected, chartWidth), rows);
  return chart.map((cells, row) => {
    const isBase = row === rows - 1;
    const figures: Line = [
      span(label.padEnd(LABEL), 'dim'),
      span((now === undefined ? '-' : format(now)).padStart(NOW), 'bold'),
      span((mean === null ? '-' : format(mean)).padStart(MEAN)),
    ];
    return [
      ...(isBase ? figures : [span(' '.repeat(LABEL + NOW + MEAN))]),
      span('  '),
      span(cells.padEnd(chartWidth), 'cyan'),
      ...(isBase ? [span((now === undefined ? '-' : format(peak)).padStart(PEAK), 'dim')] : []),
    ];
  });
}

function formatBytes(bytes: number): string {
  if (bytes < 1e3) return `${formatRate(bytes)} B`;
  if (bytes < 1e6) return `${formatRate(bytes / 1e3)} KB`;
  return bytes < 1e9 ? `${formatRate(bytes / 1e6)} MB` : `${formatRate(bytes / 1e9)} GB`;
}
