import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../src/cli/ssee-bench.ts';
import { makeArm, makeRecord, makeRun } from '../helpers/evidence-builder.ts';

let dir = '';
let stderr = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ssee-report-'));
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true, force: true });
});

function store(run: unknown): void {
  writeFileSync(join(dir, 'run.json'), JSON.stringify(run));
}

describe('ssee-bench report', () => {
  it.each([
    ['a record that is none', () => store(null), 2, /run\.json is damaged: .*measure again/],
    [
      'a stored file that was deleted',
      () => store(makeRun([makeArm()], [makeRecord({ files: ['stdout.txt'] })])),
      2,
      /r1-wrk\/stdout\.txt is gone.*restore the run folder/,
    ],
    [
      'a report that cannot be replaced',
      () => {
        store(makeRun([makeArm()], []));
        mkdirSync(join(dir, 'comparison.csv'));
      },
      1,
      /cannot write .*comparison\.csv: EISDIR/,
    ],
    [
      'a tool of another version',
      () => store(makeRun([makeArm({ tool: 'oha' })], [], { harnessVersion: '9.0.0' })),
      2,
      /was measured with oha, which this version .* does not know; report it with version 9\.0\.0/,
    ],
  ])('answers %s with one line', async (_what, prepare, code, line) => {
    prepare();
    expect(await main(['report', dir])).toBe(code);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
