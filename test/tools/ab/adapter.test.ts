import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RequestSpec } from '../../../src/model/plan.ts';
import type { ToolCommand, ToolTrial } from '../../../src/model/tool.ts';
import { ab, identifyAb } from '../../../src/tools/ab/adapter.ts';
import { makeExit, makeTrial } from '../../helpers/tool-trial.ts';

async function commandFor(overrides: Partial<ToolTrial>): Promise<ToolCommand> {
  let command: ToolCommand | undefined;
  await ab.run(makeTrial(overrides), async (wanted) => {
    command = wanted;
    return makeExit();
  });
  return command!;
}

describe('the command line of ab', () => {
  it('has the number of requests behind the time, which would limit it', async () => {
    const { argv, deadlineMs, signals } = await commandFor({ durationMs: 2000, timeoutMs: 1500 });
    expect(argv.join(' ')).toBe(
      'ab -q -k -l -c 4 -t 2 -s 2 -n 100000 -e /nonexistent/ab.csv -H Accept: text/event-stream http://127.0.0.1:1/finite',
    );
    expect(deadlineMs).toBe(6500);
    expect(signals.map(({ signal }) => signal)).toEqual(['SIGINT', 'SIGKILL']);
  });

  it('gives its poll at least a second: none at all would be no limit', async () => {
    const { argv } = await commandFor({ timeoutMs: 200 });
    expect(argv[argv.indexOf('-s') + 1]).toBe('1');
  });

  it('sends a body from a file with its type', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ssee-ab-'));
    try {
      const request: RequestSpec = {
        method: 'POST',
        path: '/',
        headers: { 'content-type': 'application/json', 'X-A': 'b' },
        body: '{}',
      };
      const { argv } = await commandFor({ dir, request });
      const file = join(dir, 'ab.body');
      expect(argv.slice(-7, -1)).toEqual(['-H', 'X-A: b', '-T', 'application/json', '-p', file]);
      expect(readFileSync(file, 'utf8')).toBe('{}');
      const { argv: put } = await commandFor({ dir, request: { ...request, method: 'PUT' } });
      expect(put.slice(-3, -1)).toEqual(['-u', file]);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('names a method without a body', async () => {
    const { argv } = await commandFor({ request: { method: 'DELETE', path: '/', headers: {} } });
    expect(argv.slice(-3, -1)).toEqual(['-m', 'DELETE']);
  });
});

describe('loads that ab cannot run', () => {
  it('are rates, fractions of a second, very many connections and bodies of other methods', () => {
    expect(ab.refuses?.(makeTrial({ ratePerConnection: 1 }))).toMatch(/rate/);
    expect(ab.refuses?.(makeTrial({ durationMs: 1500 }))).toMatch(/whole seconds only.*1500 ms/);
    expect(ab.refuses?.(makeTrial({ durationMs: 500 }))).toMatch(/whole seconds/);
    expect(ab.refuses?.(makeTrial({ connections: 20_001 }))).toMatch(/at most 20000/);
    const request = { method: 'PATCH', path: '/', headers: {} };
    expect(ab.refuses?.(makeTrial({ request: { ...request, body: 'x' } }))).toMatch(/no body with PATCH/);
    expect(ab.refuses?.(makeTrial({ request }))).toBeUndefined();
  });
});

describe('ab by its banner', () => {
  it('is ApacheBench and no other program of two letters', () => {
    expect(identifyAb('/usr/bin/ab', 'This is ApacheBench, Version 2.3 <$Revision$>\nCopyright\n')).toEqual({
      available: true,
      path: '/usr/bin/ab',
      version: '2.3',
    });
    expect(identifyAb('/x/ab', 'ab 1.0: alphabet\n')).toMatchObject({ available: false });
  });
});
