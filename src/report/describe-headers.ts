import type { Ablation, AblationRow, HeaderQuestion } from '../model/ablation.ts';
import type { Cell } from '../model/cell.ts';
import type { Comparison } from '../model/comparison.ts';
import { formatCount, formatRate, formatUs } from '../stats/format-figure.ts';

/** A table as texts: what the reports show of the headers of requests. */
export interface HeaderTable {
  title: string;
  sentence: string;
  heads: string[];
  rows: string[][];
}

/** Do rates follow the bytes of a request or its client? One table per variant in which requests are replayed. */
export function tabulateHeaderQuestion({ variant, sentence, requests }: HeaderQuestion): HeaderTable {
  return {
    title: variant === null ? 'Request or client' : `Request or client, ${variant}`,
    sentence,
    heads: ['row', 'client', 'request of', 'bytes', 'rate /s', 'head parsed in, p50', 'mean'],
    rows: requests.map((row) => [
      row.arm,
      row.client,
      row.request,
      row.bytes === null ? 'n/a' : formatCount(row.bytes),
      show(row.rate, formatRate),
      show(row.header_parse_us_p50, formatUs),
      show(row.header_parse_us_mean, formatUs),
    ]),
  };
}

/** What each header does to the rate. */
export function tabulateAblation(
  arm: string,
  { rows, sentence, metric, rounds }: Ablation<Cell>,
): HeaderTable {
  return {
    title: `${arm}, one header at a time, ${rounds} rounds`,
    sentence,
    heads: [
      'request',
      'bytes',
      metric === 'events_per_sec' ? 'events/s' : 'requests/s',
      'rate ratio',
      'TTFB p50',
      'head parsed in, p50',
      'mean',
    ],
    rows: rows.map((row) => [
      nameRequest(row),
      formatCount(row.bytes),
      show(row.rate, formatRate),
      row.rate_ratio ? showRatio(row.rate_ratio) : '1',
      show(row.ttfb_us_p50, formatUs),
      show(row.header_parse_us_p50, formatUs),
      show(row.header_parse_us_mean, formatUs),
    ]),
  };
}

/** All tables of a comparison, in reading order. */
export function tabulateHeaders({ headers = [], arms }: Comparison): HeaderTable[] {
  return [
    ...headers.map(tabulateHeaderQuestion),
    ...arms.flatMap(({ id, ablation }) => (ablation ? [tabulateAblation(id, ablation)] : [])),
  ];
}

/** What was sent, and what it is held against. */
export function nameRequest({ change, header }: AblationRow<unknown>): string {
  if (change === 'whole') return 'whole';
  if (change === 'bare') return 'bare, against whole';
  return change === 'without' ? `without ${header}, against whole` : `bare with ${header}, against bare`;
}

function showRatio(cell: Cell): string {
  const [low, high] = cell.known && cell.interval ? cell.interval : [];
  const interval = low === undefined || high === undefined ? '' : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  return show(cell, (value) => `${value.toFixed(3)}${interval}`);
}

function show(cell: Cell, format: (value: number) => string): string {
  return cell.known && typeof cell.value === 'number' ? format(cell.value) : 'n/a';
}
