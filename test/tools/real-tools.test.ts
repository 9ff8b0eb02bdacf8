import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { known } from '../../src/model/cell.ts';
import type { ToolTrial } from '../../src/model/tool.ts';
import { ab } from '../../src/tools/ab/adapter.ts';
import { autocannon } from '../../src/tools/autocannon/adapter.ts';
import { curl } from '../../src/tools/curl/adapter.ts';
import { hey } from '../../src/tools/hey/adapter.ts';
import { TOOLS } from '../../src/tools/index.ts';
import type { LoadTool } from '../../src/tools/load-tool.ts';
import { sseeTester } from '../../src/tools/ssee-tester/adapter.ts';
import { wrk } from '../../src/tools/wrk/adapter.ts';
import { expectHonestResult } from './contract.ts';
import { runTool, type ToolRun } from './run-tool.ts';
import { type SseServer, startSseServer } from './sse-server.ts';

let server: SseServer;

beforeAll(async () => {
  server = await startSseServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests = 0;
  server.completed = 0;
});

async function run(tool: LoadTool, path: string, overrides: Partial<ToolTrial> = {}): Promise<ToolRun> {
  const done = await runTool(tool, {
    url: server.url + path,
    request: { method: 'GET', path, headers: { Accept: 'text/event-stream' } },
    ...overrides,
  });
  expectHonestResult(tool, done.output, done.trial);
  return done;
}

describe('the installed tools', () => {
  for (const tool of TOOLS) {
    it(`${tool.name} identifies itself`, async () => {
      const probe = await tool.probe();
      expect(probe).toMatchObject({ available: true });
      expect(probe.available && probe.version).toMatch(/\d+\.\d+|unknown version/);
    });
  }
});

describe('wrk', () => {
  for (const path of ['/finite', '/mixed', '/eof']) {
    it(`recovers one latency per request from ${path}`, async () => {
      const { output, result } = await run(wrk, path);
      const report = JSON.parse(output.files['wrk.json']!);
      expect(output.exit).toMatchObject({ code: 0, sent: [] });
      expect(report.requests).toBeGreaterThan(20);
      expect(result.extra).toMatchObject({
        undone: true,
        recoveredSamples: report.requests - report.errors.timeout,
      });
      expect(result.outcomes.completed).toEqual(known(report.requests));
      // Streams in flight at the end reach the server and not wrk's count.
      expect(server.requests - report.requests).toBeGreaterThanOrEqual(0);
      expect(server.requests - report.requests).toBeLessThanOrEqual(4);
      expect(result.metrics.stream_us_p50).toMatchObject({ known: true, note: 'corrected: none' });
    });
  }

  it('has no rate for an endless stream', async () => {
    const { output, result } = await run(wrk, '/endless', { stream: 'endless' });
    expect(output.exit).toMatchObject({ code: 0, sent: [] });
    expect(result.metrics.requests_per_sec).toMatchObject({ known: false, why: 'not-observable' });
    expect(result.metrics.bytes_received).toMatchObject({ known: true });
  });

  it('reports in full when SIGINT ends it early', async () => {
    const early: LoadTool = {
      ...wrk,
      run: (trial, exec) => wrk.run(trial, (command) => exec({ ...command, deadlineMs: 1000 })),
    };
    const { output, result } = await run(early, '/finite', { durationMs: 20_000 });
    expect(output.exit).toMatchObject({ code: 0, sent: ['SIGINT'] });
    expect(result.extra).toMatchObject({ undone: true });
    expect(result.metrics.requests_per_sec).toMatchObject({ known: true });
  });

  it('sends method, headers and body as asked', async () => {
    await run(wrk, '/503', {
      connections: 1,
      request: { method: 'POST', path: '/503', headers: { 'X-Mark': 'a b' }, body: '"\\é\n1' },
    });
    expect(server.lastRequest).toMatchObject({
      method: 'POST',
      headers: { 'x-mark': 'a b' },
      body: '"\\é\n1',
    });
  });

  it('prints its report when its command line is typed without the environment of the harness', async () => {
    const bare: LoadTool = {
      ...wrk,
      run: (trial, exec) => wrk.run(trial, ({ env: _, ...command }) => exec(command)),
    };
    const { output } = await run(bare, '/finite');
    expect(output.exit).toMatchObject({ code: 0 });
    expect(output.stderr).toBe('');
    expect(output.files).toEqual({});
    const report = JSON.parse(output.stdout.trimEnd().split('\n').at(-1)!);
    expect(report.requests).toBeGreaterThan(20);
    expect(output.stdout).toContain(`${report.requests} requests in`);
  });

  it('names the cause when nobody listens', async () => {
    const { result } = await run(wrk, '/finite', { url: 'http://127.0.0.1:1/finite' });
    expect(result.problem).toMatch(/Connection refused/);
  });
});

describe('hey', () => {
  it('attempted exactly what the server was asked for', async () => {
    const { output, result } = await run(hey, '/finite');
    expect(output.exit).toMatchObject({ code: 0, sent: [] });
    expect(server.requests).toBeGreaterThan(20);
    expect(result.outcomes.attempted).toEqual(known(server.requests));
    expect(result.extra).toMatchObject({ claimedResponses: server.completed });
    expect(result.outcomes.completed).toMatchObject({ known: false, why: 'not-observable' });
  });

  it('keeps to its rate per connection', async () => {
    const { result } = await run(hey, '/finite', { ratePerConnection: 5, durationMs: 2000 });
    expect(result.outcomes.attempted).toEqual(known(server.requests));
    expect(server.requests).toBeLessThanOrEqual(2 * 5 * 4 + 4);
  });

  it('does not pass off resets as completed streams', async () => {
    const { result } = await run(hey, '/reset');
    expect(server.completed).toBe(0);
    expect(result.outcomes.completed).toMatchObject({ known: false });
    expect(result.extra).toMatchObject({ bodyIntegrity: 'unverified' });
  });

  it('is killed at the deadline of an endless stream and has no figure', async () => {
    const { output, result } = await run(hey, '/endless', { stream: 'endless' });
    expect(output.exit).toMatchObject({ signal: 'SIGKILL', sent: ['SIGINT', 'SIGKILL'] });
    expect(result.metrics.requests_per_sec).toMatchObject({ known: false, why: 'not-observable' });
  });
});

describe('curl', () => {
  it('completes every stream once', async () => {
    const { output, result } = await run(curl, '/finite');
    expect(output.exit).toMatchObject({ code: 0, sent: [] });
    expect(server.requests).toBe(4);
    expect(result.outcomes).toMatchObject({ attempted: known(4), completed: known(4), stalled: known(0) });
  });

  for (const [path, outcome] of [
    ['/reset', 'reset'],
    ['/cut', 'closed-early'],
    ['/hang', 'no-headers'],
    ['/503', 'http-error'],
  ] as const) {
    it(`calls ${path} ${outcome}`, async () => {
      const { result } = await run(curl, path);
      expect(result.outcomes[outcome]).toEqual(known(4));
      expect(result.outcomes.completed).toEqual(known(0));
    });
  }

  it('ends by itself on an endless stream and cannot tell held from stalled', async () => {
    const { output, result } = await run(curl, '/endless', { stream: 'endless' });
    expect(output.exit.sent).toEqual([]);
    expect(result.outcomes.held).toMatchObject({ known: false, why: 'not-observable' });
  });
});

describe('autocannon', () => {
  it('agrees with the server about streams that end properly', async () => {
    const { output, result } = await run(autocannon, '/finite');
    expect(output.exit).toMatchObject({ code: 0, sent: [] });
    expect(server.completed).toBeGreaterThan(20);
    expect(result.outcomes.attempted).toEqual(known(server.requests));
    // It closes connections that have answered in the meantime.
    const { completed } = result.outcomes;
    expect(completed?.known && server.completed - completed.value).toBeLessThanOrEqual(4);
    expect(completed?.known && completed.value).toBeLessThanOrEqual(server.completed);
  });

  for (const path of ['/reset', '/cut', '/eof']) {
    it(`has no count of responses from ${path}`, async () => {
      const { result } = await run(autocannon, path);
      expect(result.outcomes.completed).toMatchObject({ known: false, why: 'not-observable' });
      expect(result.metrics.requests_per_sec).toMatchObject({ known: false, why: 'not-observable' });
    });
  }

  it('holds endless streams to the end of its run and has no figure of them', async () => {
    const { output, result } = await run(autocannon, '/endless', { stream: 'endless' });
    expect(output.exit).toMatchObject({ code: 0, sent: [] });
    expect(result.outcomes.attempted).toEqual(known(4));
    expect(result.metrics.requests_per_sec).toMatchObject({ known: false, why: 'not-observable' });
  });

  it('sends method, headers and body as asked', async () => {
    await run(autocannon, '/503', {
      connections: 1,
      request: { method: 'POST', path: '/503', headers: { 'X-Mark': 'a=b: c' }, body: '"\\é\n1' },
    });
    expect(server.lastRequest).toMatchObject({
      method: 'POST',
      headers: { 'x-mark': 'a=b: c' },
      body: '"\\é\n1',
    });
  });
});

describe('ab', () => {
  it('counts what the server completed', async () => {
    const { output, result } = await run(ab, '/finite');
    expect(output.exit).toMatchObject({ code: 0, sent: [] });
    expect(server.completed).toBeGreaterThan(20);
    const claimed = result.extra!.claimedResponses as number;
    expect(claimed).toBeLessThanOrEqual(server.completed);
    expect(server.completed - claimed).toBeLessThanOrEqual(4);
    expect(result.metrics.stream_us_p50).toMatchObject({ known: true });
  });

  it('gives up at a reset, which is no failure of the trial', async () => {
    const { result } = await run(ab, '/reset');
    expect(result.problem).toBeUndefined();
    expect(result.caveats.join()).toMatch(/gave the whole run up: .*Connection reset by peer/);
  });

  it('reports when SIGINT ends it on an endless stream', async () => {
    const { output, result } = await run(ab, '/endless', { stream: 'endless' });
    expect(output.exit).toMatchObject({ sent: ['SIGINT'] });
    expect(result.metrics.bytes_received).toMatchObject({ known: true });
    expect(result.metrics.requests_per_sec).toMatchObject({ known: false, why: 'not-observable' });
  });

  it('sends method, headers and body as asked', async () => {
    await run(ab, '/503', {
      connections: 1,
      request: { method: 'PUT', path: '/503', headers: { 'X-Mark': 'a b' }, body: 'x=é' },
    });
    expect(server.lastRequest).toMatchObject({ method: 'PUT', headers: { 'x-mark': 'a b' }, body: 'x=é' });
  });
});

describe('ssee-tester', () => {
  it('agrees with the server about every finite stream', async () => {
    const { output, result } = await run(sseeTester, '/finite');
    expect(output.exit).toMatchObject({ code: 0, sent: [] });
    expect(server.requests).toBeGreaterThan(20);
    expect(result.outcomes).toMatchObject({
      attempted: known(server.requests),
      completed: known(server.completed),
      reset: known(0),
    });
    expect(result.metrics.ttfe_us_p50).toMatchObject({ known: true });
  });

  it('holds every endless stream and counts its events', async () => {
    const { result } = await run(sseeTester, '/endless', { stream: 'endless' });
    expect(result.outcomes).toMatchObject({ attempted: known(4), held: known(4), completed: known(0) });
    expect(result.metrics.events_per_sec).toMatchObject({ known: true });
    expect(result.metrics.requests_per_sec).toMatchObject({ known: false, why: 'no-samples' });
  });

  it('tells a stalled stream from a healthy one', async () => {
    const { result } = await run(sseeTester, '/stall', { connections: 2, timeoutMs: 300 });
    expect(result.outcomes.completed).toEqual(known(0));
    expect(result.outcomes.stalled).toMatchObject({ known: true });
    expect(result.outcomes.stalled).not.toEqual(known(0));
    expect(result.metrics.timeout_rate_idle).toMatchObject({ known: true });
  });

  it('reports what it has when SIGINT ends it early', async () => {
    const early: LoadTool = {
      ...sseeTester,
      run: (trial, exec) => sseeTester.run(trial, (command) => exec({ ...command, deadlineMs: 1000 })),
    };
    const { output, result } = await run(early, '/endless', { stream: 'endless', durationMs: 20_000 });
    expect(output.exit).toMatchObject({ sent: ['SIGINT'], code: 130 });
    expect(result.caveats.join()).toMatch(/interrupted/);
    expect(result.outcomes.held).toEqual(known(4));
  });
});
