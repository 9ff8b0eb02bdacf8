import {
  LIVE_BUCKETS_MS,
  type LiveLatency,
  type LiveListener,
  type LiveSample,
} from '../model/live-sample.ts';
import { SlidingWindow } from '../tester/live/sliding-window.ts';

/** What does not change while a load runs. Prometheus and OTLP carry it as labels. */
export interface LiveLabels {
  /** Host and port of the server under test. */
  service: string;
  /** Path, without the query: every distinct value is a series of its own. */
  endpoint: string;
  method: string;
  /** Latencies are not kept apart by status code: `all`, unless every response is known to have this one. */
  statusCode: string;
  /** `http/1.1` */
  protocol: string;
  /** Numeric address of the server. */
  peerIp: string;
  /** Media type that was asked for, e.g. `text/event-stream`. */
  contentType: string;
  /** System that sends the requests, e.g. `linux`. */
  uaOs: string;
}

/** A histogram as it stands: cumulative counts per upper bound in seconds; the bound +Inf is `count`. */
export interface HistogramValue {
  boundsS: readonly number[];
  cumulative: readonly number[];
  count: number;
  sumS: number;
}

export interface MetricPoint<Value> {
  labels: Record<string, string>;
  value: Value;
}

interface MetricBase {
  /** Without prefix, unit and `_total`: each format has its own rule for them. */
  name: string;
  help: string;
  /** UCUM: seconds, bytes, or a plain number. */
  unit: 's' | 'By' | '1';
}

/** One metric and how its points are read from a snapshot. No point where there is no measured value. */
export type LiveMetric =
  | (MetricBase & {
      kind: 'gauge' | 'counter';
      read(snapshot: LiveSnapshot): MetricPoint<number>[];
    })
  | (MetricBase & { kind: 'histogram'; read(snapshot: LiveSnapshot): MetricPoint<HistogramValue>[] });

/** The newest sample with the rate over the last ten seconds. */
export interface LiveSnapshot {
  sample: LiveSample;
  requestsPerSec: number;
}

/** Keeps the newest sample for whoever asks. */
export class LiveSnapshots {
  latest: LiveSnapshot | undefined;
  private readonly requests = new SlidingWindow();

  readonly onSample: LiveListener = (sample) => {
    this.requests.push(sample.requestsPerSec, sample.intervalMs);
    this.latest = { sample, requestsPerSec: this.requests.meanPerSec() ?? 0 };
  };
}

const BOUNDS_S = LIVE_BUCKETS_MS.map((ms) => ms / 1000);

/** Every live metric with its labels, in the order of publication. */
export function describeLiveMetrics(given: LiveLabels): LiveMetric[] {
  const target = { service: given.service, endpoint: given.endpoint };
  const answer = { method: given.method, status_code: given.statusCode };
  const peer = { protocol: given.protocol, peer_ip: given.peerIp };
  const head = { content_type: given.contentType, ua_os: given.uaOs };
  const latency = (
    name: string,
    help: string,
    labels: Record<string, string>,
    of: (sample: LiveSample) => LiveLatency,
  ): LiveMetric => ({
    kind: 'histogram',
    name,
    help,
    unit: 's',
    read: ({ sample }) => [{ labels, value: toHistogram(of(sample)) }],
  });
  const simple = (
    kind: 'gauge' | 'counter',
    name: string,
    help: string,
    labels: Record<string, string>,
    of: (snapshot: LiveSnapshot) => number | null,
    unit: MetricBase['unit'] = '1',
  ): LiveMetric => ({
    kind,
    name,
    help,
    unit,
    read(snapshot) {
      const value = of(snapshot);
      return value === null ? [] : [{ labels, value }];
    },
  });
  const split = (
    name: string,
    help: string,
    key: string,
    of: (sample: LiveSample) => object | undefined,
    labels: Record<string, string> = {},
  ): LiveMetric => ({
    kind: 'counter',
    name,
    help,
    unit: '1',
    read: ({ sample }) =>
      Object.entries(of(sample) ?? {}).map(([part, value]) => ({
        labels: { ...labels, [key]: part },
        value,
      })),
  });
  return [
    simple(
      'gauge',
      'qps',
      'Responses completed per second, mean of the last 10 s.',
      target,
      (it) => it.requestsPerSec,
    ),
    simple(
      'gauge',
      'events_per_second',
      'Events per second, last interval.',
      target,
      (it) => it.sample.eventsPerSec,
    ),
    latency('latency_ttfb', 'Request written to first response byte.', answer, (it) => it.latencies.ttfb),
    latency('latency_ttfe', 'Request written to first event.', answer, (it) => it.latencies.ttfe),
    latency('latency_gap', 'Event to next event.', answer, (it) => it.latencies.gap),
    latency('latency_stream', 'Request written to end of the response.', answer, (it) => it.latencies.stream),
    simple(
      'gauge',
      'connection_survival',
      'Share, 0 to 1, of opened connections that are alive or ended well.',
      peer,
      (it) => it.sample.survival,
    ),
    simple(
      'gauge',
      'connections_open',
      'Connections established now.',
      peer,
      (it) => it.sample.connectionsOpen,
    ),
    simple('gauge', 'connections_asked', 'Connections asked for.', peer, (it) => it.sample.connectionsAsked),
    latency(
      'header_parse',
      'Parsing of a response head by the load generator.',
      head,
      (it) => it.latencies.headParse,
    ),
    simple('counter', 'streams_begun', 'Streams begun.', target, (it) => it.sample.attempted),
    split('streams', 'Streams by how they ended.', 'outcome', (it) => it.outcomes),
    split('timeouts', 'Streams that timed out, by the part that did.', 'part', (it) => it.timeouts),
    split('errors', 'Failures by kind.', 'code', (it) => it.errors),
    split('responses', 'Final responses by status code.', 'status_code', (it) => it.statusCodes, {
      method: given.method,
    }),
    simple('counter', 'events', 'Events dispatched.', target, (it) => it.sample.events),
    simple('counter', 'received', 'Response bytes.', target, (it) => it.sample.bytesReceived, 'By'),
    simple(
      'gauge',
      'generator_cpu_share',
      'CPU used by the load generator of what its threads could use; near 1 it is the limit.',
      {},
      (it) => it.sample.cpuShare,
    ),
    simple(
      'gauge',
      'generator_loop_delay_p99',
      'Lateness of the event loop of the load generator, p99.',
      {},
      (it) => it.sample.loopDelayP99Us / 1e6,
      's',
    ),
    simple(
      'gauge',
      'generator_send_lateness_p99',
      'How much later than intended requests are sent, p99.',
      {},
      ({ sample }) => (sample.sendLatenessP99Us === null ? null : sample.sendLatenessP99Us / 1e6),
      's',
    ),
  ];
}

function toHistogram({ le, count, sumUs }: LiveLatency): HistogramValue {
  return { boundsS: BOUNDS_S, cumulative: le, count, sumS: sumUs / 1e6 };
}
