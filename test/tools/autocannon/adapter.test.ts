import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ToolCommand, ToolTrial } from '../../../src/model/tool.ts';
import { autocannon, identifyAutocannon, locateAutocannon } from '../../../src/tools/autocannon/adapter.ts';
import { makeExit, makeTrial } from '../../helpers/tool-trial.ts';

async function commandFor(overrides: Partial<ToolTrial>): Promise<ToolCommand> {
  let command: ToolCommand | undefined;
  await autocannon.run(makeTrial(overrides), async (wanted) => {
    command = wanted;
    return makeExit();
  });
  return command!;
}

describe('the command line of autocannon', () => {
  it('has a timeout that no request of the run can reach', async () => {
    const { argv, deadlineMs, signals } = await commandFor({ durationMs: 1500, timeoutMs: 700 });
    expect(argv.join(' ')).toContain(
      'autocannon.js --json --no-progress -c 4 -d 1.5 -t 4 -L 100 -x -m GET -H Accept=text/event-stream http://127.0.0.1:1/finite',
    );
    expect(deadlineMs).toBe(6500);
    expect(signals.map(({ signal }) => signal)).toEqual(['SIGINT', 'SIGKILL']);
  });

  it('passes a body by a file, where digits and brackets stay what they are', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ssee-autocannon-'));
    try {
      const request = { method: 'POST', path: '/', headers: {}, body: '[1]' };
      const { argv } = await commandFor({ dir, request });
      expect(argv.slice(-5)).toEqual([
        '-m',
        'POST',
        '-i',
        join(dir, 'autocannon.body'),
        'http://127.0.0.1:1/finite',
      ]);
      expect(readFileSync(join(dir, 'autocannon.body'), 'utf8')).toBe('[1]');
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

describe('loads that autocannon cannot run', () => {
  it('are rates', () => {
    expect(autocannon.refuses?.(makeTrial({ ratePerConnection: 1 }))).toMatch(/rate/);
    expect(autocannon.refuses?.(makeTrial())).toBeUndefined();
  });
});

describe('autocannon by its version', () => {
  it('is the one that npm installed beside the harness', () => {
    expect(locateAutocannon()).toEqual([
      process.execPath,
      expect.stringMatching(/node_modules\/autocannon\/autocannon\.js$/),
    ]);
  });

  it('is told from a program of the same name', () => {
    expect(identifyAutocannon('/x/autocannon.js', 'autocannon v9.0.0\nnode v20.20.2\n')).toEqual({
      available: true,
      path: '/x/autocannon.js',
      version: '9.0.0',
    });
    expect(identifyAutocannon('/x/autocannon', 'autocannon: a game\n')).toMatchObject({ available: false });
    expect(identifyAutocannon('/x/autocannon', '')).toMatchObject({ available: false });
  });
});
