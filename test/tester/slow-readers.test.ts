import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { runChecked } from './checked-load.ts';
import {
  CHUNKED_HEAD,
  chunk,
  eventsFrom,
  loadOn,
  type RawServer,
  STREAM_HEAD,
  startRawServer,
} from './raw-server.ts';

/** A read of a slow connection, which the engine takes whole before it pauses. */
const READ_BYTES = 4096;
/** What the engine makes up for after a late wake-up. */
const CREDIT_MS = 50;

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Events as fast as the client takes them, for ever. */
function flood(socket: Socket): void {
  const piece = chunk(eventsFrom(1, 1) + `: ${'x'.repeat(200)}\n\n`.repeat(100));
  socket.write(CHUNKED_HEAD);
  const pour = (): void => {
    while (!socket.destroyed && socket.write(piece)) {}
  };
  socket.on('drain', pour);
  pour();
}

describe.each(['handle', 'net'] as const)('slow readers (%s)', (transport) => {
  it('take no more than their rate allows, and others take more', async () => {
    server = await startRawServer(flood);
    const bytesPerSec = 100_000;
    const result = await runChecked(
      loadOn(server.port, {
        transport,
        connections: 4,
        durationMs: 700,
        stream: 'endless',
        slowReaders: { share: 1, bytesPerSec },
      }),
    );
    const seconds = result.window.durationUs / 1e6 + CREDIT_MS / 1000;
    expect(result.outcomes).toMatchObject({ attempted: 4, held: 4 });
    expect(result.bytesReceived).toBeGreaterThan(0);
    expect(result.bytesReceived).toBeLessThanOrEqual(4 * (bytesPerSec * seconds + READ_BYTES));

    const mixed = await runChecked(
      loadOn(server.port, {
        transport,
        connections: 4,
        durationMs: 300,
        stream: 'endless',
        slowReaders: { share: 0.5, bytesPerSec },
      }),
    );
    expect(mixed.bytesReceived).toBeGreaterThan(4 * (bytesPerSec * 0.35 + READ_BYTES));
  });

  it('are not called stalled, nor silent, for a pause that is their own', async () => {
    server = await startRawServer(flood);
    const result = await runChecked(
      loadOn(server.port, {
        transport,
        connections: 2,
        durationMs: 900,
        stream: 'endless',
        // One read is paid for by two seconds.
        slowReaders: { share: 1, bytesPerSec: READ_BYTES / 2 },
        timeoutMs: 200,
        silenceLimitMs: 100,
      }),
    );
    expect(result.outcomes).toMatchObject({ attempted: 2, held: 2 });
    expect(result.timeouts.idle).toBe(0);
    expect(result.audit.silence.overLimit).toBe(0);
  });

  it('wait for the next response on their connection for as long as they pause, and the timeout after that', async () => {
    const body = eventsFrom(1, 200);
    server = await startRawServer((s) =>
      s.write(`${STREAM_HEAD}Content-Length: ${body.length}\r\n\r\n${body}`),
    );
    const result = await runChecked(
      loadOn(server.port, {
        transport,
        connections: 1,
        durationMs: 900,
        slowReaders: { share: 1, bytesPerSec: body.length * 3 },
        timeoutMs: 250,
      }),
    );
    expect(result.outcomes.completed).toBeGreaterThan(1);
    // The last one may be unfinished at the end of the drain time; none is called stalled.
    const { deadline, ...others } = result.timeouts;
    expect(deadline).toBeLessThanOrEqual(1);
    expect(others).toEqual({ connect: 0, headers: 0, firstEvent: 0, idle: 0 });
    expect(result.connectionsOpened).toBe(1);
  });

  it('are stalled where the server is silent after their pause', async () => {
    server = await startRawServer((s) => s.write(CHUNKED_HEAD + chunk(eventsFrom(1, 1))));
    const result = await runChecked(
      loadOn(server.port, {
        transport,
        durationMs: 900,
        stream: 'endless',
        slowReaders: { share: 1, bytesPerSec: 1000 },
        timeoutMs: 150,
        reconnect: 'never',
      }),
    );
    expect(result.outcomes).toMatchObject({ attempted: 2, stalled: 2 });
  });
});
