import type { TargetCounters } from '../model/evidence.ts';
import {
  type PrometheusHistogram,
  type PrometheusSample,
  parsePrometheusText,
  readHistogram,
} from './prometheus-text.ts';

/** Routes that the harness itself asks for while a trial runs. */
const HARNESS_ROUTES: ReadonlySet<string> = new Set(['/metrics', '/healthz']);

const STREAM_ENDS = {
  streamsCompleted: 'completed',
  streamsClientClosed: 'client-closed',
  streamsReset: 'reset',
  streamsClosedEarly: 'closed-early',
  streamsWriteError: 'write-error',
  streamsStalled: 'stalled',
} as const;

/**
 * What a target counted between two readings of its Prometheus endpoint.
 *
 * Undefined when a reading is missing, has none of our counters, or a counter went down: then the target was
 * restarted in between and the difference would be fiction. A family that the target does not export leaves its
 * members undefined; a label value that never occurred in an exported family is a true 0.
 */
export function readTargetCounters(
  before: string | undefined,
  after: string | undefined,
): TargetCounters | undefined {
  if (before === undefined || after === undefined) return undefined;
  const first = parsePrometheusText(before).filter(isOurs);
  const last = parsePrometheusText(after).filter(isOurs);
  if (last.length === 0 || hasDecreased(first, last)) return undefined;

  const counters: TargetCounters = {};
  const put = (key: Exclude<keyof TargetCounters, 'headerParse'>, value: number | undefined): void => {
    if (value !== undefined) counters[key] = value;
  };
  put(
    'requests',
    delta(first, last, 'ssee_target_requests_total', (sample) => !isOfHarness(sample)),
  );
  // Each request of the harness comes on a connection of its own, that of the last reading too. A target that does not
  // say how many there were leaves open how many connections are the tool's.
  const accepted = delta(first, last, 'ssee_target_connections_total');
  const ofHarness = delta(first, last, 'ssee_target_requests_total', isOfHarness);
  if (accepted !== undefined && ofHarness !== undefined) {
    put('connections', Math.max(0, accepted - ofHarness));
  }
  for (const [key, end] of Object.entries(STREAM_ENDS) as [keyof typeof STREAM_ENDS, string][]) {
    put(
      key,
      delta(first, last, 'ssee_target_streams_total', (s) => s.labels.get('end') === end),
    );
  }
  put('events', delta(first, last, 'ssee_target_events_total'));
  put('bodyBytes', delta(first, last, 'ssee_target_body_bytes_total'));
  const headerParse = readHeaderParse(first, last);
  if (headerParse) counters.headerParse = headerParse;
  return Object.keys(counters).length > 0 ? counters : undefined;
}

function isOfHarness(sample: PrometheusSample): boolean {
  return HARNESS_ROUTES.has(sample.labels.get('route') ?? '');
}

function isOurs(sample: PrometheusSample): boolean {
  return sample.name.startsWith('ssee_target_') && Number.isFinite(sample.value);
}

/** True when any counter series is smaller than before, or is gone. Gauges do not end in these suffixes. */
function hasDecreased(first: readonly PrometheusSample[], last: readonly PrometheusSample[]): boolean {
  const now = new Map(last.map((sample) => [seriesKey(sample), sample.value]));
  return first
    .filter((sample) => /_(total|count|bucket)$/.test(sample.name))
    .some((sample) => (now.get(seriesKey(sample)) ?? -1) < sample.value);
}

function seriesKey(sample: PrometheusSample): string {
  return JSON.stringify([sample.name, ...[...sample.labels].sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Growth of a family over the series that `wanted` admits; undefined when the family is not exported. */
function delta(
  first: readonly PrometheusSample[],
  last: readonly PrometheusSample[],
  name: string,
  wanted: (sample: PrometheusSample) => boolean = () => true,
): number | undefined {
  if (!last.some((sample) => sample.name === name)) return undefined;
  const total = (samples: readonly PrometheusSample[]): number =>
    samples.filter((sample) => sample.name === name && wanted(sample)).reduce((sum, s) => sum + s.value, 0);
  return total(last) - total(first);
}

function readHeaderParse(
  first: readonly PrometheusSample[],
  last: readonly PrometheusSample[],
): TargetCounters['headerParse'] {
  const name = 'ssee_target_header_parse_seconds';
  const after = readHistogram(last, name);
  if (!after) return undefined;
  const before = readHistogram(first, name);
  const grown = before ? subtract(after, before) : after;
  if (grown.count <= 0) return undefined;
  return {
    count: grown.count,
    p50Us: toUs(quantile(grown, 0.5)),
    p99Us: toUs(quantile(grown, 0.99)),
    meanUs: toUs(grown.sum / grown.count),
  };
}

function subtract(after: PrometheusHistogram, before: PrometheusHistogram): PrometheusHistogram {
  const earlier = new Map(before.buckets.map((bucket) => [bucket.le, bucket.count]));
  return {
    buckets: after.buckets.map(({ le, count }) => ({ le, count: count - (earlier.get(le) ?? 0) })),
    sum: after.sum - before.sum,
    count: after.count - before.count,
  };
}

/**
 * A quantile as if samples lay evenly inside their bucket: exact only to the bucket's width. Samples beyond the
 * last finite bound are reported as that bound, which is then a lower limit.
 */
function quantile(histogram: PrometheusHistogram, q: number): number {
  const rank = q * histogram.count;
  let lowerBound = 0;
  let below = 0;
  for (const { le, count } of histogram.buckets) {
    if (count >= rank && count > below) {
      if (!Number.isFinite(le)) return lowerBound;
      return lowerBound + ((le - lowerBound) * (rank - below)) / (count - below);
    }
    lowerBound = Number.isFinite(le) ? le : lowerBound;
    below = count;
  }
  return lowerBound;
}

/** To a tenth of a microsecond: parsing a head takes a few of them. */
function toUs(seconds: number): number {
  return Math.round(seconds * 1e7) / 10;
}
