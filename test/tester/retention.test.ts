import { createServer, type Server, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runLoad } from '../../src/tester/run-load.ts';
import type { TappedEvent } from '../../src/tester/tap/event-queue.ts';
import { chooseTransport } from '../../src/tester/transport/choose-transport.ts';
import type { LoadSocket, SocketOwner, Transport } from '../../src/tester/transport/transport.ts';
import { CHUNKED_HEAD, chunk, eventsFrom, loadOn } from './raw-server.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Weak references are cleared when the task that has looked at them is over; handles close in a turn of their own. */
async function collect(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    await new Promise((next) => setTimeout(next, 10));
    collectGarbage();
  }
}

let server: Server;
let port: number;
const accepted = new Set<Socket>();

beforeAll(async () => {
  // Keeps nothing per request: what grows here would look like the load's.
  server = createServer((socket) => {
    accepted.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => accepted.delete(socket));
    let answered = 0;
    socket.on('data', () => {
      const body = CHUNKED_HEAD + chunk(eventsFrom(1, 5));
      socket.write(++answered === 3 ? body : `${body}0\r\n\r\n`);
      if (answered === 3) socket.resetAndDestroy();
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  port = (server.address() as { port: number }).port;
});
afterAll(async () => {
  for (const socket of accepted) socket.destroy();
  await new Promise((closed) => server.close(closed));
});

/** Hands out the sockets of another transport and remembers all of it weakly. */
class WatchedTransport implements Transport {
  private readonly inner: Transport;
  readonly sockets: WeakRef<LoadSocket>[] = [];
  readonly connections: WeakRef<SocketOwner>[] = [];
  readonly buffer: WeakRef<Buffer>;
  readonly memory: WeakRef<ArrayBufferLike>;

  constructor(inner: Transport) {
    this.inner = inner;
    this.buffer = new WeakRef(inner.readBuffer);
    this.memory = new WeakRef(inner.readBuffer.buffer);
  }

  get readBuffer(): Buffer {
    return this.inner.readBuffer;
  }

  open(owner: SocketOwner, sourceAddress?: string): LoadSocket {
    const socket = this.inner.open(owner, sourceAddress);
    this.sockets.push(new WeakRef(socket));
    this.connections.push(new WeakRef(owner));
    return socket;
  }
}

type Watched = Pick<WatchedTransport, 'sockets' | 'connections' | 'buffer' | 'memory'>;

/**
 * Over a transport with a read buffer of its own; the usual one belongs to the thread and is never let go. The transport
 * itself is gone when this returns: it holds its buffer.
 */
async function runWatched(
  kind: 'handle' | 'net',
  onEvents?: (events: TappedEvent[]) => void,
): Promise<{ watched: Watched; eventsTotal: number }> {
  const readBufferBytes = 16_384;
  const transport = new WatchedTransport(
    chooseTransport(kind, { address: '127.0.0.1', port }, { readBufferBytes }),
  );
  const { sockets, connections, buffer, memory } = transport;
  const result = await runLoad(loadOn(port, { connections: 8, durationMs: 250 }), {
    transport,
    ...(onEvents ? { onEvents } : {}),
  });
  expect(result.outcomes.completed).toBeGreaterThan(0);
  expect(result.outcomes.reset).toBeGreaterThan(0);
  return { watched: { sockets, connections, buffer, memory }, eventsTotal: result.eventsTotal };
}

function alive(references: readonly WeakRef<object>[]): number {
  return references.filter((reference) => reference.deref() !== undefined).length;
}

describe.each(['handle', 'net'] as const)('after a load (%s)', (kind) => {
  it('no socket, no connection and no read buffer is left', async () => {
    const { watched } = await runWatched(kind);
    await collect();
    expect(watched.sockets.length).toBeGreaterThan(8);
    expect(alive(watched.sockets)).toBe(0);
    expect(alive(watched.connections)).toBe(0);
    expect(alive([watched.buffer])).toBe(0);
    expect(alive([watched.memory])).toBe(0);
  });

  it('events that a listener has kept hold none of it either', async () => {
    const kept: TappedEvent[] = [];
    const { watched, eventsTotal } = await runWatched(kind, (events) => {
      kept.push(...events);
    });
    await collect();
    expect(alive([watched.memory])).toBe(0);
    expect(alive([watched.buffer])).toBe(0);
    expect(alive(watched.sockets)).toBe(0);
    expect(alive(watched.connections)).toBe(0);
    // Still here, and only now let go.
    expect(kept).toHaveLength(eventsTotal);
    expect(kept[4]!.data).toBe('{"seq":5}');
  });
});

/** What a hundred loads may leave behind in all: code, maps of objects, strings that were made once. */
const ALLOWANCE_BYTES = 512 * 1024;

describe('a process that has run many loads', () => {
  it('has one usual read buffer for all of them', () => {
    const endpoint = { address: '127.0.0.1', port };
    const { readBuffer } = chooseTransport('handle', endpoint);
    expect(chooseTransport('handle', endpoint).readBuffer).toBe(readBuffer);
    expect(chooseTransport('net', endpoint).readBuffer).toBe(readBuffer);
  });

  it.each(['handle', 'net'] as const)(
    'has no larger heap after the 100th than after the 20th (%s)',
    async (transport) => {
      const readHeap = async (): Promise<{ heap: number; outside: number }> => {
        await collect();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        return { heap: heapUsed, outside: arrayBuffers };
      };
      let early = { heap: 0, outside: 0 };
      for (let run = 1; run <= 100; run++) {
        // What looks on is the same over either.
        const hooks = transport === 'handle' ? { onEvents: () => {}, onSample: () => {} } : {};
        await runLoad(loadOn(port, { transport, connections: 8, durationMs: 10 }), hooks);
        if (run === 20) early = await readHeap();
      }
      const late = await readHeap();
      expect(late.heap - early.heap).toBeLessThan(ALLOWANCE_BYTES);
      expect(late.outside - early.outside).toBeLessThan(ALLOWANCE_BYTES);
    },
  );
});
