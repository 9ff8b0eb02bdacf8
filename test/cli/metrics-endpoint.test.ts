import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { LiveLabels } from '../../src/cli/live-metrics.ts';
import { type MetricsEndpoint, serveMetrics } from '../../src/cli/metrics-endpoint.ts';
import {
  type PrometheusSample,
  parsePrometheusText,
  readHistogram,
} from '../../src/evidence/prometheus-text.ts';
import { UserError } from '../../src/model/errors.ts';
import { anyLiveSample, liveLatencyOf, liveSample } from '../helpers/live-samples.ts';

const LABELS: LiveLabels = {
  service: '127.0.0.1:8080',
  endpoint: '/events',
  method: 'GET',
  statusCode: 'all',
  protocol: 'http/1.1',
  peerIp: '127.0.0.1',
  contentType: 'text/event-stream',
  uaOs: 'linux',
};
const HISTOGRAMS = [
  ['ttfb', 'ssee_tester_latency_ttfb_seconds'],
  ['ttfe', 'ssee_tester_latency_ttfe_seconds'],
  ['gap', 'ssee_tester_latency_gap_seconds'],
  ['stream', 'ssee_tester_latency_stream_seconds'],
  ['headParse', 'ssee_tester_header_parse_seconds'],
] as const;

let endpoint: MetricsEndpoint | undefined;

async function serve(labels: LiveLabels = LABELS): Promise<MetricsEndpoint> {
  endpoint = await serveMetrics(0, labels);
  return endpoint;
}

async function scrape(path = '/metrics', init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${endpoint!.port}${path}`, { ...init, headers: { Connection: 'close' } });
}

async function scrapeSamples(): Promise<PrometheusSample[]> {
  return parsePrometheusText(await (await scrape()).text());
}

function find(
  samples: readonly PrometheusSample[],
  name: string,
  labels: Record<string, string> = {},
): number[] {
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels.get(key) === value))
    .map(({ value }) => value);
}

afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
});

describe('the metrics endpoint', () => {
  it('has no values before the first sample', async () => {
    await serve();
    const response = await scrape();
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await response.text();
    expect(text).toContain('# TYPE ssee_tester_qps gauge');
    expect(parsePrometheusText(text)).toEqual([]);
  });

  it('publishes the four indicators with their labels', async () => {
    const { onSample } = await serve();
    onSample(liveSample({ requestsPerSec: 100, survival: 0.75 }));
    onSample(liveSample({ requestsPerSec: 200, survival: 0.75 }));
    const samples = await scrapeSamples();
    expect(find(samples, 'ssee_tester_qps', { service: '127.0.0.1:8080', endpoint: '/events' })).toEqual([
      150,
    ]);
    expect(
      find(samples, 'ssee_tester_latency_gap_seconds_count', { method: 'GET', status_code: 'all' }),
    ).toEqual([6]);
    expect(
      find(samples, 'ssee_tester_connection_survival', { protocol: 'http/1.1', peer_ip: '127.0.0.1' }),
    ).toEqual([0.75]);
    expect(
      find(samples, 'ssee_tester_header_parse_seconds_count', {
        content_type: 'text/event-stream',
        ua_os: 'linux',
      }),
    ).toEqual([4]);
  });

  it('leaves out what is not known, and counts what is split', async () => {
    const { onSample } = await serve();
    onSample(
      liveSample({
        survival: null,
        errors: { ECONNRESET: 3 },
        statusCodes: { 200: 40, 503: 2 },
        attempted: 42,
      }),
    );
    const samples = await scrapeSamples();
    expect(find(samples, 'ssee_tester_connection_survival')).toEqual([]);
    expect(find(samples, 'ssee_tester_generator_send_lateness_p99_seconds')).toEqual([]);
    expect(find(samples, 'ssee_tester_errors_total', { code: 'ECONNRESET' })).toEqual([3]);
    expect(find(samples, 'ssee_tester_responses_total', { method: 'GET', status_code: '503' })).toEqual([2]);
    expect(find(samples, 'ssee_tester_streams_begun_total')).toEqual([42]);
    expect(find(samples, 'ssee_tester_streams_total', { outcome: 'completed' })).toEqual([9876]);
    expect(find(samples, 'ssee_tester_received_bytes_total')).toEqual([13_800_000]);
  });

  it('has the bounds of the buckets in seconds', async () => {
    const { onSample } = await serve();
    onSample(
      liveSample({ latencies: { ...liveSample().latencies, ttfe: liveLatencyOf([100, 101, 60_000, 3e6]) } }),
    );
    expect(readHistogram(await scrapeSamples(), 'ssee_tester_latency_ttfe_seconds')).toEqual({
      buckets: [
        { le: 0.0001, count: 1 },
        { le: 0.001, count: 2 },
        { le: 0.01, count: 2 },
        { le: 0.05, count: 2 },
        { le: 0.2, count: 3 },
        { le: 1, count: 3 },
        { le: Number.POSITIVE_INFINITY, count: 4 },
      ],
      sum: 3.060201,
      count: 4,
    });
  });

  it('publishes sound histograms and the counts of the load, whatever they are', async () => {
    const { onSample } = await serve();
    await fc.assert(
      fc.asyncProperty(anyLiveSample, async (sample) => {
        onSample(sample);
        const samples = await scrapeSamples();
        for (const [latency, name] of HISTOGRAMS) {
          const { count, le, sumUs } = sample.latencies[latency];
          const histogram = readHistogram(samples, name)!;
          expect(histogram.buckets.map((bucket) => bucket.count)).toEqual([...le, count]);
          expect(histogram.buckets.at(-1)!.le).toBe(Number.POSITIVE_INFINITY);
          const counts = histogram.buckets.map((bucket) => bucket.count);
          expect([...counts].sort((a, b) => a - b)).toEqual(counts);
          expect(find(samples, `${name}_count`)).toEqual([histogram.count]);
          expect(histogram.sum).toBeCloseTo(sumUs / 1e6, 6);
        }
        for (const [code, count] of Object.entries(sample.errors)) {
          expect(find(samples, 'ssee_tester_errors_total', { code })).toEqual([count]);
        }
        expect(find(samples, 'ssee_tester_events_total')).toEqual([sample.events]);
      }),
      { numRuns: 40 },
    );
  });

  it('escapes labels that come from the command line', async () => {
    const endpointLabel = '/a"b\\c\nd{e="f"} 1';
    const { onSample } = await serve({ ...LABELS, endpoint: endpointLabel });
    onSample(liveSample());
    expect(find(await scrapeSamples(), 'ssee_tester_events_total', { endpoint: endpointLabel })).toEqual([
      98_765,
    ]);
  });

  it('answers other paths and methods with what is possible', async () => {
    await serve();
    const other = await scrape('/');
    expect([other.status, await other.text()]).toEqual([404, 'the metrics are at /metrics\n']);
    const post = await scrape('/metrics', { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await scrape('/metrics?x=1', { method: 'HEAD' })).status).toBe(200);
  });

  it('says in one line that its port is taken', async () => {
    const { port } = await serve();
    const failure = await serveMetrics(port, LABELS).catch((error) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect(failure.message).toBe(
      `--metrics-port ${port}: in use on 127.0.0.1; choose another, or 0 for a free one`,
    );
  });

  it('closes although connections are open, idle and in the midst of a request', async () => {
    const { port, close } = await serve();
    const idle = connect(port, '127.0.0.1');
    const begun = connect(port, '127.0.0.1');
    const closed = [idle, begun].map(
      (socket) => new Promise((resolve) => socket.on('error', () => {}).on('close', resolve)),
    );
    idle.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    begun.write('GET /metrics HTTP/1.1\r\nHos');
    await new Promise((resolve) => idle.once('data', resolve));
    await close();
    endpoint = undefined;
    await Promise.all(closed);
  });
});
