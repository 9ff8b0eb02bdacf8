import { get, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type LiveServer, serveLivePage } from '../../../src/cli/live/live-server.ts';
import { UserError } from '../../../src/model/errors.ts';
import { EventDecoder, type StreamEvent } from '../../../src/sse/event-decoder.ts';
import { waitUntil } from '../../helpers/wait-until.ts';

const PAGE = { text: '<!doctype html><title>live</title>', policy: "default-src 'none'" };
const open: LiveServer[] = [];

async function serve(port = 0): Promise<LiveServer> {
  const server = await serveLivePage(port, PAGE);
  open.push(server);
  return server;
}

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
}

function ask(
  url: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, { method: 'GET', agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    })
      .on('error', reject)
      .end();
  });
}

/** Follows the stream until it is left. */
async function follow(url: string, lastEventId?: string) {
  const events: StreamEvent[] = [];
  const decoder = new EventDecoder((event) => events.push(event));
  const seen = { events, decoder, closed: false, leave: () => {} };
  await new Promise<void>((resolve, reject) => {
    const asked = get(
      `${url}events`,
      { agent: false, ...(lastEventId === undefined ? {} : { headers: { 'Last-Event-ID': lastEventId } }) },
      (response) => {
        expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
        response.on('data', (chunk: Buffer) => decoder.push(chunk));
        response.on('close', () => {
          seen.closed = true;
        });
        response.on('error', () => {});
        resolve();
      },
    );
    asked.on('error', reject);
    seen.leave = () => asked.destroy();
  });
  return seen;
}

describe('the live server', () => {
  it('serves the page on 127.0.0.1 with its policy, and nothing may frame it', async () => {
    const { url } = await serve();
    expect(new URL(url).hostname).toBe('127.0.0.1');
    const { status, headers, text } = await ask(url);
    expect([status, text]).toEqual([200, PAGE.text]);
    expect(headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers['cache-control']).toBe('no-store');
  });

  it.each([
    ['/nothing', {}, 404],
    ['/report.html', {}, 404],
    ['/', { method: 'POST' }, 405],
    ['/', { headers: { Host: 'evil.example' } }, 403],
    ['/events', { headers: { 'Sec-Fetch-Site': 'cross-site' } }, 403],
  ])('answers %s %j with %i', async (path, options, status) => {
    const { url } = await serve();
    expect((await ask(new URL(path, url).href, options)).status).toBe(status);
  });

  it('says which port is in use, and the remedy', async () => {
    const { url } = await serve();
    const port = Number(new URL(url).port);
    await expect(serve(port)).rejects.toThrow(UserError);
    await expect(serve(port)).rejects.toThrow(`--live=${port}: in use on 127.0.0.1; choose another`);
  });

  it('sends events with ids, and to whoever comes back what was missed', async () => {
    const { url, hub } = await serve();
    const first = await follow(url);
    hub.publish('progress', { at: 1 });
    await waitUntil('the first event', () => first.events.length === 1);
    expect(first.decoder.retryMs).toBe(2000);
    expect(first.decoder.comments).toBe(1);
    first.leave();
    await waitUntil('its leaving', () => hub.clientCount === 0);
    hub.publish('progress', { at: 2 });
    hub.publish('progress', { at: 3 });
    const again = await follow(url, first.events[0]!.id);
    await waitUntil('what was missed', () => again.events.length === 2);
    expect(again.events.map(({ type, data }) => [type, JSON.parse(data).at])).toEqual([
      ['progress', 2],
      ['progress', 3],
    ]);
    again.leave();
  });

  it('turns browsers away that are too many', async () => {
    const { url, hub } = await serve();
    const all = await Promise.all(Array.from({ length: 16 }, () => follow(url)));
    expect(hub.clientCount).toBe(16);
    expect((await ask(`${url}events`)).status).toBe(503);
    for (const one of all) one.leave();
  });

  it('goes on for all others while one does not read, and disconnects that one', async () => {
    const { url, hub } = await serve();
    const stuck = connect(Number(new URL(url).port), '127.0.0.1');
    stuck.on('error', () => {});
    stuck.write('GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    stuck.pause();
    const reader = await follow(url);
    await waitUntil('both', () => hub.clientCount === 2);
    // More than the buffers of two sockets and the queue hold together.
    const filler = 'x'.repeat(100_000);
    let sent = 0;
    await waitUntil('the disconnection', async () => {
      hub.publish('results', { at: ++sent, filler });
      // As a run would, turns of the event loop lie between two of them.
      await new Promise((resolve) => setImmediate(resolve));
      return hub.clientCount === 1;
    });
    hub.publish('end', { at: 'end' });
    await waitUntil('the end', () => reader.events.at(-1)?.type === 'end');
    expect(reader.events.filter(({ type }) => type === 'lost')).toEqual([]);
    reader.leave();
    stuck.destroy();
  });

  it('waits for the browser that listens until it has the report', async () => {
    const { url, hub, handOver } = await serve();
    const reader = await follow(url);
    const over = handOver('<!doctype html>report', 60_000);
    hub.publish('end', {});
    await waitUntil('the end', () => reader.events.length === 1);
    expect((await ask(`${url}report.html`)).text).toBe('<!doctype html>report');
    await over;
    reader.leave();
  });

  it('waits for nobody when nobody listens, and cuts every connection when it closes', async () => {
    const server = await serve();
    await server.handOver('report', 60_000);
    const reader = await follow(server.url);
    await server.close();
    await waitUntil('the cut', () => reader.closed);
    await expect(ask(server.url)).rejects.toThrow(/ECONNREFUSED/);
  });
});
