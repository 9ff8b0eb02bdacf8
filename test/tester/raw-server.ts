import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import type { LoadOptions } from '../../src/tester/load-options.ts';

export interface RawServer {
  port: number;
  /** Heads of the requests, in order of arrival. */
  requests: string[];
  /** Connections accepted so far. */
  connections(): number;
  close(): Promise<void>;
}

/** A server that sees bytes: `answer` is called once per request head, with its number over all connections. */
export async function startRawServer(
  answer: (socket: Socket, requestNumber: number) => void,
  onConnection?: (socket: Socket) => void,
): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    onConnection?.(socket);
    let pending = '';
    socket.on('data', (bytes) => {
      pending += bytes.toString('latin1');
      for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
        requests.push(pending.slice(0, end + 4));
        pending = pending.slice(end + 4);
        answer(socket, requests.length);
      }
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** A port of this machine that nothing listens on. */
export async function findClosedPort(): Promise<number> {
  const server = await startRawServer(() => {});
  await server.close();
  return server.port;
}

export const STREAM_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n';
export const CHUNKED_HEAD = `${STREAM_HEAD}Transfer-Encoding: chunked\r\n\r\n`;

export function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

export function eventsFrom(first: number, last: number): string {
  let text = '';
  for (let id = first; id <= last; id++) text += `id: ${id}\ndata: {"seq":${id}}\n\n`;
  return text;
}

/** Two connections for 300 ms; what a test is about it says itself. */
export function loadOn(port: number, options: Partial<LoadOptions> = {}): LoadOptions {
  return {
    address: '127.0.0.1',
    port,
    request: Buffer.from('GET /events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n'),
    toHead: false,
    connections: 2,
    durationMs: 300,
    timeoutMs: 3000,
    stream: 'finite',
    expectEventStream: true,
    ...options,
  };
}
