/**
 * A server-sent events server on node:http alone, made to be measured: its counters at /metrics say what it
 * really sent. The routes are described in targets/README.md.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { countRequest, createCounters, formatCounters } from '../shared/counters.ts';
import { exitOnSignals, listen, readFlags } from '../shared/listen.ts';
import { RequestClock } from '../shared/request-clock.ts';
import { parseStreamQuery, resumeAfter } from '../shared/stream-query.ts';
import { EventStream } from './event-stream.ts';

const MAX_BODY_BYTES = 1024 * 1024;

const counters = createCounters(['/events', '/hello', '/healthz', '/metrics']);
const clocks = new WeakMap<Socket, RequestClock>();

const server = createServer({ noDelay: true }, (request, response) => {
  const enteredMs = performance.now();
  const clock = clocks.get(request.socket)!;
  const firstByteMs = clock.beginRequest();
  const [path, query] = splitTarget(request.url!);
  countRequest(counters, path, firstByteMs, enteredMs);
  response.on('error', ignoreLostClient);
  drainBody(request, (withinLimit) => {
    clock.endRequest();
    if (withinLimit) {
      answer(path, query, request, response);
      return;
    }
    response.setHeader('Connection', 'close');
    respond(response, 413, 'request body above 1 MiB\n');
  });
});
// The limits of node:http that would end or close what a load generator holds open.
server.requestTimeout = 0;
server.headersTimeout = 0;
server.keepAliveTimeout = 0;

server.on('connection', (socket) => {
  counters.connectionsTotal++;
  counters.connectionsOpen++;
  socket.once('close', () => counters.connectionsOpen--);
  clocks.set(socket, new RequestClock(socket));
});

exitOnSignals();
listen(server, readFlags());

function answer(path: string, query: string, request: IncomingMessage, response: ServerResponse): void {
  const isStream = path === '/events';
  const allowed = isStream ? ['GET', 'POST'] : ['GET', 'HEAD'];
  if (counters.requests.has(path) && path !== 'other' && !allowed.includes(request.method!)) {
    response.setHeader('Allow', allowed.join(', '));
    respond(response, 405, `allowed methods: ${allowed.join(', ')}\n`);
    return;
  }
  switch (path) {
    case '/events': {
      const streamQuery = parseStreamQuery(query);
      if ('problem' in streamQuery) {
        respond(response, 400, `${streamQuery.problem}\n`);
        return;
      }
      const lastEventId = request.headers['last-event-id'];
      const after = resumeAfter(typeof lastEventId === 'string' ? lastEventId : undefined);
      new EventStream(response, streamQuery, counters, after).start();
      return;
    }
    case '/hello':
      respond(response, 200, 'hello\n');
      return;
    case '/healthz':
      respond(response, 200, 'ok\n');
      return;
    case '/metrics':
      respond(response, 200, formatCounters(counters), 'text/plain; version=0.0.4; charset=utf-8');
      return;
    default:
      respond(response, 404, 'no such route\n');
  }
}

/** Reads the request to its end, so that the next byte on the socket begins the next one. */
function drainBody(request: IncomingMessage, onEnd: (withinLimit: boolean) => void): void {
  const { headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    onEnd(true);
    return;
  }
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) return;
    request.off('data', count);
    request.off('end', end);
    request.resume();
    onEnd(false);
  };
  const end = (): void => onEnd(true);
  request.on('data', count);
  request.on('end', end);
  request.on('error', ignoreLostClient);
}

function respond(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

function splitTarget(target: string): [path: string, query: string] {
  const mark = target.indexOf('?');
  return mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
}

/** A client that leaves is counted where its stream ends; the error beside it says nothing more. */
function ignoreLostClient(): void {}
