import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A small event source with known behaviour, and what it counted. */
export interface SseServer {
  url: string;
  /** Requests whose head was read. */
  requests: number;
  /** Responses written to their end. */
  completed: number;
  /** Heads and bodies of the latest requests. */
  lastRequest: { method: string; headers: Record<string, unknown>; body: string } | undefined;
  close(): Promise<void>;
}

const EVENT = 'data: 0123456789\n\n';

/**
 * Routes: /finite (3 events, 10 ms apart), /endless, /reset and /cut (one event, then RST or FIN inside a chunked
 * body), /eof (no framing), /stall (one event), /hang (no head), /503, /mixed (every tenth takes 200 ms).
 */
export async function startSseServer(): Promise<SseServer> {
  const state: SseServer = { url: '', requests: 0, completed: 0, lastRequest: undefined, close };
  const server = createServer((request, response) => {
    state.requests++;
    readBody(request, (body) => {
      state.lastRequest = { method: request.method ?? '', headers: request.headers, body };
    });
    response.on('finish', () => {
      state.completed++;
    });
    answer(request.url ?? '/', response, state.requests);
  });
  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

function answer(url: string, response: ServerResponse, ordinal: number): void {
  // A pipelined request waits for its socket.
  const { socket } = response;
  const path = url.split('?')[0];
  if (path === '/hang') return;
  if (path === '/503') {
    response.writeHead(503).end('no\n');
    return;
  }
  if (path === '/eof') {
    socket?.end(`HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n${EVENT}`);
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write(EVENT);
  if (path === '/reset') setTimeout(() => socket?.resetAndDestroy(), 5);
  else if (path === '/cut') setTimeout(() => socket?.destroy(), 5);
  else if (path === '/endless') sendEvents(response, Number.POSITIVE_INFINITY, 10);
  else if (path === '/mixed') setTimeout(() => response.end(EVENT), ordinal % 10 === 0 ? 200 : 10);
  else if (path === '/finite') sendEvents(response, 2, 10);
}

function sendEvents(response: ServerResponse, count: number, everyMs: number): void {
  let left = count;
  const timer = setInterval(() => {
    response.write(EVENT);
    left--;
    if (left > 0) return;
    clearInterval(timer);
    response.end();
  }, everyMs);
  response.on('close', () => clearInterval(timer));
}

function readBody(request: IncomingMessage, done: (body: string) => void): void {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => done(Buffer.concat(parts).toString('utf8')));
}
