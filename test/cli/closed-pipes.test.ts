import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../helpers/run-cli.ts';

// Outside of npm test the sources may be newer than dist/, and the first start says that it builds.
beforeAll(() => {
  spawnSync(process.execPath, [join(ROOT, 'scripts/ssee-bench.mjs'), '--version']);
}, 120_000);

/** Runs a program whose stdout, or whose stderr, nobody reads any more when it says something. */
function runUnread(
  unread: 'stdout' | 'stderr',
  argv: string[],
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, argv, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  child[unread].destroy();
  let said = '';
  child[unread === 'stdout' ? 'stderr' : 'stdout'].on('data', (chunk) => {
    said += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, said })));
}

describe.each([
  ['scripts/ssee-bench.mjs', ['--help'], ['validate', 'no/such.yaml']],
  ['scripts/ssee-tester.mjs', ['--help'], ['not-a-url']],
  ['dist/src/cli/bin/ssee-bench.js', ['--help'], ['validate', 'no/such.yaml']],
  ['dist/src/cli/bin/ssee-tester.js', ['--help'], ['not-a-url']],
])('%s', (program, good, bad) => {
  it('ends quietly and with its own exit code when its output is not read to the end', async () => {
    expect(await runUnread('stdout', [join(ROOT, program), ...good])).toEqual({ code: 0, said: '' });
  });

  it('ends with its own exit code when its complaints are not read', async () => {
    expect(await runUnread('stderr', [join(ROOT, program), ...bad])).toEqual({ code: 2, said: '' });
  });
});
