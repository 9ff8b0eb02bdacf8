import { spawn } from 'node:child_process';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OUTCOMES, type Outcome } from '../../src/model/outcome.ts';
import type { TesterResult } from '../../src/model/tester-report.ts';
import type { LoadOptions } from '../../src/tester/load-options.ts';
import { runLoad } from '../../src/tester/run-load.ts';
import { type HostileAnswer, readHostileCorpus } from '../helpers/hostile-corpus.ts';
import { readPieces } from '../helpers/read-pieces.ts';
import {
  CHUNKED_HEAD,
  chunk,
  eventsFrom,
  loadOn,
  type RawServer,
  STREAM_HEAD,
  startRawServer,
} from './raw-server.ts';

const PATIENCE_MS = 20_000;
const IMPATIENCE_MS = 1500;
/** So slow that each connection has one stream. */
const ONE_STREAM = { ratePerConnection: 0.001 } as const;

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const seen = (result: TesterResult): Partial<Record<Outcome, number>> =>
  Object.fromEntries(
    OUTCOMES.filter((name) => result.outcomes[name] > 0).map((name) => [name, result.outcomes[name]]),
  );

describe.each(['whole', 'in pieces'] as const)('the saved answers of hostile servers, %s', (how) => {
  const corpus = readHostileCorpus();
  const results = new Map<string, TesterResult>();

  /** As many at a time as leave each of them quick. */
  beforeAll(async () => {
    const waiting = [...corpus];
    const work = async (): Promise<void> => {
      for (let answer = waiting.pop(); answer !== undefined; answer = waiting.pop()) {
        results.set(answer.file, await load(answer));
      }
    };
    await Promise.all(Array.from({ length: 24 }, work));
  }, 120_000);

  async function load({ file, bytes, then, outcome, limits }: HostileAnswer): Promise<TesterResult> {
    const own = await startRawServer((socket) => {
      const finish = (): void => {
        if (then === 'fin') socket.end();
        if (then === 'reset') socket.resetAndDestroy();
      };
      if (how === 'whole') socket.write(bytes, finish);
      else writeInPieces(socket, bytes, finish);
    });
    // Only what ends by silence has to be waited for.
    const isSilent = ['stalled', 'no-headers'].includes(outcome) || file === 'status-500-endless.bin';
    try {
      return await runLoad(
        loadOn(own.port, {
          ...ONE_STREAM,
          connections: 1,
          durationMs: isSilent ? 2 * IMPATIENCE_MS : 100,
          timeoutMs: isSilent ? IMPATIENCE_MS : PATIENCE_MS,
          transport: how === 'whole' ? 'handle' : 'net',
          responseLimits: limits.response,
          eventLimits: limits.events,
        }),
      );
    } finally {
      await own.close();
    }
  }

  it.each(corpus)('$about: $outcome', ({ file, outcome, error, events, status, rest, then, bytes }) => {
    const result = results.get(file)!;
    expect(seen(result)).toEqual({ [outcome]: 1 });
    expect(result.eventsTotal).toBe(events);
    const kinds = Object.keys(result.errors).filter((kind) => kind !== 'ECONNRESET');
    // In pieces, the surplus may come when the connection is closed already.
    const surplus = rest > 0 && (how === 'whole' || kinds.length > 0) ? ['unsolicited-bytes'] : [];
    expect(kinds).toEqual(error !== undefined ? [error] : surplus);
    if (outcome === 'http-error') expect(result.statusCodes).toEqual({ [status]: 1 });
    if (outcome !== 'completed') expect(result.firstError).toMatch(/\S/);
    if (then !== 'reset') expect(result.bytesReceived).toBeLessThanOrEqual(bytes.length);
  });
});

/** Each piece a segment of its own: the next one goes out when the loop has turned. */
function writeInPieces(socket: Socket, bytes: Buffer, then: () => void): void {
  let at = 0;
  const writeNext = (): void => {
    if (socket.destroyed) return;
    if (at >= bytes.length) {
      then();
      return;
    }
    // From one byte to seven, so that every token is cut somewhere; of a long answer more.
    const end = Math.min(bytes.length, at + 1 + ((at * 5) % 7) + Math.floor(bytes.length / 200));
    socket.write(bytes.subarray(at, end), () => setImmediate(writeNext));
    at = end;
  };
  writeNext();
}

describe('a response that breaks off', () => {
  const events = eventsFrom(1, 2);
  const responses: [string, string][] = [
    [
      'in chunks',
      `${CHUNKED_HEAD}${chunk(eventsFrom(1, 1))}${chunk(eventsFrom(2, 2))}0\r\nTrailer: x\r\n\r\n`,
    ],
    ['with a length', `${STREAM_HEAD}Content-Length: ${events.length}\r\n\r\n${events}`],
    ['until the end of the connection', `HTTP/1.1 103 Hints\r\n\r\n${STREAM_HEAD}\r\n${events}`],
  ];
  const cases = responses.flatMap(([name, text]) =>
    (['fin', 'reset'] as const).flatMap((end) =>
      (['handle', 'net'] as const).map((transport) => ({ name, text, end, transport })),
    ),
  );

  it.each(cases)('$name, by a $end after any of its bytes ($transport)', async ({ text, end, transport }) => {
    const bytes = Buffer.from(text);
    // Each request is answered by one byte more than the one before.
    let asked = 0;
    server = await startRawServer((socket) => {
      const length = asked++;
      const finish = (): void => void (end === 'fin' ? socket.end() : socket.resetAndDestroy());
      if (length === 0) finish();
      else socket.write(bytes.subarray(0, length), finish);
    });
    // One stream for each connection, in as many loads as a slow machine needs.
    const found: TesterResult[] = [];
    while (asked <= bytes.length) {
      const connections = bytes.length + 1 - asked;
      found.push(
        await runLoad(loadOn(server.port, { ...ONE_STREAM, connections, transport, timeoutMs: PATIENCE_MS })),
      );
    }

    let completed = 0;
    let dispatched = 0;
    for (let length = 0; length <= bytes.length; length++) {
      const { finish, calls } = readPieces([bytes.subarray(0, length)]);
      dispatched += calls.filter((call) => call === 'dispatch').length;
      if (finish === 'already-complete' || (finish === 'complete' && end === 'fin')) completed++;
    }
    const broken = bytes.length + 1 - completed;
    const outcomes: Partial<Record<Outcome, number>> = {};
    for (const name of OUTCOMES) {
      const count = sum(found, (result) => result.outcomes[name]);
      if (count > 0) outcomes[name] = count;
    }
    expect(outcomes).toEqual({
      ...(completed === 0 ? {} : { completed }),
      [end === 'fin' ? 'closed-early' : 'reset']: broken,
    });
    expect(sum(found, (result) => result.eventsTotal)).toBe(dispatched);
    expect(sum(found, (result) => result.errors.ECONNRESET ?? 0)).toBe(end === 'fin' ? 0 : broken);
    expect(
      found.flatMap((result) => Object.keys(result.errors)).filter((kind) => kind !== 'ECONNRESET'),
    ).toEqual([]);
  });
});

function sum(results: readonly TesterResult[], of: (result: TesterResult) => number): number {
  return results.reduce((total, result) => total + of(result), 0);
}

describe('a server that takes its time', () => {
  /** The beginning at once, then a byte per second for ever. */
  async function loadSlowly(beginning: string, options: Partial<LoadOptions> = {}): Promise<TesterResult> {
    const own = await startRawServer((socket) => {
      socket.write(beginning);
      const timer = setInterval(() => socket.write('x'), 1000);
      socket.on('close', () => clearInterval(timer));
    });
    try {
      const times = { durationMs: 2500, timeoutMs: 1500 };
      return await runLoad(loadOn(own.port, { ...ONE_STREAM, connections: 2, ...times, ...options }));
    } finally {
      await own.close();
    }
  }

  it('a byte per second holds nobody past the deadline', async () => {
    const endless = { stream: 'endless' } as const;
    const results = await Promise.all([
      loadSlowly(''),
      loadSlowly('HTTP/1.1 200 OK\r\nX: '),
      loadSlowly(`${STREAM_HEAD}\r\ndata: `),
      loadSlowly(`${STREAM_HEAD}\r\n${eventsFrom(1, 1)}: `),
      loadSlowly(`${CHUNKED_HEAD}ffff\r\n`, endless),
      loadSlowly('HTTP/1.1 404 No\r\n\r\n'),
      loadSlowly('HTTP/1.1 404 No\r\n\r\n', endless),
      loadSlowly('HTTP/1.1 200 OK\r\n\r\n', { expectEventStream: false }),
      loadSlowly('HTTP/1.1 200 OK\r\n\r\n', { expectEventStream: false, ...endless }),
    ]);
    expect(results.map(seen)).toEqual([
      // The first byte is an x, and so no answer.
      { 'protocol-error': 2 },
      { 'no-headers': 2 },
      { stalled: 2 },
      { stalled: 2 },
      { stalled: 2 },
      { 'http-error': 2 },
      { 'http-error': 2 },
      { 'client-aborted': 2 },
      { held: 2 },
    ]);
  });

  it("an answer that is there before the request is one, and what follows it is nobody's", async () => {
    const answer = `${STREAM_HEAD}Content-Length: 15\r\n\r\n${eventsFrom(1, 1)}`.replace('15', '26');
    const own = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(answer + answer);
    });
    await new Promise<void>((ready) => own.listen(0, '127.0.0.1', ready));
    const result = await runLoad(
      loadOn((own.address() as AddressInfo).port, { ...ONE_STREAM, durationMs: 100 }),
    );
    own.close();
    expect(seen(result)).toEqual({ completed: 2 });
    expect(result).toMatchObject({ eventsTotal: 2, errors: { 'unsolicited-bytes': 2 } });
  });
});

const MIB = 1_048_576;
/** What Node's heap and the kernel's accounting vary by from one run to the next. */
const SLACK_BYTES = 40 * MIB;
const FLOOD_BYTES = 96 * MIB;

interface Flood {
  name: string;
  head: string;
  /** Sent again and again. */
  block: string;
  options?: Partial<LoadOptions>;
}

describe('the memory of a load under a flood', () => {
  const lineLimit = { eventLimits: { lineBytes: MIB, eventBytes: MIB } };
  const refused: (Flood & { error: string; allowedBytes?: number })[] = [
    { name: 'a header without end', head: 'HTTP/1.1 200 OK\r\nX: ', block: 'y', error: 'head-too-large' },
    { name: '10,000 headers', head: 'HTTP/1.1 200 OK\r\n', block: 'x: y\r\n', error: 'too-many-headers' },
    {
      name: '100 Continue for ever',
      head: '',
      block: 'HTTP/1.1 100 Continue\r\n\r\n',
      error: 'too-many-interim-responses',
    },
    {
      name: 'a chunk extension without end',
      head: `${CHUNKED_HEAD}5;`,
      block: 'x',
      error: 'chunk-line-too-long',
    },
    { name: 'a chunk size without end', head: CHUNKED_HEAD, block: '0', error: 'chunk-line-too-long' },
    {
      name: 'trailers without end',
      head: `${CHUNKED_HEAD}0\r\n`,
      block: 'X: y\r\n',
      error: 'trailer-too-large',
    },
    {
      name: 'a line without end',
      head: `${STREAM_HEAD}\r\ndata: `,
      block: 'x',
      options: lineLimit,
      error: 'line-too-long',
    },
    {
      name: 'a comment without end',
      head: `${STREAM_HEAD}\r\n:`,
      block: 'x',
      options: lineLimit,
      error: 'line-too-long',
    },
    {
      name: 'an event without end',
      head: `${STREAM_HEAD}\r\n`,
      block: 'data: x\n',
      options: lineLimit,
      error: 'event-too-large',
    },
    {
      name: 'a line of 100 MB at the default limit of 16 MiB',
      head: `${CHUNKED_HEAD}${(100_000_000).toString(16)}\r\ndata: `,
      block: 'x',
      options: { connections: 1, ...ONE_STREAM },
      error: 'line-too-long',
      // The line, and the one half as large that it has outgrown.
      allowedBytes: 24 * MIB,
    },
  ];
  const endured: Flood[] = [
    { name: 'comments and no event', head: `${STREAM_HEAD}\r\n`, block: ': hb\n\n' },
    {
      name: 'fields and no event',
      head: `${STREAM_HEAD}\r\n`,
      block: 'id: 7\nevent: x\nretry: 1\nfoo: bar\n',
    },
    { name: 'blank lines', head: `${STREAM_HEAD}\r\n`, block: '\r' },
    { name: 'NULs', head: `${STREAM_HEAD}\r\n`, block: `${'\0'.repeat(99)}\n` },
    { name: 'chunks of one byte', head: CHUNKED_HEAD, block: chunk('\n') },
    { name: 'one chunk of 2^53 - 1 bytes', head: `${CHUNKED_HEAD}1fffffffffffff\r\n`, block: 'data: x\n\n' },
    { name: 'an error page', head: 'HTTP/1.1 500 No\r\n\r\n', block: 'x' },
    { name: 'HTML', head: 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n', block: '<p>' },
    {
      name: 'a body of any kind',
      head: 'HTTP/1.1 200 OK\r\n\r\n',
      block: 'x',
      options: { expectEventStream: false },
    },
  ];

  let quietRss = 0;
  beforeAll(async () => {
    const quiet = { name: '', head: `${STREAM_HEAD}Content-Length: 0\r\n\r\n`, block: '' };
    quietRss = (await loadAlone(quiet, { durationMs: 300 })).maxRssBytes;
  }, 60_000);

  it.each(refused)('is bounded by a limit: $name', async (flood) => {
    const { result, maxRssBytes } = await loadAlone(flood, { durationMs: 500, ...flood.options });
    expect(result.outcomes.attempted).toBeGreaterThan(0);
    expect(seen(result)).toEqual({ 'protocol-error': result.outcomes.attempted });
    expect(result.errors).toEqual({ [flood.error]: result.outcomes.attempted });
    expect(maxRssBytes - quietRss).toBeLessThan(SLACK_BYTES + (flood.allowedBytes ?? 0));
  });

  it.each(endured)('does not grow with the bytes: $name', async (flood) => {
    const options = { stream: 'endless', durationMs: 60_000, timeoutMs: 60_000, ...flood.options } as const;
    const { result, maxRssBytes } = await loadAlone(flood, options, FLOOD_BYTES);
    expect(result.bytesReceived).toBeGreaterThan(FLOOD_BYTES / 2);
    expect(result.interrupted).toBe(true);
    const { held, 'http-error': refusals } = result.outcomes;
    expect(held + refusals).toBe(4);
    expect(maxRssBytes - quietRss).toBeLessThan(SLACK_BYTES);
  });

  /** Runs the load in a process of its own, and ends it when the server has sent so many bytes. */
  async function loadAlone(
    { head, block }: Flood,
    options: Partial<LoadOptions>,
    endAtBytes = Number.POSITIVE_INFINITY,
  ): Promise<{ result: TesterResult; maxRssBytes: number }> {
    const blocks = Buffer.from(block.repeat(Math.ceil(65_536 / Math.max(1, block.length))));
    let sent = 0;
    let begun = 0;
    const waiting: (() => void)[] = [];
    const own = await startRawServer((socket) => {
      const pour = (): void => {
        while (!socket.destroyed) {
          sent += blocks.length;
          if (sent >= endAtBytes) child.stdin.end();
          if (!socket.write(blocks)) return;
        }
      };
      socket.write(head);
      if (blocks.length === 0) return;
      socket.on('drain', pour);
      // The first ones wait for each other: one alone might take all the bytes before the others are there.
      waiting.push(pour);
      if (++begun < load.connections) return;
      for (const start of waiting.splice(0)) start();
    });
    const load = loadOn(own.port, { connections: 4, ...options });
    const argument = JSON.stringify({ ...load, request: Buffer.from(load.request).toString() });
    const program = join(import.meta.dirname, '../helpers/run-load-alone.mjs');
    const child = spawn(process.execPath, [program, argument], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      let output = '';
      child.stdout.on('data', (bytes) => {
        output += String(bytes);
      });
      await new Promise((resolve, reject) => {
        child.once('close', resolve);
        child.once('error', reject);
      });
      return JSON.parse(output) as { result: TesterResult; maxRssBytes: number };
    } finally {
      child.kill();
      await own.close();
    }
  }
});
