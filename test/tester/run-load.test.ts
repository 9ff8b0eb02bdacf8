import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/model/outcome.ts';
import type { TesterResult } from '../../src/model/tester-report.ts';
import type { LoadOptions } from '../../src/tester/load-options.ts';
import { outcomesOf, runChecked } from './checked-load.ts';
import {
  CHUNKED_HEAD,
  chunk,
  eventsFrom,
  findClosedPort,
  loadOn,
  type RawServer,
  STREAM_HEAD,
  startRawServer,
} from './raw-server.ts';

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe.each(['handle', 'net'] as const)('over %s', (transport) => {
  async function loadAgainst(
    answer: (socket: Socket, requestNumber: number) => void,
    options: Partial<LoadOptions> = {},
    signal?: AbortSignal,
  ): Promise<TesterResult> {
    server = await startRawServer(answer);
    return runChecked(loadOn(server.port, { transport, ...options }), signal ? { signal } : {});
  }

  describe('streams that complete', () => {
    it('chunked: on kept connections, with events, ids and latencies', async () => {
      const result = await loadAgainst((socket) => {
        socket.write(
          CHUNKED_HEAD + chunk(eventsFrom(1, 2)) + chunk(`:hi\n\n${eventsFrom(3, 3)}`) + chunk('').trimEnd(),
        );
        socket.write('\r\n\r\n');
      });
      expect(outcomesOf(result)).toEqual(['completed']);
      expect(result.outcomes.completed).toBeGreaterThan(10);
      expect(result.connectionsOpened).toBe(2);
      expect(result.eventsTotal).toBe(result.outcomes.completed * 3);
      expect(result.comments).toBe(result.outcomes.completed);
      expect(Object.values(result.sequence)).toEqual([0, 0, 0, 0, 0, 0]);
      expect(result.statusCodes).toEqual({ 200: result.outcomes.completed });
      expect(result.latencies.ttfe_us!.count).toBe(result.outcomes.completed);
      expect(result.errors).toEqual({});
      expect(result.firstError).toBeUndefined();
    });

    it('with Content-Length', async () => {
      const body = eventsFrom(1, 5);
      const result = await loadAgainst((socket) => {
        socket.write(`${STREAM_HEAD}Content-Length: ${body.length}\r\n\r\n${body}`);
      });
      expect(outcomesOf(result)).toEqual(['completed']);
      expect(result.connectionsOpened).toBe(2);
      expect(result.eventsTotal).toBe(result.outcomes.completed * 5);
      // Five events in one read: one first event and four gaps of nothing.
      expect(result.latencies.gap_us).toMatchObject({ min: 0, p50: 0 });
    });

    it('by the end of the connection, each on a connection of its own', async () => {
      const result = await loadAgainst((socket) => socket.end(`${STREAM_HEAD}\r\n${eventsFrom(1, 1)}`), {
        durationMs: 200,
      });
      expect(outcomesOf(result)).toEqual(['completed']);
      expect(result.connectionsOpened).toBe(result.outcomes.attempted);
    });

    it('with Connection: close, without waiting for the server to close', async () => {
      const result = await loadAgainst(
        (socket) => socket.write(`${STREAM_HEAD}Connection: close\r\nContent-Length: 0\r\n\r\n`),
        { durationMs: 200 },
      );
      expect(outcomesOf(result)).toEqual(['completed']);
      expect(result.connectionsOpened).toBe(result.outcomes.attempted);
    });

    it('cut into single bytes', async () => {
      const bytes = Buffer.from(`${CHUNKED_HEAD}${chunk('data: ä€\r\n\r\n')}0\r\n\r\n`);
      const result = await loadAgainst(
        (socket) => {
          let sent = 0;
          const sendNext = (): void => {
            socket.write(bytes.subarray(sent, ++sent));
            if (sent < bytes.length) setImmediate(sendNext);
          };
          sendNext();
        },
        { timeoutMs: 2000 },
      );
      expect(outcomesOf(result)).toEqual(['completed']);
      expect(result.eventsTotal).toBe(result.outcomes.completed);
      expect(result.reads).toBeGreaterThan(result.outcomes.completed * 2);
    });

    it('after the deadline: they count, but not in the window', async () => {
      const result = await loadAgainst(
        (socket) => {
          socket.write(CHUNKED_HEAD + chunk(eventsFrom(1, 1)));
          setTimeout(() => socket.write(`${chunk(eventsFrom(2, 2))}0\r\n\r\n`), 250);
        },
        { durationMs: 150, timeoutMs: 2000 },
      );
      expect(result.outcomes).toMatchObject({ attempted: 2, completed: 2 });
      expect(result).toMatchObject({ completedInWindow: 0, completedInDrain: 2, events: 2, eventsTotal: 4 });
      expect(result.window.durationUs).toBeLessThanOrEqual(150_000);
      expect(result.window.drainUs).toBeGreaterThan(0);
      expect(server!.requests).toHaveLength(2);
    });

    it('that are no event streams, where any content type will do', async () => {
      const result = await loadAgainst(
        (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\ndata: hello\n'),
        { expectEventStream: false },
      );
      expect(outcomesOf(result)).toEqual(['completed']);
      expect(result.eventsTotal).toBe(0);
      expect(result.latencies.ttfe_us).toBeNull();
    });
  });

  describe('streams that fail', () => {
    const cases: {
      name: string;
      answer: (socket: Socket) => void;
      outcome: Outcome;
      options?: Partial<LoadOptions>;
    }[] = [
      {
        name: 'one event, then silence',
        answer: (s) => s.write(CHUNKED_HEAD + chunk(eventsFrom(1, 1))),
        outcome: 'stalled',
      },
      { name: 'a head, then silence', answer: (s) => s.write(CHUNKED_HEAD), outcome: 'stalled' },
      { name: 'no answer', answer: () => {}, outcome: 'no-headers' },
      { name: 'half a head', answer: (s) => s.write('HTTP/1.1 200 OK\r\nContent-'), outcome: 'no-headers' },
      { name: 'a FIN instead of an answer', answer: (s) => s.end(), outcome: 'closed-early' },
      { name: 'a FIN in the head', answer: (s) => s.end('HTTP/1.1 200 O'), outcome: 'closed-early' },
      {
        name: 'a FIN between chunks',
        answer: (s) => s.end(CHUNKED_HEAD + chunk(eventsFrom(1, 1))),
        outcome: 'closed-early',
      },
      {
        name: 'a FIN before Content-Length',
        answer: (s) => s.end(`${STREAM_HEAD}Content-Length: 9\r\n\r\n:`),
        outcome: 'closed-early',
      },
      { name: 'a reset before the head', answer: (s) => s.resetAndDestroy(), outcome: 'reset' },
      {
        name: 'a reset in the body',
        answer: (s) =>
          s.write(CHUNKED_HEAD + chunk(eventsFrom(1, 1)), () => setTimeout(() => s.resetAndDestroy(), 10)),
        outcome: 'reset',
      },
      {
        name: 'events and a reset at once',
        answer: (s) => {
          s.write(CHUNKED_HEAD + chunk(eventsFrom(1, 1)));
          s.resetAndDestroy();
        },
        outcome: 'reset',
      },
      {
        name: 'a body that only the end of the connection ends, and a reset at once',
        answer: (s) => {
          s.write(`${STREAM_HEAD}\r\n${eventsFrom(1, 1)}`);
          s.resetAndDestroy();
        },
        outcome: 'reset',
      },
      {
        name: 'status 503',
        answer: (s) => s.write('HTTP/1.1 503 No\r\nContent-Length: 3\r\n\r\nno\n'),
        outcome: 'http-error',
      },
      {
        name: 'status 500 without end',
        answer: (s) => s.write('HTTP/1.1 500 No\r\n\r\nwait'),
        outcome: 'http-error',
        options: { timeoutMs: 80 },
      },
      {
        name: 'status 500, then a reset',
        answer: (s) => s.write('HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\n', () => s.resetAndDestroy()),
        outcome: 'http-error',
      },
      {
        name: 'HTML',
        answer: (s) => s.write('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n<p>'),
        outcome: 'http-error',
      },
      {
        name: 'a redirect',
        answer: (s) => s.write('HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n'),
        outcome: 'http-error',
      },
      { name: 'another protocol', answer: (s) => s.write('220 smtp ready\r\n'), outcome: 'protocol-error' },
      { name: 'a bad chunk', answer: (s) => s.write(`${CHUNKED_HEAD}zz\r\n`), outcome: 'protocol-error' },
      {
        name: 'a line beyond the limit',
        answer: (s) => s.write(CHUNKED_HEAD + chunk(`data: ${'x'.repeat(99)}`)),
        outcome: 'protocol-error',
        options: { eventLimits: { lineBytes: 50 } },
      },
    ];
    for (const { name, answer, outcome, options } of cases) {
      it(`${name}: ${outcome}`, async () => {
        const timesOut = ['stalled', 'no-headers'].includes(outcome);
        const result = await loadAgainst(answer, {
          durationMs: 120,
          ...(timesOut && { timeoutMs: 100 }),
          ...options,
        });
        expect(outcomesOf(result)).toEqual([outcome]);
        expect(result.firstError).toBeDefined();
        const timeouts = Object.values(result.timeouts).reduce((sum, count) => sum + count, 0);
        expect(timeouts).toBe(timesOut ? result.outcomes[outcome] : 0);
      });
    }

    it('names the part that timed out', async () => {
      const options = { timeoutMs: 150 };
      expect(
        (await loadAgainst((s) => s.write(CHUNKED_HEAD), options)).timeouts.firstEvent,
      ).toBeGreaterThanOrEqual(2);
      await server!.close();
      expect(
        (await loadAgainst((s) => s.write(CHUNKED_HEAD + chunk(eventsFrom(1, 1))), options)).timeouts.idle,
      ).toBeGreaterThanOrEqual(2);
      await server!.close();
      expect((await loadAgainst(() => {}, options)).timeouts.headers).toBeGreaterThanOrEqual(2);
    });

    it('takes comments for no sign of life: a stream needs events', async () => {
      const result = await loadAgainst(
        (socket) => {
          socket.write(CHUNKED_HEAD + chunk(':\n\n'));
          const timer = setInterval(() => socket.write(chunk(':\n\n')), 20);
          socket.on('close', () => clearInterval(timer));
        },
        { timeoutMs: 150 },
      );
      expect(outcomesOf(result)).toEqual(['stalled']);
      expect(result.comments).toBeGreaterThan(0);
    });

    it('nobody listens: refused, with pauses that grow instead of spinning', async () => {
      const port = await findClosedPort();
      const result = await runChecked(loadOn(port, { transport, connections: 1, durationMs: 400 }));
      expect(outcomesOf(result)).toEqual(['refused']);
      expect(result.errors).toEqual({ ECONNREFUSED: result.outcomes.refused });
      expect(result.connectionsOpened).toBe(0);
      // 10, 20, 40, ... ms and at least half of that: no more than seven attempts fit.
      expect(result.outcomes.attempted).toBeLessThanOrEqual(8);
    });

    it('connections that are reset as soon as they are accepted: reset, whoever notices when', async () => {
      server = await startRawServer(
        () => {},
        (socket) => socket.resetAndDestroy(),
      );
      const result = await runChecked(loadOn(server.port, { transport, durationMs: 200 }));
      expect(outcomesOf(result)).toEqual(['reset']);
    });

    it('finite streams without end are given up after the drain time: client-aborted', async () => {
      const result = await loadAgainst(
        (socket) => {
          socket.write(CHUNKED_HEAD);
          const timer = setInterval(() => socket.write(chunk(eventsFrom(1, 1))), 10);
          socket.on('close', () => clearInterval(timer));
        },
        { durationMs: 150, timeoutMs: 500 },
      );
      expect(outcomesOf(result)).toEqual(['client-aborted']);
      expect(result.timeouts).toEqual({ connect: 0, headers: 0, firstEvent: 0, idle: 0, deadline: 2 });
      expect(result.eventsTotal).toBeGreaterThan(result.events);
    });

    it('bytes after the end of a response do not spoil it, but its connection', async () => {
      const result = await loadAgainst((s) => s.write(`${STREAM_HEAD}Content-Length: 0\r\n\r\nsurplus`), {
        durationMs: 200,
      });
      expect(outcomesOf(result)).toEqual(['completed']);
      expect(result.errors['unsolicited-bytes']).toBe(result.outcomes.completed);
      expect(result.connectionsOpened).toBe(result.outcomes.attempted);
    });
  });

  describe('endless streams', () => {
    const sendForever = (socket: Socket): void => {
      let id = 0;
      socket.write(CHUNKED_HEAD);
      const timer = setInterval(() => socket.write(chunk(eventsFrom(++id, id))), 10);
      socket.on('close', () => clearInterval(timer));
    };

    it('are held when they are alive at the deadline, and nothing is counted after it', async () => {
      const result = await loadAgainst(sendForever, { stream: 'endless', connections: 5 });
      expect(result.outcomes).toMatchObject({ attempted: 5, held: 5 });
      expect(result.events).toBeGreaterThan(5);
      expect(result.window.drainUs).toBe(0);
      expect(result.holdRatio).toBeGreaterThan(0.5);
      expect(result.firstError).toBeUndefined();
      expect(result.series.open).toEqual([5]);
    });

    it('are stalled when they went silent before', async () => {
      const result = await loadAgainst((s) => s.write(CHUNKED_HEAD + chunk(eventsFrom(1, 1))), {
        stream: 'endless',
        durationMs: 900,
        timeoutMs: 600,
        connections: 3,
      });
      expect(result.outcomes.stalled).toBe(3);
      expect(result.outcomes.held).toBe(3);
    });

    it('without a head at the deadline are neither held nor failed', async () => {
      const result = await loadAgainst(() => {}, { stream: 'endless', durationMs: 100, timeoutMs: 1000 });
      expect(result.outcomes).toMatchObject({ attempted: 2, 'client-aborted': 2 });
    });

    it('that end are completed and begun again', async () => {
      const result = await loadAgainst(
        (socket, number) => {
          if (number <= 2) socket.write(`${STREAM_HEAD}Content-Length: 0\r\n\r\n`);
          else sendForever(socket);
        },
        { stream: 'endless' },
      );
      expect(result.outcomes).toMatchObject({ attempted: 4, completed: 2, held: 2 });
    });
  });

  describe('what is read from events', () => {
    it('tells missing, repeated and rolled back ids', async () => {
      const ids = [5, 6, 9, 9, 2, 3];
      const result = await loadAgainst(
        (socket) => {
          const body = ids.map((id) => `id: ${id}\ndata\n\n`).join('');
          socket.write(`${STREAM_HEAD}Content-Length: ${body.length}\r\n\r\n${body}`);
        },
        { connections: 1, ratePerConnection: 1 },
      );
      expect(result.outcomes.completed).toBe(1);
      expect(result.sequence).toMatchObject({ gaps: 2, duplicates: 1, reordered: 0, rolledBack: 2 });
    });

    it('takes the delivery lag from "ts" in microseconds wherever it stands, and from nothing else', async () => {
      const result = await loadAgainst(
        (socket) => {
          const ts = Date.now() * 1000 - 50_000;
          const body = [
            `{"ts":${ts}}`,
            `{"seq":12345,"ts": ${ts},"x":1}`,
            '{"ts":1}',
            '"ts":',
            'ts',
            `{"ts":${ts}00}`,
          ]
            .map((data) => `data: ${data}\n\n`)
            .join('');
          socket.write(`${STREAM_HEAD}Content-Length: ${body.length}\r\n\r\n${body}`);
        },
        { connections: 1, ratePerConnection: 1 },
      );
      expect(result.eventsTotal).toBe(6);
      expect(result.latencies.delivery_lag_us).toMatchObject({ count: 2 });
      expect(result.latencies.delivery_lag_us!.min).toBeGreaterThanOrEqual(49_000);
    });
  });

  describe('the schedule', () => {
    it('keeps to the rate per connection', async () => {
      const result = await loadAgainst((s) => s.write(`${STREAM_HEAD}Content-Length: 0\r\n\r\n`), {
        durationMs: 500,
        ratePerConnection: 20,
        connections: 3,
      });
      // One at once and one every 50 ms after it; late timers may cost some of the 30.
      expect(result.outcomes.completed).toBeLessThanOrEqual(30);
      expect(result.outcomes.completed).toBeGreaterThan(2 * 3);
      expect(result.connectionsOpened).toBe(3);
    });

    it('connects again without an outcome when the server closes between streams', async () => {
      const result = await loadAgainst((socket) => socket.end(`${STREAM_HEAD}Content-Length: 0\r\n\r\n`), {
        durationMs: 350,
        ratePerConnection: 10,
      });
      expect(outcomesOf(result)).toEqual(['completed']);
      expect(result.connectionsOpened).toBe(result.outcomes.attempted);
    });

    it('sends the exact bytes it was given', async () => {
      const request = Buffer.from('POST /x HTTP/1.1\r\nhOst:y\r\nX-Raw: \xe4\r\n\r\n', 'latin1');
      await loadAgainst((s) => s.write(`${STREAM_HEAD}Content-Length: 0\r\n\r\n`), {
        request,
        durationMs: 50,
      });
      expect(new Set(server!.requests)).toEqual(new Set([request.toString('latin1')]));
    });
  });

  describe('an interrupt', () => {
    it('ends the window at once with what was measured', async () => {
      const controller = new AbortController();
      let answered = 0;
      const result = await loadAgainst(
        (socket) => {
          if (++answered <= 20) socket.write(`${STREAM_HEAD}Content-Length: 0\r\n\r\n`);
          else controller.abort();
        },
        { durationMs: 60_000, timeoutMs: 60_000 },
        controller.signal,
      );
      expect(result.interrupted).toBe(true);
      // The answer on the other connection may still be on its way.
      expect(result.outcomes.completed).toBeGreaterThanOrEqual(19);
      expect(outcomesOf(result)).toEqual(['completed', 'client-aborted']);
      expect(result.timeouts.deadline).toBe(0);
      expect(result.window.durationUs).toBeLessThan(60_000_000);
    });

    it('in the drain time ends that', async () => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 200);
      const result = await loadAgainst(() => {}, { durationMs: 50, timeoutMs: 60_000 }, controller.signal);
      expect(result).toMatchObject({ interrupted: true, outcomes: { attempted: 2, 'client-aborted': 2 } });
    });

    it('before the start gives an empty result', async () => {
      const result = await loadAgainst(() => {}, {}, AbortSignal.abort());
      expect(result.interrupted).toBe(true);
      expect(result.outcomes.completed).toBe(0);
    });
  });
});
