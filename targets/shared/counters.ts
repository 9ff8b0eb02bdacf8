export const STREAM_ENDS = [
  'completed',
  'client-closed',
  'reset',
  'closed-early',
  'write-error',
  'stalled',
] as const;

/** How an event stream ended, from the server's point of view. */
export type StreamEnd = (typeof STREAM_ENDS)[number];

/** Upper bounds in seconds: 1, 2, 5 per decade from 1 us to 1 s. */
const BUCKET_BOUNDS_S = [-6, -5, -4, -3, -2, -1]
  .flatMap((power) => [1, 2, 5].map((step) => Number(`${step}e${power}`)))
  .concat(1);

/** The ground truth that the harness compares every load tool with. */
export interface Counters {
  connectionsTotal: number;
  connectionsOpen: number;
  /** By route, in the order of exposition; `other` is the last. */
  requests: Map<string, number>;
  streams: Record<StreamEnd, number>;
  streamsOpen: number;
  /** Events, comments and bytes are counted when the kernel has taken them. */
  events: number;
  comments: number;
  bodyBytes: number;
  headerParse: Histogram;
}

export interface Histogram {
  /** Not cumulative; one more than there are bounds. */
  buckets: number[];
  sumMs: number;
}

export function createCounters(routes: readonly string[]): Counters {
  return {
    connectionsTotal: 0,
    connectionsOpen: 0,
    requests: new Map([...routes, 'other'].map((route) => [route, 0])),
    streams: Object.fromEntries(STREAM_ENDS.map((end) => [end, 0])) as Record<StreamEnd, number>,
    streamsOpen: 0,
    events: 0,
    comments: 0,
    bodyBytes: 0,
    headerParse: { buckets: new Array<number>(BUCKET_BOUNDS_S.length + 1).fill(0), sumMs: 0 },
  };
}

/**
 * Counts a request at the entry of its handler, and its header-parse time unless it comes from the harness.
 * `firstByteMs` is when its first byte was read, on the clock of performance.now().
 */
export function countRequest(counters: Counters, path: string, firstByteMs: number, enteredMs: number): void {
  const route = counters.requests.has(path) ? path : 'other';
  counters.requests.set(route, counters.requests.get(route)! + 1);
  if (route !== '/metrics' && route !== '/healthz') observe(counters.headerParse, enteredMs - firstByteMs);
}

function observe(histogram: Histogram, ms: number): void {
  let i = 0;
  while (i < BUCKET_BOUNDS_S.length && ms > BUCKET_BOUNDS_S[i]! * 1000) i++;
  histogram.buckets[i]!++;
  histogram.sumMs += ms;
}

/** The counters in the Prometheus text format 0.0.4. */
export function formatCounters(counters: Counters): string {
  return [
    family('connections_total', 'counter', 'TCP connections accepted.', counters.connectionsTotal),
    family('connections_open', 'gauge', 'TCP connections open now.', counters.connectionsOpen),
    family(
      'requests_total',
      'counter',
      'Requests handed to a handler, by route.',
      labelled('route', counters.requests),
    ),
    family(
      'streams_total',
      'counter',
      'Event streams by how they ended, as the server saw it.',
      labelled('end', Object.entries(counters.streams)),
    ),
    family('streams_open', 'gauge', 'Event streams open now.', counters.streamsOpen),
    family('events_total', 'counter', 'Events handed to the socket.', counters.events),
    family('comments_total', 'counter', 'Comments handed to the socket.', counters.comments),
    family(
      'body_bytes_total',
      'counter',
      'Event stream bytes handed to the socket, before chunk framing.',
      counters.bodyBytes,
    ),
    family(
      'header_parse_seconds',
      'histogram',
      'First request byte read to handler entry, without /metrics and /healthz.',
      histogramSamples(counters.headerParse),
    ),
  ].join('');
}

/** The samples of a family with one label, by its values. */
export function labelled(
  label: string,
  values: Iterable<[value: string, n: number]>,
): [suffix: string, value: number][] {
  return [...values].map(([value, n]) => [`{${label}="${value}"}`, n]);
}

/** One family with its help and type. `shortName` is without the `ssee_target_` that all have. */
export function family(
  shortName: string,
  kind: string,
  help: string,
  samples: number | [suffix: string, value: number][],
): string {
  const name = `ssee_target_${shortName}`;
  const lines = (typeof samples === 'number' ? [['', samples] as const] : samples).map(
    ([suffix, value]) => `${name}${suffix} ${value}\n`,
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${lines.join('')}`;
}

function histogramSamples(histogram: Histogram): [string, number][] {
  let count = 0;
  const samples: [string, number][] = [...BUCKET_BOUNDS_S, '+Inf'].map((bound, i) => {
    count += histogram.buckets[i]!;
    return [`_bucket{le="${bound}"}`, count];
  });
  return [...samples, ['_sum', histogram.sumMs / 1000], ['_count', count]];
}
