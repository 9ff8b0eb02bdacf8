import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ToolCommand, ToolTrial } from '../../../src/model/tool.ts';
import { chooseThreads, identifyWrk, wrk } from '../../../src/tools/wrk/adapter.ts';
import { makeExit, makeTrial } from '../../helpers/tool-trial.ts';

async function commandFor(overrides: Partial<ToolTrial>): Promise<{ command: ToolCommand; script: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'ssee-wrk-'));
  try {
    let command: ToolCommand | undefined;
    await wrk.run(makeTrial({ dir, ...overrides }), async (wanted) => {
      command = wanted;
      return makeExit();
    });
    return { command: command!, script: readFileSync(join(dir, 'wrk.lua'), 'utf8') };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

describe('the command line of wrk', () => {
  it('has a timeout beyond the duration and a blank after each colon', async () => {
    const { command } = await commandFor({
      durationMs: 30_000,
      connections: 100,
      request: { method: 'GET', path: '/', headers: { Accept: 'text/event-stream', 'X-A': 'b' } },
    });
    expect(command.argv.slice(0, 10).join(' ')).toBe('wrk -t 2 -c 100 -d 30s --timeout 35s --latency');
    expect(command.argv.slice(10, 14)).toEqual(['-H', 'Accept: text/event-stream', '-H', 'X-A: b']);
    expect(command.argv.at(-1)).toBe('http://127.0.0.1:1/finite');
    expect(command.deadlineMs).toBe(33_000);
    expect(command.signals.map(({ signal }) => signal)).toEqual(['SIGINT', 'SIGKILL']);
  });

  it('bounds the timeout of very long runs, for which wrk would reserve gigabytes', async () => {
    const { command } = await commandFor({ durationMs: 3_600_000 });
    expect(command.argv).toContain('300s');
  });

  it('leaves a plain GET to the fast path: no request function, no method', async () => {
    const { script } = await commandFor({});
    expect(script).not.toMatch(/wrk\.|function (request|response|init)\b/);
  });

  it('sets method and body in Lua, byte by byte', async () => {
    const { script } = await commandFor({
      request: { method: 'POST', path: '/', headers: {}, body: '"\\\né1' },
    });
    expect(script).toContain('wrk.method = "\\080\\079\\083\\084"');
    expect(script).toContain('wrk.body = "\\034\\092\\010\\195\\169\\049"');
  });
});

describe('threads of wrk', () => {
  it('divide the connections and do not outnumber the CPUs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 64 }), (connections, cpus) => {
        const threads = chooseThreads({ connections, cpus });
        expect(connections % threads).toBe(0);
        expect(threads).toBeGreaterThanOrEqual(1);
        expect(threads).toBeLessThanOrEqual(Math.min(connections, cpus));
        for (let more = threads + 1; more <= Math.min(connections, cpus); more++) {
          expect(connections % more).not.toBe(0);
        }
      }),
    );
  });
});

describe('loads that wrk cannot run', () => {
  it('are fractions of a second and rates', () => {
    expect(wrk.refuses?.(makeTrial({ durationMs: 1500 }))).toMatch(/whole seconds only.*1500 ms/);
    expect(wrk.refuses?.(makeTrial({ durationMs: 500 }))).toMatch(/whole seconds/);
    expect(wrk.refuses?.(makeTrial({ ratePerConnection: 10 }))).toMatch(/no rate limit/);
    expect(wrk.refuses?.(makeTrial({ durationMs: 2000 }))).toBeUndefined();
  });
});

describe('wrk by its banner', () => {
  it('is wrk of a distribution or of upstream', () => {
    const debian =
      'wrk debian/4.1.0-3+b2 [epoll] Copyright (C) 2012 Will Glozer\nUsage: wrk <options> <url>\n';
    expect(identifyWrk('/usr/bin/wrk', debian)).toMatchObject({
      available: true,
      version: 'debian/4.1.0-3+b2',
    });
    expect(identifyWrk('/x/wrk', 'wrk 4.2.0 [kqueue] Copyright (C) 2012 Will Glozer\n')).toMatchObject({
      version: '4.2.0',
    });
  });

  it('is not wrk2 under its name', () => {
    const wrk2 =
      'wrk 4.0.0 [epoll] Copyright (C) 2012 Will Glozer\nUsage: wrk <options> <url>\n    -R, --rate        <T>  work rate (throughput)\n';
    expect(identifyWrk('/x/wrk', wrk2)).toMatchObject({
      available: false,
      reason: expect.stringContaining('wrk2'),
    });
  });

  it('is not any program that is called wrk', () => {
    expect(identifyWrk('/x/wrk', 'work tracker 1.0\n')).toMatchObject({ available: false });
    expect(identifyWrk('/x/wrk', '')).toMatchObject({ available: false });
  });
});
