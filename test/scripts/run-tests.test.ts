import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepEnvironment, rootPrefix } from '../../scripts/lib/root-rights.mjs';
import { type FakePrograms, makeFakePrograms } from '../helpers/fake-programs.ts';
import { ROOT } from '../helpers/run-cli.ts';

const PASSING = "import { it } from 'vitest';\nit('holds', () => {});\n";
const SKIPPED = "import { it } from 'vitest';\nit('holds', () => {});\nit.skip('waits', () => {});\n";
const FAILING = "import { it } from 'vitest';\nit('fails', () => { throw new Error('as planned'); });\n";

describe('what npm test prints last', () => {
  let checkout: string;

  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'run-tests-'));
    cpSync(join(ROOT, 'scripts'), join(checkout, 'scripts'), { recursive: true });
    cpSync(join(ROOT, 'vitest.config.ts'), join(checkout, 'vitest.config.ts'));
    cpSync(join(ROOT, 'package.json'), join(checkout, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
    mkdirSync(join(checkout, 'test/e2e'), { recursive: true });
  });
  afterEach(() => rmSync(checkout, { recursive: true, force: true }));

  function runTests(files: Record<string, string>, ...args: string[]): { code: number | null; last: string } {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(checkout, 'test', name), text);
    const module = JSON.stringify(join(checkout, 'scripts/lib/run-tests.mjs'));
    const code = `import(${module}).then((m) => { process.exitCode = m.runTests(${JSON.stringify(args)}); })`;
    const result = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
    return { code: result.status, last: result.stdout.trimEnd().split('\n').at(-1)! };
  }

  it('is the counts over both projects, and 0 when all passed', () => {
    expect(runTests({ 'a.test.ts': PASSING, 'e2e/b.test.ts': PASSING })).toEqual({
      code: 0,
      last: '2 passed, 0 failed, 0 skipped',
    });
  });

  it('is a failure when a test was skipped, one failed, or a file does not load', () => {
    expect(runTests({ 'a.test.ts': SKIPPED })).toEqual({ code: 1, last: '1 passed, 0 failed, 1 skipped' });
    expect(runTests({ 'a.test.ts': FAILING, 'b.test.ts': "import './none.ts';" })).toEqual({
      code: 1,
      last: '0 passed, 2 failed, 0 skipped',
    });
  });

  it('hands arguments to Vitest and fails when nothing matches them', () => {
    const files = { 'a.test.ts': PASSING, 'b.test.ts': FAILING };
    expect(runTests(files, 'test/a')).toEqual({ code: 0, last: '1 passed, 0 failed, 0 skipped' });
    expect(runTests(files, 'test/nowhere')).toMatchObject({ code: 1 });
  });
});

describe('npm test of somebody who is not root', () => {
  let parent: string;
  let programs: FakePrograms;

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'test-rights-'));
    programs = makeFakePrograms(parent);
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  it('runs them by sudo where that asks for no password', () => {
    programs.add('sudo', 'shift; exec "$@"');
    const path = `/nonexistent${delimiter}${programs.folder}${delimiter}/usr/bin${delimiter}/bin`;
    expect(rootPrefix({ path, isRoot: false })).toEqual([join(programs.folder, 'sudo'), '-n']);
    expect(programs.takeCalls()).toEqual(['sudo -n true']);
    expect(rootPrefix({ path, isRoot: true })).toEqual([]);
  });

  it('does not run them where sudo asks for one, or is not there', () => {
    expect(rootPrefix({ path: programs.folder, isRoot: false })).toBeUndefined();
    programs.add('sudo', 'exit 1');
    expect(rootPrefix({ path: programs.folder, isRoot: false })).toBeUndefined();
  });

  it('keeps the environment, PATH included, but not who the user is', () => {
    const [command, ...given] = keepEnvironment({
      PATH: '/a b:/c',
      HOME: '/home/u',
      SUDO_USER: 'u',
      CI: '1',
    });
    const result = spawnSync(command!, ['-i', ...given, '/usr/bin/env'], { encoding: 'utf8' });
    expect(result.stdout.trim().split('\n').sort()).toEqual(['CI=1', 'PATH=/a b:/c']);
  });
});

describe('.ci/run', () => {
  let parent: string;
  let programs: FakePrograms;

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'ci-run-'));
    mkdirSync(join(parent, '.ci'));
    cpSync(join(ROOT, '.ci/run'), join(parent, '.ci/run'));
    programs = makeFakePrograms(parent);
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  function runCi(npm: string): { code: number | null; last: string } {
    programs.add('npm', npm);
    const result = spawnSync(join(parent, '.ci/run'), {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${programs.folder}${delimiter}${process.env.PATH}` },
    });
    return { code: result.status, last: result.stdout.trimEnd().split('\n').at(-1)! };
  }

  it('calls npm test and ends with the counts also when npm speaks after them', () => {
    expect(runCi("echo '3 passed, 0 failed, 0 skipped'")).toEqual({
      code: 0,
      last: '3 passed, 0 failed, 0 skipped',
    });
    expect(runCi("echo '2 passed, 1 failed, 0 skipped'; echo 'npm error' >&2; exit 3")).toEqual({
      code: 3,
      last: '2 passed, 1 failed, 0 skipped',
    });
    expect(programs.takeCalls()).toEqual(['npm test', 'npm test']);
  });

  it('fails when no counts were printed', () => {
    expect(runCi('true')).toEqual({ code: 1, last: '0 passed, 0 failed, 0 skipped' });
    expect(runCi('exit 7')).toMatchObject({ code: 7 });
  });
});
