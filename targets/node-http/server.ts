/**
 * A server-sent events server on node:http alone, made to be measured: its counters at /metrics say what it
 * really sent. The routes are described in targets/README.md.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { streamAnswer, wholeAnswer } from '../shared/chat-format.ts';
import { parseChatRequest } from '../shared/chat-request.ts';
import { countRequest, createCounters, formatCounters } from '../shared/counters.ts';
import { exitOnSignals, listen, readFlags } from '../shared/listen.ts';
import { RequestClock } from '../shared/request-clock.ts';
import { parseStreamQuery, resumeAfter } from '../shared/stream-query.ts';
import { ChatStream } from './chat-stream.ts';
import { CountedStream } from './counted-stream.ts';
import { EventStream } from './event-stream.ts';
import { readFlaw } from './flaw.ts';
import { preparePrerequisites } from './prerequisites.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const CHAT_ROUTE = '/v1/chat/completions';
const ALLOWED_METHODS: Record<string, string[]> = { '/events': ['GET', 'POST'], [CHAT_ROUTE]: ['POST'] };

const counters = createCounters(['/events', CHAT_ROUTE, '/dns', '/hello', '/healthz', '/metrics']);
const flaw = readFlaw();
let answers = 0;
const clocks = new WeakMap<Socket, RequestClock>();

const server = createServer({ noDelay: true }, (request, response) => {
  const enteredMs = performance.now();
  const clock = clocks.get(request.socket)!;
  const firstByteMs = clock.beginRequest();
  const [path, query] = splitTarget(request.url!);
  countRequest(counters, path, firstByteMs, enteredMs);
  response.on('error', ignoreLostClient);
  readBody(request, path === CHAT_ROUTE, (body) => {
    clock.endRequest();
    if (body !== undefined) {
      answer(path, query, body, request, response);
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
const flags = readFlags([], ['resolve', 'log']);
const prerequisites = await preparePrerequisites(flags.values.get('resolve'), flags.values.get('log'));
const hasPrerequisites = flags.values.size > 0;
listen(server, flags);

function answer(
  path: string,
  query: string,
  body: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const allowed = ALLOWED_METHODS[path] ?? ['GET', 'HEAD'];
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
      const start = (): void => {
        // The client may have left meanwhile.
        if (!response.destroyed) {
          new EventStream(
            new CountedStream(response, counters),
            flaw.slowDown(streamQuery),
            after,
            flaw,
          ).start();
        }
      };
      if (hasPrerequisites) {
        prerequisites.wait().then(start, (error: Error) => respond(response, 503, `${error.message}\n`));
      } else start();
      return;
    }
    case '/dns':
      prerequisites.resolveName().then(
        (address) => respond(response, 200, `${address}\n`),
        (error: Error) => respond(response, 503, `${error.message}\n`),
      );
      return;
    case CHAT_ROUTE:
      answerChat(query, body, response);
      return;
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

function answerChat(query: string, body: string, response: ServerResponse): void {
  const chat = parseChatRequest(query, body);
  if ('problem' in chat) {
    respond(response, 400, `${chat.problem}\n`);
    return;
  }
  const id = `chatcmpl-${++answers}`;
  const createdS = Math.floor(Date.now() / 1000);
  if (chat.stream) {
    new ChatStream(new CountedStream(response, counters), streamAnswer(chat, id, createdS)).start();
    return;
  }
  const { afterMs, text } = wholeAnswer(chat, id, createdS);
  const timer = setTimeout(() => respond(response, 200, text, 'application/json'), Math.ceil(afterMs));
  response.once('close', () => clearTimeout(timer));
}

/**
 * Reads the request to its end, so that the next byte on the socket begins the next one. `onEnd` gets the body, ''
 * where it is not to be kept, or undefined where it is above the limit.
 */
function readBody(request: IncomingMessage, keep: boolean, onEnd: (body: string | undefined) => void): void {
  const { headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    onEnd('');
    return;
  }
  let bytes = 0;
  const kept: Buffer[] = [];
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (keep) kept.push(chunk);
    if (bytes <= MAX_BODY_BYTES) return;
    request.off('data', take);
    request.off('end', end);
    request.resume();
    onEnd(undefined);
  };
  const end = (): void => onEnd(keep ? Buffer.concat(kept).toString() : '');
  request.on('data', take);
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
