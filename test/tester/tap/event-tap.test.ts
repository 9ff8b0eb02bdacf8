import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { deliverEvents } from '../../../src/tester/tap/deliver-events.ts';
import { EventCopier } from '../../../src/tester/tap/event-copier.ts';
import { EventQueue, type TappedEvent } from '../../../src/tester/tap/event-queue.ts';
import { runChecked } from '../checked-load.ts';
import {
  CHUNKED_HEAD,
  chunk,
  eventsFrom,
  loadOn,
  type RawServer,
  STREAM_HEAD,
  startRawServer,
} from '../raw-server.ts';

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const body =
  ': hi\n\nid: 7\nevent: price\ndata: a\ndata: \u00e4\u20ac\n\ndata: b\n\nevent: none\n\nid: 8\ndata\n\n';

function answerOnce(socket: Socket): void {
  socket.write(`${STREAM_HEAD}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

describe.each([1, 2])('events copied to a listener by %i threads', (workers) => {
  it('are those that were dispatched, in order, with connection, id, type and time', async () => {
    server = await startRawServer(answerOnce);
    const events: TappedEvent[] = [];
    const startedAtUs = Date.now() * 1000;
    const result = await runChecked(loadOn(server.port, { workers, ratePerConnection: 1 }), {
      onEvents: (batch) => {
        events.push(...batch);
      },
    });
    expect(result.outcomes).toMatchObject({ attempted: 2, completed: 2 });
    expect(result.tapDropped).toBe(0);
    for (const connection of [0, 1]) {
      const own = events.filter((event) => event.connection === connection);
      expect(own.map(({ id, type, data }) => ({ id, type, data }))).toEqual([
        { id: '7', type: 'price', data: 'a\nä€' },
        { id: '7', type: 'message', data: 'b' },
        { id: '8', type: 'message', data: '' },
      ]);
    }
    expect(events).toHaveLength(6);
    const endedAtUs = Date.now() * 1000;
    for (const { readAtUs } of events) {
      expect(readAtUs).toBeGreaterThan(startedAtUs - 1_000_000);
      expect(readAtUs).toBeLessThan(endedAtUs + 1_000_000);
    }
  });

  it('are dropped and counted where the listener is slow, and nothing else is', async () => {
    const sent = 80_000;
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    server = await startRawServer(
      (socket) => {
        socket.write(CHUNKED_HEAD);
        for (let at = 0; at < sent; at += 1000) socket.write(chunk('data: x\n\n'.repeat(1000)));
        socket.write('0\r\n\r\n');
      },
      // The load closes its connections at its end: until then the listener is busy with its first batch.
      (socket) => socket.on('close', release),
    );
    let taken = 0;
    const result = await runChecked(loadOn(server.port, { workers, ratePerConnection: 1 }), {
      onEvents: async (batch) => {
        taken += batch.length;
        await released;
      },
    });
    expect(result.outcomes).toMatchObject({ attempted: 2, completed: 2 });
    expect(result.eventsTotal).toBe(2 * sent);
    expect(result.tapDropped).toBeGreaterThan(0);
    expect(taken).toBeGreaterThan(0);
    expect(taken + result.tapDropped).toBe(result.eventsTotal);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('disk full'))],
  ] as const)('end the load with the error of a listener that %s', async (_, onEvents) => {
    server = await startRawServer((socket) => socket.write(CHUNKED_HEAD + chunk(eventsFrom(1, 1))));
    const threadsBefore = countThreads();
    const load = runChecked(
      // An hour: the error ends it, or the test fails.
      loadOn(server.port, { workers, stream: 'endless', durationMs: 3_600_000, timeoutMs: 3_600_000 }),
      { onEvents },
    );
    await expect(load).rejects.toThrow('disk full');
    expect(countThreads()).toBeLessThanOrEqual(threadsBefore);
  });
});

/** Threads of this process; Node's own helpers have been started by whatever ran before. */
function countThreads(): number {
  return readdirSync('/proc/self/task').length;
}

describe('the copy of an event', () => {
  const bytes = Buffer.from('onetwo');

  it('is whole or dropped: a line that found the queue full spoils it', () => {
    const queue = new EventQueue(1);
    const copier = new EventCopier(queue, 0);
    copier.addData(bytes, 0, 3);
    copier.handOver(1);
    copier.addData(bytes, 0, 3);
    expect(queue.takeAll()).toHaveLength(1);
    copier.addData(bytes, 3, 6);
    copier.handOver(2);
    expect(queue.takeAll()).toEqual([]);
    expect(queue.dropped).toBe(1);
    copier.addData(bytes, 3, 6);
    copier.handOver(3);
    expect(queue.takeAll()).toMatchObject([{ data: 'two', readAtUs: 3 }]);
  });

  it('has the id of its stream, and none of the stream before', () => {
    const queue = new EventQueue(9);
    const copier = new EventCopier(queue, 4);
    copier.setId(bytes, 0, 3);
    copier.addData(bytes, 0, 3);
    copier.handOver(1);
    copier.clear();
    copier.addData(bytes, 0, 3);
    copier.handOver(2);
    copier.reset();
    copier.addData(bytes, 0, 3);
    copier.handOver(3);
    expect(queue.takeAll().map((event) => event.id)).toEqual(['one', 'one', '']);
  });
});

describe('a queue between reader and listener', () => {
  const event = (id: string): TappedEvent => ({ connection: 0, readAtUs: 0, id, type: 'message', data: '' });

  it('delivers what is left when it is stopped, then ends', async () => {
    const queue = new EventQueue(10);
    const seen: string[] = [];
    const delivery = deliverEvents(queue, (events) => {
      seen.push(...events.map(({ id }) => id));
    });
    queue.offer(event('a'));
    queue.offer(event('b'));
    await delivery.stop();
    expect(seen).toEqual(['a', 'b']);
  });

  it('has one batch under way at a time, and gathers the rest meanwhile', async () => {
    const queue = new EventQueue(3);
    const batches: string[][] = [];
    let finish = (): void => {};
    const delivery = deliverEvents(queue, (events) => {
      batches.push(events.map(({ id }) => id));
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    queue.offer(event('a'));
    await Promise.resolve();
    await Promise.resolve();
    for (const id of 'bcdef') queue.offer(event(id));
    expect(batches).toEqual([['a']]);
    expect(queue.dropped).toBe(2);
    const stopped = delivery.stop();
    finish();
    await new Promise(setImmediate);
    finish();
    await stopped;
    expect(batches).toEqual([['a'], ['b', 'c', 'd']]);
  });
});
