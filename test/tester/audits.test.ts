import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { TesterResult } from '../../src/model/tester-report.ts';
import type { LoadOptions } from '../../src/tester/load-options.ts';
import type { LoadHooks } from '../../src/tester/run-load.ts';
import { outcomesOf, runChecked } from './checked-load.ts';
import { chunk, loadOn, type RawServer, startRawServer } from './raw-server.ts';

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function loadAgainst(
  answer: (socket: Socket, requestNumber: number) => void,
  options: Partial<LoadOptions> = {},
  hooks: LoadHooks = {},
): Promise<TesterResult> {
  server = await startRawServer(answer);
  return runChecked(loadOn(server.port, options), hooks);
}

/** One response per connection, complete. */
const once: Partial<LoadOptions> = { ratePerConnection: 1 };

function respond(socket: Socket, fields: string, body: string): void {
  socket.write(`HTTP/1.1 200 OK\r\n${fields}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

const TYPE = 'Content-Type: text/event-stream\r\n';

describe('the audit of response heads', () => {
  it('says of each header whether it is as an event stream needs it', async () => {
    const result = await loadAgainst(
      (socket) =>
        respond(socket, `${TYPE}Cache-Control: max-age=60\r\nX-Accel-Buffering: yes\r\n`, 'data: x\n\n'),
      once,
    );
    expect(outcomesOf(result)).toEqual(['completed']);
    expect(Object.fromEntries(result.audit.head.map(({ header, verdict }) => [header, verdict]))).toEqual({
      'Content-Type': 'ok',
      'Cache-Control': 'wrong',
      Connection: 'implied',
      'X-Accel-Buffering': 'wrong',
      'Content-Encoding': 'ok',
      'Content-Length': 'ok',
    });
  });

  it('is of the first event stream, not of the error page before it', async () => {
    const result = await loadAgainst(
      (socket, number) => {
        if (number === 1) socket.write('HTTP/1.1 503 No\r\nCache-Control: x\r\nContent-Length: 0\r\n\r\n');
        else respond(socket, `${TYPE}Cache-Control: no-store\r\n`, 'data: x\n\n');
      },
      { connections: 1, durationMs: 100 },
    );
    expect(outcomesOf(result)).toEqual(['completed', 'http-error']);
    expect(result.audit.head.find(({ header }) => header === 'Cache-Control')).toMatchObject({
      verdict: 'ok',
      value: 'no-store',
    });
  });

  it('is empty where no event stream came', async () => {
    const result = await loadAgainst((socket) => socket.end(), { durationMs: 50 });
    expect(result.audit.head).toEqual([]);
  });
});

describe('the audit of silence', () => {
  it('counts what was longer than the limit, and takes a comment for a sign of life', async () => {
    const ended = new AbortController();
    const result = await loadAgainst(
      (socket) => {
        socket.write(`HTTP/1.1 200 OK\r\n${TYPE}Transfer-Encoding: chunked\r\n\r\n${chunk('data: x\n\n')}`);
        const pieces = [': a\n\n', ': b\n\n', 'data: y\n\n'];
        // Silences of 60 ms, then one of at least 250 ms that ends with an event.
        const timers = pieces.map((piece, index) =>
          setTimeout(() => socket.write(chunk(piece)), index < 2 ? 60 * (index + 1) : 370),
        );
        socket.on('close', () => timers.forEach(clearTimeout));
      },
      { connections: 1, stream: 'endless', durationMs: 15_000, silenceLimitMs: 200 },
      {
        signal: ended.signal,
        onEvents: (events) => {
          if (events.some(({ data }) => data === 'y')) ended.abort();
        },
      },
    );
    expect(result.outcomes).toMatchObject({ held: 1 });
    const { silence, comments } = result.audit;
    expect(silence).toMatchObject({ limitMs: 200, longestIsOpen: false });
    expect(silence.overLimit).toBeGreaterThanOrEqual(1);
    expect(silence.longestMs!).toBeGreaterThan(200);
    expect(comments.longestIntervalMs!).toBeGreaterThan(0);
    expect(result.comments).toBe(2);
  });

  it('tells a silence that nobody saw the end of', async () => {
    const result = await loadAgainst((socket) => socket.write(`HTTP/1.1 200 OK\r\n${TYPE}\r\ndata: x\n\n`), {
      stream: 'endless',
      durationMs: 300,
      silenceLimitMs: 100,
    });
    expect(result.outcomes).toMatchObject({ held: 2 });
    expect(result.audit.silence).toMatchObject({ overLimit: 2, longestIsOpen: true });
    expect(result.audit.comments).toEqual({ bad: 0, longestIntervalMs: null });
  });
});

describe('the audit of fields', () => {
  it('counts comments that are too long or have control characters, and retry fields that are no numbers', async () => {
    const body = [
      `: ${'x'.repeat(255)}`,
      `: ${'x'.repeat(256)}`,
      `:${'ä'.repeat(256)}`,
      ': a\tb',
      'retry: 10',
      'retry: 11',
      'retry: -1',
      'retry: 1.5',
      'data: x\n\n',
    ].join('\n');
    const result = await loadAgainst((socket) => respond(socket, TYPE, body), { ...once, retryLimit: 10 });
    expect(result.outcomes).toMatchObject({ attempted: 2, completed: 2 });
    expect(result.comments).toBe(8);
    expect(result.audit.comments.bad).toBe(4);
    expect(result.audit.retry).toEqual({ seen: 4, bad: 4, overLimit: 2, limit: 10 });
  });
});

describe('ids and times in the data', () => {
  it.each([
    ['a JSON pointer', 'pointer:/m/seq', 'pointer:/m/at'],
    ['a regular expression', 'regex:"seq":(\\d+)', 'regex:"at":"([^"]+)"'],
  ])('are found by %s', async (_, idFrom, timeFrom) => {
    const seen = [5, 6, 8, 8, 7];
    const result = await loadAgainst(
      (socket) => {
        // Ids of the field would say otherwise, and "ts" too.
        const at = new Date(Date.now() - 40_000).toISOString();
        const body = seen
          .map((seq) => `id: 1\ndata: {"ts":1,\ndata: "m":{"seq":${seq},"at":"${at}"}}\n\n`)
          .join('');
        respond(socket, TYPE, body);
      },
      { ...once, connections: 1, idFrom, timeFrom },
    );
    expect(result.outcomes).toMatchObject({ attempted: 1, completed: 1 });
    expect(result.eventsTotal).toBe(seen.length);
    expect(result.sequence).toMatchObject({ gaps: 0, reordered: 1, duplicates: 1, rolledBack: 0 });
    expect(result.latencies.delivery_lag_us).toMatchObject({ count: seen.length });
    expect(result.latencies.delivery_lag_us!.min).toBeGreaterThanOrEqual(39_000_000);
  });

  it('has a reorder window: ids that are later than it are missing', async () => {
    const body = [1, 3, 4, 5, 2].map((id) => `id: ${id}\ndata\n\n`).join('');
    const count = async (reorderWindow: number): Promise<object> => {
      const result = await loadAgainst((socket) => respond(socket, TYPE, body), {
        ...once,
        connections: 1,
        durationMs: 50,
        reorderWindow,
      });
      await server!.close();
      return result.sequence;
    };
    expect(await count(5)).toMatchObject({ gaps: 0, reordered: 1, rolledBack: 0 });
    expect(await count(1)).toMatchObject({ gaps: 1, reordered: 0, rolledBack: 1 });
  });
});
