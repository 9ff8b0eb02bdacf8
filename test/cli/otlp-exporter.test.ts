import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LiveLabels } from '../../src/cli/live-metrics.ts';
import { startOtlpExporter } from '../../src/cli/otlp-exporter.ts';
import { UserError } from '../../src/model/errors.ts';
import { liveLatencyOf, liveSample } from '../helpers/live-samples.ts';
import { ROOT } from '../helpers/run-cli.ts';

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

interface Point {
  attributes: Record<string, string>;
  startTime: [number, number];
  endTime: [number, number];
  value: unknown;
}
interface Metric {
  descriptor: { name: string; unit: string; valueType: number };
  dataPointType: number;
  aggregationTemporality: number;
  isMonotonic?: boolean;
  dataPoints: Point[];
}
interface Collected {
  resourceMetrics: { resource: unknown; scopeMetrics: { scope: object; metrics: Metric[] }[] };
}

/** Stand-ins with the shape of the packages; `answer` is what the collector says. */
function fakeOtel(answer: { code: number; error?: Error } | 'never' = { code: 0 }) {
  const sent: Collected['resourceMetrics'][] = [];
  const seen: { url?: string; resource?: object; loaded: string[]; everyMs?: number } = { loaded: [] };
  class OTLPMetricExporter {
    constructor(options: { url: string }) {
      seen.url = options.url;
    }
    export(metrics: Collected['resourceMetrics'], done: (result: object) => void): void {
      sent.push(metrics);
      if (answer !== 'never') done(answer);
    }
  }
  class PeriodicExportingMetricReader {
    readonly options: {
      exporter: OTLPMetricExporter;
      metricProducers: { collect(): Promise<Collected> }[];
      exportIntervalMillis: number;
      exportTimeoutMillis: number;
    };
    constructor(options: PeriodicExportingMetricReader['options']) {
      this.options = options;
      seen.everyMs = options.exportIntervalMillis;
      expect(options.exportTimeoutMillis).toBeLessThanOrEqual(options.exportIntervalMillis);
    }
    async exportNow(): Promise<void> {
      const { resourceMetrics } = await this.options.metricProducers[0]!.collect();
      if (resourceMetrics.scopeMetrics.length === 0) return;
      await new Promise((resolve) => this.options.exporter.export(resourceMetrics, resolve));
    }
  }
  class MeterProvider {
    readonly readers: PeriodicExportingMetricReader[];
    constructor(options: { readers: PeriodicExportingMetricReader[]; resource: object }) {
      this.readers = options.readers;
      seen.resource = options.resource;
    }
    async shutdown(): Promise<void> {
      for (const reader of this.readers) {
        await reader.exportNow();
        await reader.exportNow();
      }
    }
  }
  const packages: Record<string, object> = {
    '@opentelemetry/sdk-metrics': {
      MeterProvider,
      PeriodicExportingMetricReader,
      AggregationTemporality: { DELTA: 0, CUMULATIVE: 1 },
      DataPointType: { HISTOGRAM: 0, EXPONENTIAL_HISTOGRAM: 1, GAUGE: 2, SUM: 3 },
    },
    '@opentelemetry/resources': { resourceFromAttributes: (attributes: object) => ({ attributes }) },
    '@opentelemetry/exporter-metrics-otlp-http': { OTLPMetricExporter },
  };
  const load = async (name: string): Promise<unknown> => {
    seen.loaded.push(name);
    return packages[name];
  };
  return { load, sent, seen };
}

async function start(otel: ReturnType<typeof fakeOtel>, url = 'http://127.0.0.1:4318') {
  const warnings: string[] = [];
  const warn = (line: string): void => void warnings.push(line);
  const exporter = await startOtlpExporter({ url, version: '1.2.3', labels: LABELS, warn }, otel.load);
  return { ...exporter, warnings };
}

describe('the OTLP exporter', () => {
  it('sends counts, rates and histograms as they are, with the start of the load', async () => {
    const otel = fakeOtel();
    const { onSample, close, warnings } = await start(otel);
    const latencies = { ...liveSample().latencies, ttfe: liveLatencyOf([100, 101, 60_000, 3e6]) };
    onSample(liveSample({ atMs: 2500.25, latencies }));
    await close();
    expect(warnings).toEqual([]);
    expect(otel.seen.resource).toEqual({
      attributes: { 'service.name': 'ssee-tester', 'service.version': '1.2.3' },
    });
    const { scope, metrics } = otel.sent[0]!.scopeMetrics[0]!;
    expect(scope).toEqual({ name: 'ssee-tester', version: '1.2.3' });
    const metricOf = (name: string): Metric => metrics.find(({ descriptor }) => descriptor.name === name)!;

    const ttfe = metricOf('ssee_tester.latency_ttfe');
    expect(ttfe).toMatchObject({ dataPointType: 0, aggregationTemporality: 1, descriptor: { unit: 's' } });
    expect(ttfe.dataPoints[0]).toMatchObject({
      attributes: { method: 'GET', status_code: 'all' },
      value: {
        buckets: { boundaries: [0.0001, 0.001, 0.01, 0.05, 0.2, 1], counts: [1, 1, 0, 0, 1, 0, 1] },
        count: 4,
        sum: 3.060201,
      },
    });
    expect(metricOf('ssee_tester.qps')).toMatchObject({
      dataPointType: 2,
      dataPoints: [{ attributes: { service: '127.0.0.1:8080', endpoint: '/events' }, value: 9876 }],
    });
    expect(metricOf('ssee_tester.received')).toMatchObject({
      dataPointType: 3,
      isMonotonic: true,
      descriptor: { unit: 'By' },
      dataPoints: [{ value: 13_800_000 }],
    });
    expect(metricOf('ssee_tester.generator_send_lateness_p99')).toBeUndefined();
    const { startTime, endTime } = ttfe.dataPoints[0]!;
    const lengthMs = (endTime[0] - startTime[0]) * 1000 + (endTime[1] - startTime[1]) / 1e6;
    expect(lengthMs).toBeCloseTo(2500.25, 2);
    for (const [, nanoseconds] of [startTime, endTime]) {
      expect(Number.isInteger(nanoseconds) && nanoseconds >= 0 && nanoseconds < 1e9).toBe(true);
    }
  });

  it('sends nothing before the first sample', async () => {
    const otel = fakeOtel();
    const { close } = await start(otel);
    await close();
    expect(otel.sent).toEqual([]);
  });

  it('warns once when the collector does not take it', async () => {
    const otel = fakeOtel({
      code: 1,
      error: Object.assign(new Error('connect\u001B[2J refused'), { code: 'ECONNREFUSED' }),
    });
    const { onSample, close, warnings } = await start(otel);
    onSample(liveSample());
    await close();
    expect(otel.sent).toHaveLength(2);
    expect(warnings).toEqual([
      '--otlp http://127.0.0.1:4318/v1/metrics: metrics are not taken (ECONNREFUSED connect [2J refused); the load goes on',
    ]);
  });

  it('ends although the collector never answers', async () => {
    const otel = fakeOtel('never');
    const { onSample, close } = await start(otel);
    onSample(liveSample());
    await close();
    expect(otel.sent).toHaveLength(1);
  });

  it.each([
    ['http://127.0.0.1:4318', 'http://127.0.0.1:4318/v1/metrics'],
    ['https://otel.example/', 'https://otel.example/v1/metrics'],
    ['http://127.0.0.1:4318/custom/path?x=1', 'http://127.0.0.1:4318/custom/path?x=1'],
  ])('takes %s for %s', async (given, used) => {
    const otel = fakeOtel();
    const { close } = await start(otel, given);
    await close();
    expect(otel.seen.url).toBe(used);
  });

  it('refuses what is no URL before it loads anything', async () => {
    const otel = fakeOtel();
    await expect(start(otel, '127.0.0.1:4318')).rejects.toThrow(
      '--otlp 127.0.0.1:4318: not a URL; write e.g. http://127.0.0.1:4318',
    );
    expect(otel.seen.loaded).toEqual([]);
  });

  it('says in one line what to install, in the versions that package.json names as peers', async () => {
    const options = { url: 'http://127.0.0.1:4318', version: '1.2.3', labels: LABELS, warn: () => {} };
    const load = async (name: string): Promise<never> => {
      throw Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' });
    };
    const failure = await startOtlpExporter(options, load).catch((error) => error);
    expect(failure).toBeInstanceOf(UserError);
    const { peerDependencies, peerDependenciesMeta } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    );
    const peers = Object.entries(peerDependencies).map(([name, version]) => `${name}@${version}`);
    expect(
      failure.message
        .split(' ')
        .filter((word: string) => word.startsWith('@'))
        .sort(),
    ).toEqual(peers.sort());
    expect(failure.message.split('\n')).toHaveLength(1);
    expect(Object.values(peerDependenciesMeta)).toEqual(peers.map(() => ({ optional: true })));
  });
});
