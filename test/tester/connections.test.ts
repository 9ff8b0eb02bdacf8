import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
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

const EMPTY = `${STREAM_HEAD}Content-Length: 0\r\n\r\n`;

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function loadAgainst(
  answer: (socket: Socket, requestNumber: number) => void,
  options: Partial<LoadOptions> = {},
  onConnection?: (socket: Socket) => void,
): Promise<TesterResult> {
  server = await startRawServer(answer, onConnection);
  return runChecked(loadOn(server.port, options));
}

describe.each(['handle', 'net'] as const)('connections (%s)', (transport) => {
  it('are closed after as many streams as they may carry', async () => {
    const perConnection = new Map<Socket, number>();
    const result = await loadAgainst(
      (socket) => {
        perConnection.set(socket, (perConnection.get(socket) ?? 0) + 1);
        socket.write(EMPTY);
      },
      { transport, streamsPerConnection: 3, durationMs: 150 },
    );
    expect(outcomesOf(result)).toEqual(['completed']);
    const counts = [...perConnection.values()];
    expect(Math.max(...counts)).toBe(3);
    // Only those that were cut by the deadline, one per slot, may have had fewer.
    expect(counts.filter((count) => count < 3).length).toBeLessThanOrEqual(2);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(result.outcomes.completed);
    expect(result.connectionsOpened).toBe(counts.length);
    expect(result.staleReuses).toBe(0);
  });

  it('come from the source addresses in turn', async () => {
    const sourceAddresses = ['127.0.0.2', '127.0.0.3', '127.9.9.9'];
    const seen: string[] = [];
    const result = await loadAgainst(
      (socket) => socket.write(CHUNKED_HEAD + chunk(eventsFrom(1, 1))),
      { transport, connections: 6, stream: 'endless', durationMs: 200, sourceAddresses },
      (socket) => seen.push(socket.remoteAddress!),
    );
    expect(result.outcomes).toMatchObject({ attempted: 6, held: 6 });
    expect(seen.sort()).toEqual([...sourceAddresses, ...sourceAddresses].sort());
  });

  it('that the server drops after an answer cost no outcome: the next request is sent again', async () => {
    // Without Connection: close nobody can know; the FIN crosses the next request.
    const result = await loadAgainst(
      (socket, number) => {
        if (number % 2 === 1) socket.end(EMPTY);
        else socket.write(EMPTY);
      },
      { transport, connections: 1 },
    );
    expect(outcomesOf(result)).toEqual(['completed']);
    expect(result.outcomes.completed).toBeGreaterThan(2);
    expect(result.errors).toEqual({});
    // Every connection but the first is there because the server had ended the one before.
    expect(result.connectionsOpened).toBeGreaterThan(1);
  });

  it('that are met by a FIN instead of a second answer are replaced, and the stream counts once', async () => {
    const result = await loadAgainst(
      (socket, number) => {
        if (number % 2 === 1) socket.write(EMPTY);
        else socket.end();
      },
      { transport, connections: 1 },
    );
    expect(outcomesOf(result)).toEqual(['completed']);
    expect(result.staleReuses).toBeGreaterThan(0);
    expect(result.outcomes.attempted).toBe(server!.requests.length - result.staleReuses);
    expect(result.connectionsOpened).toBe(result.staleReuses + 1);
  });

  it('that are reset instead of a second answer are replaced likewise', async () => {
    const result = await loadAgainst(
      (socket, number) => {
        if (number % 2 === 1) socket.write(EMPTY);
        else socket.resetAndDestroy();
      },
      { transport, connections: 1 },
    );
    expect(outcomesOf(result)).toEqual(['completed']);
    expect(result.staleReuses).toBeGreaterThan(0);
    expect(result.errors).toEqual({});
  });
});

describe('connections', () => {
  it('pause between streams for the think time', async () => {
    const result = await loadAgainst((socket) => socket.write(EMPTY), { thinkTimeMs: 100, durationMs: 450 });
    expect(outcomesOf(result)).toEqual(['completed']);
    // At 0, 100, ... 400 ms, later where a timer is late: never more.
    expect(result.outcomes.completed).toBeLessThanOrEqual(10);
    expect(result.outcomes.completed).toBeGreaterThan(2);
    expect(result.connectionsOpened).toBe(2);
  });

  it('are opened one after the other over the ramp', async () => {
    const openedAtMs: number[] = [];
    const result = await loadAgainst(
      (socket) => socket.write(CHUNKED_HEAD + chunk(eventsFrom(1, 1))),
      { connections: 8, stream: 'endless', durationMs: 500, rampMs: 400 },
      () => openedAtMs.push(performance.now()),
    );
    expect(result.outcomes).toMatchObject({ attempted: 8, held: 8 });
    // The first at once, the last after 350 ms; the server may learn of the first one late.
    const startMs = result.window.startedAtMs - performance.timeOrigin;
    expect(openedAtMs.at(-1)! - startMs).toBeGreaterThanOrEqual(349.9);
    expect(openedAtMs).toHaveLength(8);
  });
});

describe('a window', () => {
  it('begins when its connections have been built, and with a stream', async () => {
    // Building these takes longer than the window lasts.
    const port = await findClosedPort();
    const result = await runChecked(loadOn(port, { connections: 6000, durationMs: 1 }));
    expect(result.outcomes.attempted).toBeGreaterThan(0);
  });
});
