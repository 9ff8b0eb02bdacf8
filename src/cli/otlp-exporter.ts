import { UserError } from '../model/errors.ts';
import type { LiveListener } from '../model/live-sample.ts';
import { cleanText } from '../report/clean-text.ts';
import {
  describeLiveMetrics,
  type HistogramValue,
  type LiveLabels,
  type LiveMetric,
  LiveSnapshots,
} from './live-metrics.ts';

/** Optional peers of this package in the versions it was tried with, as in package.json. */
const PACKAGES = {
  '@opentelemetry/sdk-metrics': '2.12.1',
  '@opentelemetry/resources': '2.12.1',
  '@opentelemetry/exporter-metrics-otlp-http': '0.223.0',
} as const;
const SCOPE = 'ssee-tester';
const EXPORT_EVERY_MS = 5000;
const EXPORT_WITHIN_MS = 3000;
/** `ValueType.DOUBLE` of @opentelemetry/api, which is no package of ours to load. */
const DOUBLE = 1;

export interface OtlpExporter {
  onSample: LiveListener;
  /** Sends the last values and ends; a collector that does not answer is given three seconds. */
  close(): Promise<void>;
}

export interface OtlpOptions {
  /** `--otlp`: of the collector; without a path `/v1/metrics` is meant. */
  url: string;
  version: string;
  labels: LiveLabels;
  /** Gets one line when the collector does not take what is sent, once per run. */
  warn: (line: string) => void;
}

type LoadPackage = (name: string) => Promise<unknown>;

/**
 * Send the live metrics to an OpenTelemetry collector over OTLP/HTTP (JSON), every five seconds and at the end. Headers,
 * compression and certificates follow the usual `OTEL_EXPORTER_OTLP_*` variables.
 *
 * @throws UserError when the URL is none, or saying what to install
 */
export async function startOtlpExporter(
  options: OtlpOptions,
  loadPackage: LoadPackage = (name) => import(name),
): Promise<OtlpExporter> {
  const url = readUrl(options.url);
  const { sdk, resources, http } = await loadOtel(loadPackage);
  const snapshots = new LiveSnapshots();
  const exporter = new http.OTLPMetricExporter({ url, timeoutMillis: EXPORT_WITHIN_MS });
  warnOnFailure(exporter, (why) =>
    options.warn(`--otlp ${url}: metrics are not taken (${why}); the load goes on`),
  );
  const resource = resources.resourceFromAttributes({
    'service.name': SCOPE,
    'service.version': options.version,
  });
  let loadStartedAtMs: number | undefined;
  let sampledAtMs = 0;
  const metrics = describeLiveMetrics(options.labels);
  // The load counts by itself. A producer hands its counts over as they are; instruments of the SDK would count anew.
  const producer = {
    async collect() {
      const { latest } = snapshots;
      if (latest === undefined) return { resourceMetrics: { resource, scopeMetrics: [] }, errors: [] };
      const times = { startTime: toHrTime(loadStartedAtMs!), endTime: toHrTime(sampledAtMs) };
      const data = metrics
        .map((metric) => toMetricData(metric, latest, times, sdk))
        .filter(({ dataPoints }) => dataPoints.length > 0);
      const scope = { name: SCOPE, version: options.version };
      return { resourceMetrics: { resource, scopeMetrics: [{ scope, metrics: data }] }, errors: [] };
    },
  };
  const reader = new sdk.PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: EXPORT_EVERY_MS,
    exportTimeoutMillis: EXPORT_WITHIN_MS,
    metricProducers: [producer],
  });
  const provider = new sdk.MeterProvider({ resource, readers: [reader] });
  return {
    onSample(sample) {
      sampledAtMs = Date.now();
      loadStartedAtMs ??= sampledAtMs - sample.atMs;
      snapshots.onSample(sample);
    },
    close: () => within(EXPORT_WITHIN_MS, provider.shutdown()),
  };
}

/** Of the packages, what is used here: they are not there to be typed against. */
interface OtelSdk {
  MeterProvider: new (options: object) => { shutdown(): Promise<void> };
  PeriodicExportingMetricReader: new (options: object) => object;
  AggregationTemporality: { CUMULATIVE: number };
  DataPointType: { HISTOGRAM: number; GAUGE: number; SUM: number };
}
interface OtelResources {
  resourceFromAttributes(attributes: Record<string, string>): object;
}
interface OtelHttp {
  OTLPMetricExporter: new (options: { url: string; timeoutMillis: number }) => MetricExporter;
}
interface MetricExporter {
  export(metrics: unknown, done: (result: ExportResult) => void): void;
}
interface ExportResult {
  /** 0 is success. */
  code: number;
  error?: Error;
}

async function loadOtel(
  loadPackage: LoadPackage,
): Promise<{ sdk: OtelSdk; resources: OtelResources; http: OtelHttp }> {
  const names = Object.keys(PACKAGES);
  try {
    const [sdk, resources, http] = await Promise.all(names.map(loadPackage));
    return { sdk: sdk as OtelSdk, resources: resources as OtelResources, http: http as OtelHttp };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const wanted = Object.entries(PACKAGES).map(([name, version]) => `${name}@${version}`);
    // npm passes over optional peers of the folder it is called in, unless it is told that they are meant.
    throw new UserError(
      `--otlp needs packages that are not installed: npm install --no-save --save-peer ${wanted.join(' ')}`,
    );
  }
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new UserError(`--otlp ${cleanText(text)}: not a URL; write e.g. http://127.0.0.1:4318`);
  }
  if (url.pathname === '/') url.pathname = '/v1/metrics';
  return url.href;
}

/** The SDK tells nobody of failures unless a logger is set for the whole process. */
function warnOnFailure(exporter: MetricExporter, warn: (why: string) => void): void {
  const send = exporter.export.bind(exporter);
  let warned = false;
  exporter.export = (metrics, done) =>
    send(metrics, (result) => {
      if (result.code !== 0 && !warned) {
        warned = true;
        warn(describeFailure(result.error));
      }
      done(result);
    });
}

function describeFailure(error: (Error & { code?: unknown }) | undefined): string {
  const { code, message = '' } = error ?? {};
  const text = code === undefined || message.includes(String(code)) ? message : `${code} ${message}`;
  return cleanText(text).slice(0, 200) || 'no reason given';
}

interface Times {
  startTime: [number, number];
  endTime: [number, number];
}

function toMetricData(
  metric: LiveMetric,
  snapshot: NonNullable<LiveSnapshots['latest']>,
  times: Times,
  { DataPointType, AggregationTemporality }: OtelSdk,
): { dataPoints: object[]; [key: string]: unknown } {
  const common = {
    descriptor: {
      name: `ssee_tester.${metric.name}`,
      description: metric.help,
      unit: metric.unit,
      valueType: DOUBLE,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (metric.kind === 'histogram') {
    const points = metric.read(snapshot);
    return {
      ...common,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: points.map(({ labels, value }) => ({
        ...times,
        attributes: labels,
        value: toBuckets(value),
      })),
    };
  }
  const dataPoints = metric
    .read(snapshot)
    .map(({ labels, value }) => ({ ...times, attributes: labels, value }));
  return metric.kind === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
}

/** OTLP counts each bucket for itself, the one beyond the last bound included. */
function toBuckets({ boundsS, cumulative, count, sumS }: HistogramValue): object {
  const counts = [...cumulative, count].map((upTo, index, all) => upTo - (all[index - 1] ?? 0));
  return { buckets: { boundaries: [...boundsS], counts }, count, sum: sumS };
}

/** Seconds and nanoseconds. */
function toHrTime(unixMs: number): [number, number] {
  const seconds = Math.floor(unixMs / 1000);
  return [seconds, Math.floor((unixMs - seconds * 1000) * 1e6)];
}

async function within(limitMs: number, done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  try {
    // A failed last export was warned of.
    await Promise.race([done.catch(() => {}), limit]);
  } finally {
    clearTimeout(timer);
  }
}
