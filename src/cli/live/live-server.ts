import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UserError } from '../../model/errors.ts';
import { formatComment } from '../../sse/format-event.ts';
import { EventHub } from './event-hub.ts';

const ADDRESS = '127.0.0.1';
/** Browsers that look on; a page that was left open in many tabs must not take descriptors from the run. */
const MOST_CLIENTS = 16;
const MOST_CONNECTIONS = 48;
/** Reason: half of the 30 s after which impatient proxies and antivirus programs cut silent connections. */
const BEAT_EVERY_MS = 15_000;
/** Browsers come back after it when the connection was cut. */
const RETRY_MS = 2000;
const REPORT_PATH = '/report.html';

export interface LiveServer {
  hub: EventHub;
  /** `http://127.0.0.1:PORT/` */
  url: string;
  /**
   * Serve the final report, and wait until every browser that listens and keeps up has taken it.
   * Never longer than `withinMs`.
   */
  handOver(report: string, withinMs: number): Promise<void>;
  /** Ends the server and every connection to it. */
  close(): Promise<void>;
}

/**
 * Serve the live page on loopback.
 *
 * @param port 0 takes any free one
 * @param page made when it is asked for first
 * @throws UserError when the port cannot be had
 */
export async function serveLivePage(
  port: number,
  page: { text: string; policy: string },
): Promise<LiveServer> {
  const hub = new EventHub({ session: randomBytes(6).toString('hex') });
  let report: string | undefined;
  let reportsTaken = 0;
  let onReportTaken: () => void = () => {};

  const server = createServer((request, response) => {
    request.resume();
    response.on('error', () => response.destroy());
    const path = request.url?.split('?')[0];
    if (!isMeantForUs(request)) {
      refuse(response, 403, 'this page answers to 127.0.0.1 and localhost alone\n');
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      refuse(response, 405, 'only GET\n');
    } else if (path === '/') {
      sendHtml(response, page.text, page.policy);
    } else if (path === '/events' && request.method === 'GET') {
      listenIn(request, response);
    } else if (path === REPORT_PATH && report !== undefined) {
      response.on('finish', () => {
        reportsTaken++;
        onReportTaken();
      });
      // Its own policy is in its head.
      sendHtml(response, report, undefined);
    } else {
      refuse(response, 404, 'the page is at /\n');
    }
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.unref();
  await listen(server, port);
  // Accepting may fail later (EMFILE, where the load needs every descriptor): a browser is lost, not the run.
  server.on('error', () => {});
  const beat = setInterval(() => hub.beat(), BEAT_EVERY_MS).unref();

  function listenIn(request: IncomingMessage, response: ServerResponse): void {
    if (hub.clientCount >= MOST_CLIENTS) {
      response.setHeader('Retry-After', '30');
      refuse(response, 503, `${MOST_CLIENTS} browsers are looking on already\n`);
      return;
    }
    response.writeHead(200, {
      ...COMMON_HEAD,
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    // The first bytes tell the browser that it is connected, before there is anything to say.
    response.write(`retry: ${RETRY_MS}\n${formatComment('ssee-bench')}`);
    const leave = hub.join(
      {
        write: (text) => response.write(text),
        onDrain: (listener) => response.on('drain', listener),
        destroy: () => response.destroy(),
      },
      request.headers['last-event-id']?.toString(),
    );
    response.on('close', leave);
  }

  return {
    hub,
    url: `http://${ADDRESS}:${(server.address() as AddressInfo).port}/`,
    async handOver(text, withinMs) {
      report = text;
      // Those that keep up: a browser that has stopped reading would be waited for in vain.
      const wanted = (): number => hub.upToDateCount;
      if (wanted() === 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, withinMs);
        const expected = wanted();
        onReportTaken = () => {
          if (reportsTaken < expected) return;
          clearTimeout(timer);
          resolve();
        };
      });
    },
    close() {
      clearInterval(beat);
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

const COMMON_HEAD = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/**
 * Pages of others must not read or hold our stream: a name of theirs that resolves to 127.0.0.1 arrives with their own
 * Host, and a request from their page says so where the browser is not ancient.
 */
function isMeantForUs({ headers }: IncomingMessage): boolean {
  const host = /^(.*?)(?::\d+)?$/.exec(headers.host ?? '')?.[1];
  const site = headers['sec-fetch-site'];
  return (host === ADDRESS || host === 'localhost') && (site === undefined || site !== 'cross-site');
}

function sendHtml(response: ServerResponse, text: string, policy: string | undefined): void {
  response
    .writeHead(200, {
      ...COMMON_HEAD,
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Length': Buffer.byteLength(text),
      'Cache-Control': 'no-store',
      'X-Frame-Options': 'DENY',
      ...(policy === undefined ? {} : { 'Content-Security-Policy': `${policy}; frame-ancestors 'none'` }),
    })
    .end(text);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...COMMON_HEAD, 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      const why =
        code === 'EADDRINUSE'
          ? `in use on ${ADDRESS}; choose another, or leave it out for a free one`
          : code === 'EACCES'
            ? 'needs rights of the administrator; choose one above 1023'
            : `cannot be bound (${code})`;
      reject(new UserError(`--live=${port}: ${why}`));
    });
    server.listen(port, ADDRESS, resolve);
  });
}
