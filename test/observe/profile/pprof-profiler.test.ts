import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProfilePlan } from '../../../src/model/profile.ts';
import { openPprofProfiler } from '../../../src/observe/profile/pprof-profiler.ts';
import { openSharedSpace } from '../../../src/process/shared-space.ts';

const BINARY = Buffer.from([0x1f, 0x8b, 0x00, 0xff, 0xfe, 0x0d, 0x0a, 0xc3, 0x28]);
const PLAN: ProfilePlan = {
  kinds: ['cpu', 'block', 'mutex', 'goroutine', 'trace'],
  settleMs: 1,
  windowMs: 0,
  traceMs: 0,
};

let dir: string;
let server: Server;
let asked: string[];
let url: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pprof-'));
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url!);
    if (request.url!.endsWith('/silent')) return;
    if (request.url!.includes('/mutex')) {
      response.statusCode = 500;
      response.end('could not enable it\nsecond line');
    } else response.end(BINARY);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true });
});

function collect(address: string, plan: ProfilePlan = PLAN, signal = new AbortController().signal) {
  return openPprofProfiler(address).collect({ plan, targetUrl: url, space: openSharedSpace(), dir, signal });
}

describe('the profiles of a Go server', () => {
  it('are stored byte for byte, in the order of the scenario', async () => {
    const { source, items } = await collect('/debug/pprof/');
    expect(source).toBe('pprof');
    expect(items.map(({ kind, state }) => [kind, state])).toEqual([
      ['cpu', 'done'],
      ['block', 'done'],
      ['mutex', 'failed'],
      ['goroutine', 'done'],
      ['trace', 'done'],
    ]);
    for (const file of ['cpu.pb.gz', 'block.pb.gz', 'goroutine.pb.gz', 'trace.out']) {
      expect(readFileSync(join(dir, file))).toEqual(BINARY);
    }
  });

  it('that the server refuses say what it said, and leave no file', async () => {
    const { items } = await collect('/debug/pprof', { ...PLAN, kinds: ['mutex'] });
    expect(items).toEqual([
      {
        kind: 'mutex',
        state: 'failed',
        reason: `${url}/debug/pprof/mutex answered 500: could not enable it`,
      },
    ]);
    expect(existsSync(join(dir, 'mutex.pb.gz'))).toBe(false);
  });

  it('are asked for over the window, the trace after all others', async () => {
    await collect('/debug/pprof', { ...PLAN, windowMs: 1000, traceMs: 2000 });
    expect(asked.toSorted()).toEqual([
      '/debug/pprof/block?seconds=1',
      '/debug/pprof/goroutine',
      '/debug/pprof/mutex?seconds=1',
      '/debug/pprof/profile?seconds=1',
      '/debug/pprof/trace?seconds=2',
    ]);
    expect(asked.at(-1)).toContain('/trace');
  });

  it('can be on an address of their own', async () => {
    const record = await openPprofProfiler(`${url}/elsewhere`).collect({
      plan: { ...PLAN, kinds: ['cpu'] },
      targetUrl: 'http://127.0.0.1:1',
      space: openSharedSpace(),
      dir,
      signal: new AbortController().signal,
    });
    expect(record.items[0]!.state).toBe('done');
    expect(asked).toEqual(['/elsewhere/profile']);
  });

  it('of a server that is gone say so', async () => {
    server.close();
    const { items } = await collect('/debug/pprof', { ...PLAN, kinds: ['cpu'] });
    expect(items[0]).toMatchObject({ state: 'failed', reason: expect.stringContaining('ECONNREFUSED') });
  });

  it('are given up at once when the run is interrupted', async () => {
    const controller = new AbortController();
    const collected = collect('/silent', { ...PLAN, kinds: ['cpu'], windowMs: 60_000 }, controller.signal);
    controller.abort();
    expect((await collected).items).toEqual([
      { kind: 'cpu', state: 'failed', reason: expect.stringContaining('interrupted') },
    ]);
  });
});
