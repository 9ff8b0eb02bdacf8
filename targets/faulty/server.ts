/**
 * A server of misbehaving event streams, on raw sockets: each route does one thing wrong, on purpose and exactly.
 * The routes are described in targets/README.md.
 */
import { createServer, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { countRequest, createCounters, formatCounters, type StreamEnd } from '../shared/counters.ts';
import { exitOnSignals, listen, readFlags } from '../shared/listen.ts';
import { RequestClock } from '../shared/request-clock.ts';
import { type BadQuery, readParameters } from '../shared/stream-query.ts';
import { ClientGone, Exchange, Presence } from './exchange.ts';
import { createOddities, formatOddities } from './oddities.ts';
import { type Request, readRequest } from './read-request.ts';
import type { Parameters, StreamRoute, Texts } from './stream-route.ts';
import { STREAM_ROUTES } from './stream-routes.ts';

const FIXED_ROUTES = ['/503', '/hello', '/healthz', '/metrics'];

const counters = createCounters([...Object.keys(STREAM_ROUTES), ...FIXED_ROUTES]);
const oddities = createOddities();
const flags = readFlags(['never-accept']);

// Half-open sockets are kept, so that a FIN sent mid-stream is a FIN and nothing else.
const server = createServer({ noDelay: true, allowHalfOpen: true }, serveConnection);
if (flags.switches.has('never-accept')) {
  // A listening socket whose owner sleeps for ever: the kernel fills the queue of two and then drops every SYN.
  // Signal handlers would not run any more; without them SIGTERM and SIGINT end the process by default.
  listen(server, flags, { backlog: 1 }, () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
} else {
  exitOnSignals();
  listen(server, flags);
}

function serveConnection(socket: Socket): void {
  counters.connectionsTotal++;
  counters.connectionsOpen++;
  socket.once('close', () => counters.connectionsOpen--);
  // A reset shows up as 'close' as well, which is where it is acted on.
  socket.on('error', () => {});

  const presence = new Presence(socket);
  const clock = new RequestClock(socket);
  let input = Buffer.alloc(0);
  let busy = false;
  socket.on('data', (bytes) => {
    input = Buffer.concat([input, bytes]);
    if (!busy) serveNext();
  });
  socket.on('end', () => {
    if (!presence.isLeaked) socket.end();
  });

  function serveNext(): void {
    const result = readRequest(input);
    if (result.state === 'incomplete') return;
    busy = true;
    if (result.state === 'refused') {
      socket.end(`HTTP/1.1 ${result.status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    const { request } = result;
    input = input.subarray(result.bytes);
    const enteredMs = performance.now();
    countRequest(counters, request.path, clock.beginRequest(), enteredMs);
    clock.endRequest();
    serve(new Exchange(socket, presence, request, counters, oddities), request).then((mayGoOn) => {
      if (!mayGoOn) return;
      if (!request.keepAlive) {
        socket.end();
        return;
      }
      busy = false;
      serveNext();
    }, crash);
  }
}

/** True when the response was sent to its end and the connection can carry another. */
async function serve(exchange: Exchange, request: Request): Promise<boolean> {
  const route = Object.hasOwn(STREAM_ROUTES, request.path) ? STREAM_ROUTES[request.path]! : undefined;
  try {
    if (!route) {
      await exchange.write(fixedAnswer(request));
      return true;
    }
    if (request.method !== 'GET' && request.method !== 'POST') {
      await exchange.write(
        answer(request, '405 Method Not Allowed', 'allowed methods: GET, POST\n', allow('GET, POST')),
      );
      return true;
    }
    const parameters = readRouteParameters(route, request.query);
    if ('problem' in parameters) {
      await exchange.write(answer(request, '400 Bad Request', `${parameters.problem}\n`));
      return true;
    }
    return (await serveStream(exchange, route, parameters)) === 'keep-alive';
  } catch (error) {
    if (error instanceof ClientGone) return false;
    throw error;
  }
}

async function serveStream(
  exchange: Exchange,
  route: StreamRoute,
  { numbers, texts }: RouteParameters,
): Promise<'keep-alive' | 'over'> {
  let end: StreamEnd = 'client-closed';
  counters.streamsOpen++;
  try {
    end = await route.serve(exchange, numbers, texts);
  } finally {
    counters.streams[end]++;
    counters.streamsOpen--;
  }
  return end === 'completed' && !exchange.isFinished ? 'keep-alive' : 'over';
}

interface RouteParameters {
  numbers: Parameters;
  texts: Texts;
}

function readRouteParameters(route: StreamRoute, query: string): RouteParameters | BadQuery {
  const kinds = Object.fromEntries(Object.entries(route.parameters).map(([name, { kind }]) => [name, kind]));
  const given = readParameters(query, kinds);
  if ('problem' in given) return given;
  const numbers: Parameters = {};
  const texts: Texts = {};
  for (const [name, { fallback }] of Object.entries(route.parameters)) {
    const value = given.get(name) ?? fallback;
    if (typeof fallback === 'string') texts[name] = String(value);
    else numbers[name] = Number(value);
  }
  return { numbers, texts };
}

function fixedAnswer(request: Request): string {
  if (FIXED_ROUTES.includes(request.path) && request.method !== 'GET' && request.method !== 'HEAD') {
    return answer(request, '405 Method Not Allowed', 'allowed methods: GET, HEAD\n', allow('GET, HEAD'));
  }
  switch (request.path) {
    case '/503':
      return answer(request, '503 Service Unavailable', 'busy\n');
    case '/hello':
      return answer(request, '200 OK', 'hello\n');
    case '/healthz':
      return answer(request, '200 OK', 'ok\n');
    case '/metrics':
      return answer(request, '200 OK', formatCounters(counters) + formatOddities(oddities), {
        type: 'text/plain; version=0.0.4; charset=utf-8',
      });
    default:
      return answer(request, '404 Not Found', 'no such route\n');
  }
}

function answer(
  request: Request,
  status: string,
  body: string,
  { type = 'text/plain; charset=utf-8', more = [] }: { type?: string; more?: string[] } = {},
): string {
  const head = [
    `HTTP/1.1 ${status}`,
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...more,
    ...(request.keepAlive ? [] : ['Connection: close']),
    '\r\n',
  ].join('\r\n');
  return request.method === 'HEAD' ? head : head + body;
}

function allow(methods: string): { more: string[] } {
  return { more: [`Allow: ${methods}`] };
}

/** An error that is not the client's doing is a bug of this server: end loudly rather than serve half. */
function crash(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
