import {
  LIVE_BUCKETS_MS,
  type LiveLatency,
  type LiveLatencyName,
  type LiveSample,
} from '../../model/live-sample.ts';
import { formatUs } from '../../stats/format-figure.ts';
import { drawChart } from './charts.ts';
import { LABEL, type Line, type Span, span } from './spans.ts';

/** Room in which every bucket has its percentage beside its column. */
export const LATENCY_WIDTH = 107;
const PERCENTILE = 9;
const BUCKET = 5;
const BUCKET_WITH_PERCENT = 9;

const LATENCIES: readonly { name: LiveLatencyName; label: string; always: boolean }[] = [
  { name: 'ttfb', label: 'first byte', always: false },
  { name: 'ttfe', label: 'first event', always: true },
  { name: 'gap', label: 'event gap', always: true },
  { name: 'stream', label: 'stream', always: false },
  { name: 'headParse', label: 'head parsing', always: false },
];
const BUCKET_LABELS = [...LIVE_BUCKETS_MS.map((ms) => `≤${nameBound(ms)}`), `>${nameBound(1000)}`];

/**
 * Percentiles since the start, and how the samples lie in the buckets.
 *
 * @param all every latency, else those of events alone
 */
export function renderLatencies(sample: LiveSample | undefined, width: number, all: boolean): Line[] {
  const room = width - LABEL - 3 * PERCENTILE;
  const withPercent = room >= BUCKET_LABELS.length * BUCKET_WITH_PERCENT + 4;
  const cell = withPercent ? BUCKET_WITH_PERCENT : BUCKET;
  const withBuckets = room >= BUCKET_LABELS.length * cell;
  const gap = Math.min(4, Math.max(0, room - BUCKET_LABELS.length * cell));
  const percentiles = ['p50', 'p90', 'p99'].map((name) => name.padStart(PERCENTILE)).join('');
  const bounds = BUCKET_LABELS.map((label) => label.padStart(cell)).join('');
  const head = `${gap === 4 ? '  ms' : ' '.repeat(gap)}${bounds}`;
  const rows = LATENCIES.filter(({ always }) => all || always);
  return [
    [span(' '.repeat(LABEL)), span(`${percentiles}${withBuckets ? head : ''}`, 'dim')],
    ...rows.map(({ name, label }) => [
      span(label.padEnd(LABEL), 'dim'),
      ...renderPercentiles(sample?.latencies[name]),
      span(' '.repeat(gap)),
      ...(withBuckets ? renderBuckets(sample?.latencies[name], cell, withPercent) : []),
    ]),
  ];
}

function renderPercentiles(latency: LiveLatency | undefined): Span[] {
  const cells = [latency?.p50, latency?.p90, latency?.p99].map((us) =>
    (us === null || us === undefined ? '-' : formatUs(us)).padStart(PERCENTILE),
  );
  return [span(cells[0]!, 'bold'), span(cells[1]!), span(cells[2]!)];
}

/** One small column per bucket, as high as its share; a dot where nothing is. */
function renderBuckets(latency: LiveLatency | undefined, cell: number, withPercent: boolean): Span[] {
  const counts = countBuckets(latency);
  const highest = Math.max(...counts);
  const total = latency?.count ?? 0;
  return counts.flatMap((count) => {
    if (count === 0) return [span('·'.padStart(cell), 'dim')];
    const block = drawChart([count], 1, highest)[0]!.repeat(3);
    if (!withPercent) return [span(block.padStart(cell), 'cyan')];
    return [span(block.padStart(cell - 5), 'cyan'), span(shortPercent(count / total).padStart(5))];
  });
}

function countBuckets(latency: LiveLatency | undefined): number[] {
  if (latency === undefined) return BUCKET_LABELS.map(() => 0);
  return [...latency.le, latency.count].map((count, index, all) =>
    Math.max(0, count - (all[index - 1] ?? 0)),
  );
}

function nameBound(ms: number): string {
  return ms < 1000 ? `${ms}` : `${ms / 1000}s`;
}

function shortPercent(share: number): string {
  if (share < 0.01) return '<1%';
  return `${share < 1 ? Math.min(99, Math.round(share * 100)) : 100}%`;
}
