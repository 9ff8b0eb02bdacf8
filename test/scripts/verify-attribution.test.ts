import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../helpers/run-cli.ts';
import { makeRunsDir, type StoredArm, writeStoredRun } from '../helpers/stored-run.ts';

/** Beside some 65,000 streams that ended well. */
const RESETS = 20_000;

let dir = '';
beforeAll(() => {
  dir = makeRunsDir();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A folder as `--keep` leaves it, with one run of that planted scenario. */
function keepRun(folder: string, scenario: string, arm: StoredArm): string {
  const kept = join(dir, folder);
  const runDir = writeStoredRun(join(kept, `${scenario}-1`), '2026-01-01', { arms: [arm], rounds: 1 });
  // As of rules that have changed since.
  writeFileSync(join(runDir, 'comparison.json'), '{"arms": []}');
  return kept;
}

function verify(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'scripts/verify-attribution.mjs'), ...args],
    { encoding: 'utf8', timeout: 25_000 },
  );
  return { status, stdout, stderr };
}

describe('a folder of kept runs, judged again', () => {
  it('is right where each run shows what was planted, whatever is withheld of it', () => {
    const kept = keepRun('right', 'stream-paced', {});
    const { status, stdout } = verify('--judge', kept, '--only', 'stream-paced');
    expect(stdout.split('\n')[0]).toBe(
      'ok   stream-paced: expected stream-paced, got ssee-tester: stream-paced',
    );
    expect(stdout.match(/^Misses: none$/gm)).toHaveLength(4);
    expect(status).toBe(0);
  });

  it('names the miss where a run does not show it, in every view', () => {
    const kept = keepRun('missed', 'server-resets', {});
    const { status, stdout } = verify('--judge', kept, '--only', 'server-resets');
    expect(stdout).toMatch(
      /^FAIL server-resets: expected server-resets, got ssee-tester: (?!server-resets)/m,
    );
    expect(stdout).toMatch(/^FAIL without capture, server-resets: /m);
    expect(stdout.match(/^Misses: server-resets$/gm)).toHaveLength(4);
    expect(status).toBe(1);
  });

  it('names the false claim where a healthy case shows what was not planted', () => {
    const kept = keepRun('claimed', 'no-errors', { resets: RESETS });
    const { status, stdout } = verify('--judge', kept, '--only', 'no-errors');
    expect(stdout).toMatch(/^FAIL no-errors: .*; false claims: server-resets$/m);
    expect(status).toBe(1);
  });

  it('misses a case of which it has no run', () => {
    const kept = keepRun('other', 'no-errors', {});
    const { status, stdout } = verify('--judge', kept, '--only', 'server-resets');
    expect(stdout).toContain(`FAIL server-resets: there is no run of it in ${kept}\n`);
    expect(status).toBe(1);
  });

  it('is one line and exit code 2 where it cannot be read, and is not made', () => {
    const absent = join(dir, 'absent');
    expect(verify('--judge', absent)).toEqual({
      status: 2,
      stdout: '',
      stderr: `verify:attribution: --judge ${absent} cannot be read: ENOENT\n`,
    });
    expect(existsSync(absent)).toBe(false);
  });
});

it.each([
  [['--judges', 'x'], "Unknown option '--judges'"],
  [['--judge'], "Option '--judge <value>' argument missing"],
  [['--only', 'no-error'], '--only no-error: choose from '],
])('arguments %j are refused with one line and exit code 2', (args, message) => {
  const { status, stdout, stderr } = verify(...args);
  expect(stderr).toMatch(/^[^\n]+\n$/);
  expect(stderr).toContain(`verify:attribution: ${message}`);
  expect([status, stdout]).toEqual([2, '']);
});
