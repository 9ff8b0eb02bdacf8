import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TesterResult } from '../../src/model/tester-report.ts';
import type { LoadOptions } from '../../src/tester/load-options.ts';
import { runLoad } from '../../src/tester/run-load.ts';
import { type StartedTarget, startTarget } from '../targets/start-target.ts';
import { outcomesOf, runChecked } from './checked-load.ts';
import {
  CHUNKED_HEAD,
  chunk,
  eventsFrom,
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

function countThreads(): number {
  return readdirSync('/proc/self/task').length;
}

function requestFor(path: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`);
}

describe.each([2, 3])('%i workers against a server that counts', (workers) => {
  let target: StartedTarget;
  beforeAll(async () => {
    target = await startTarget('faulty');
  }, 120_000);
  afterAll(() => target.stop());

  async function load(
    path: string,
    options: Partial<LoadOptions> = {},
  ): Promise<{ result: TesterResult; counted: (name: string) => number }> {
    const before = await target.metrics();
    const result = await runChecked(
      loadOn(target.port, { request: requestFor(path), workers, connections: 7, ...options }),
    );
    const after = await target.metrics();
    return { result, counted: (name) => (after.get(name) ?? 0) - (before.get(name) ?? 0) };
  }

  it('have together exactly the streams and events of the server', async () => {
    const { result, counted } = await load('/split-utf8?count=3&interval=1ms');
    expect(outcomesOf(result)).toEqual(['completed']);
    expect(result.outcomes.completed).toBe(counted('streams_total{end="completed"}'));
    expect(result.eventsTotal).toBe(counted('events_total'));
    expect(result.eventsTotal).toBe(3 * result.outcomes.completed);
    expect(result.connectionsOpened).toBe(7);
    expect(result.statusCodes).toEqual({ 200: result.outcomes.completed });
    expect(result.series.open.at(-1)).toBeLessThanOrEqual(7);
  });

  it('have together exactly the failures of the server', async () => {
    const { result, counted } = await load('/reset?after=2&interval=1ms', { durationMs: 200 });
    expect(outcomesOf(result)).toEqual(['reset']);
    expect(result.outcomes.reset).toBe(counted('streams_total{end="reset"}'));
    expect(result.eventsTotal).toBe(counted('events_total'));
    expect(result.errors).toEqual({ ECONNRESET: result.outcomes.reset });
  });

  it('hold the connections between them', async () => {
    const { result } = await load('/endless?interval=10ms', { stream: 'endless' });
    expect(result.outcomes).toMatchObject({ attempted: 7, held: 7 });
    expect(result.connectionsOpened).toBe(7);
    expect(result.series.open).toEqual([7]);
    expect(result.selfCheck.busiestThread).toBeGreaterThan(0);
    expect(result.selfCheck.busiestThread).toBeLessThanOrEqual(1);
  });
});

describe('workers', () => {
  it('end at an interrupt with what was measured', async () => {
    server = await startRawServer((socket) => socket.write(`${STREAM_HEAD}Content-Length: 0\r\n\r\n`));
    const before = countThreads();
    const controller = new AbortController();
    const load = runChecked(
      loadOn(server.port, { workers: 2, connections: 4, durationMs: 3_600_000, timeoutMs: 3_600_000 }),
      { signal: controller.signal },
    );
    const { requests } = server;
    while (requests.length < 50) await new Promise((next) => setTimeout(next, 5));
    controller.abort();
    const result = await load;
    expect(result.interrupted).toBe(true);
    expect(result.outcomes.completed).toBeGreaterThan(0);
    expect(countThreads()).toBeLessThanOrEqual(before);
  });

  it('that were interrupted before they were ready end too', async () => {
    server = await startRawServer(() => {});
    const options = loadOn(server.port, { workers: 2, durationMs: 3_600_000, timeoutMs: 3_600_000 });
    const result = await runLoad(options, { signal: AbortSignal.abort() });
    expect(result.interrupted).toBe(true);
    expect(result.outcomes.completed).toBe(0);
  });

  it('may be more than the connections: those without one wait', async () => {
    server = await startRawServer((socket) => socket.write(CHUNKED_HEAD + chunk(eventsFrom(1, 1))));
    const result = await runChecked(
      loadOn(server.port, { workers: 3, connections: 1, stream: 'endless', durationMs: 150 }),
    );
    expect(result.outcomes).toMatchObject({ attempted: 1, held: 1 });
  });

  it('reject the load when one of them dies, and none is left', async () => {
    server = await startRawServer(() => {});
    const before = countThreads();
    // No thread can begin with such a window: it dies of the error as it would of any bug.
    const options = loadOn(server.port, {
      workers: 3,
      connections: 6,
      reorderWindow: 5000,
      durationMs: 3_600_000,
    });
    await expect(runLoad(options)).rejects.toThrow(/reorder window of 5000/);
    expect(countThreads()).toBeLessThanOrEqual(before);
  });
});
