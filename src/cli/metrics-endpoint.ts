import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metric, Registry } from 'prom-client';
import { UserError } from '../model/errors.ts';
import type { LiveListener } from '../model/live-sample.ts';
import {
  describeLiveMetrics,
  type HistogramValue,
  type LiveLabels,
  type LiveMetric,
  LiveSnapshots,
} from './live-metrics.ts';

const ADDRESS = '127.0.0.1';
const PREFIX = 'ssee_tester_';
const UNIT_SUFFIX = { s: '_seconds', By: '_bytes', '1': '' } as const;

export interface MetricsEndpoint {
  /** The port that was bound; of interest where 0 was asked for. */
  port: number;
  onSample: LiveListener;
  /** Ends the server and every connection to it, idle or not. */
  close(): Promise<void>;
}

/**
 * Serve the live metrics for Prometheus at `http://127.0.0.1:PORT/metrics`, on loopback only.
 *
 * prom-client is loaded here and not before: a load without `--metrics-port` pays nothing for it.
 *
 * @param port 0 takes any free one
 * @throws UserError when the port cannot be had
 */
export async function serveMetrics(port: number, labels: LiveLabels): Promise<MetricsEndpoint> {
  const { Registry } = await import('prom-client');
  const registry = new Registry();
  const snapshots = new LiveSnapshots();
  for (const metric of describeLiveMetrics(labels)) {
    registry.registerMetric(collectFrom(metric, snapshots) as unknown as Metric);
  }
  const server = createServer((request, response) => {
    answer(request, response, registry).catch(() => response.destroy());
  });
  server.unref();
  await listen(server, port);
  // Accepting may fail later (EMFILE, where the load itself needs every descriptor): a scrape is lost, not the run.
  server.on('error', () => {});
  return {
    port: (server.address() as AddressInfo).port,
    onSample: snapshots.onSample,
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/**
 * What a Registry of prom-client 15 asks of a metric: its name and `get()`. Its own classes count by themselves, and
 * their histogram cannot be given counts: these hand over the counts of the load as they are, exact and cumulative.
 */
function collectFrom(metric: LiveMetric, snapshots: LiveSnapshots): { name: string; get(): Promise<object> } {
  const total = metric.kind === 'counter' ? '_total' : '';
  const name = `${PREFIX}${metric.name}${UNIT_SUFFIX[metric.unit]}${total}`;
  return {
    name,
    async get() {
      const { latest } = snapshots;
      return {
        name,
        help: metric.help,
        type: metric.kind,
        aggregator: 'sum',
        values: latest === undefined ? [] : readValues(metric, latest, name),
      };
    },
  };
}

type Value = { metricName?: string; labels: Record<string, string>; value: number };

function readValues(
  metric: LiveMetric,
  snapshot: NonNullable<LiveSnapshots['latest']>,
  name: string,
): Value[] {
  if (metric.kind !== 'histogram') return metric.read(snapshot);
  return metric.read(snapshot).flatMap(({ labels, value }) => readHistogram(name, labels, value));
}

function readHistogram(name: string, labels: Record<string, string>, histogram: HistogramValue): Value[] {
  const bucket = (le: string, value: number): Value => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le },
    value,
  });
  return [
    ...histogram.boundsS.map((bound, index) => bucket(String(bound), histogram.cumulative[index]!)),
    bucket('+Inf', histogram.count),
    { metricName: `${name}_sum`, labels, value: histogram.sumS },
    { metricName: `${name}_count`, labels, value: histogram.count },
  ];
}

async function answer(request: IncomingMessage, response: ServerResponse, registry: Registry): Promise<void> {
  request.resume();
  const path = request.url?.split('?')[0];
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD' }).end();
  } else if (path === '/metrics') {
    const text = await registry.metrics();
    response.writeHead(200, { 'Content-Type': registry.contentType }).end(text);
  } else {
    response
      .writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' })
      .end('the metrics are at /metrics\n');
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new UserError(explain(error, port))));
    server.listen(port, ADDRESS, resolve);
  });
}

function explain({ code }: NodeJS.ErrnoException, port: number): string {
  if (code === 'EADDRINUSE')
    return `--metrics-port ${port}: in use on ${ADDRESS}; choose another, or 0 for a free one`;
  if (code === 'EACCES')
    return `--metrics-port ${port}: needs rights of the administrator; choose one above 1023`;
  return `--metrics-port ${port}: cannot be bound (${code})`;
}
