import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRegistry, type ProcessRegistry } from '../../src/process/process-registry.ts';
import { readOutputOfGroup } from '../../src/process/read-output-of-group.ts';
import { MARK_VARIABLE, markedProcesses } from '../helpers/marked-processes.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let dir: string;
let registry: ProcessRegistry;
const MARK = `read-output-of-group-${process.pid}`;
const leftOver = (): string[] => markedProcesses(MARK).map(({ command }) => command);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'output-'));
  registry = openRegistry({ dir });
});
afterEach(() => {
  registry.killAll();
  registry.close();
  rmSync(dir, { recursive: true });
});

function run(script: string, options: { timeoutMs?: number; signal?: AbortSignal } = {}) {
  return readOutputOfGroup(['bash', '-c', script], {
    timeoutMs: options.timeoutMs ?? 30_000,
    env: { [MARK_VARIABLE]: MARK, HOME: undefined },
    group: { registry, signal: options.signal ?? new AbortController().signal },
  });
}

it('keeps both outputs apart, in full, with the exit code', async () => {
  const { code, stdout, stderr, problem } = await run(
    'head -c 300000 /dev/zero | tr "\\0" x; echo oops >&2; exit 3',
  );
  expect({ code, stderr, problem }).toEqual({ code: 3, stderr: 'oops\n', problem: undefined });
  expect(stdout.length).toBe(300_000);
});

it('takes variables out of the environment', async () => {
  expect((await run('echo "<$HOME>"')).stdout).toBe('<>\n');
});

it('says which command is not there', async () => {
  const output = await readOutputOfGroup(['no-such-program'], {
    timeoutMs: 1000,
    group: { registry, signal: new AbortController().signal },
  });
  expect(output).toMatchObject({
    code: null,
    problem: expect.stringMatching(/^no-such-program: command not found/),
  });
});

it('ends what a command has started when it takes too long', async () => {
  const output = await run('sleep 300; true', { timeoutMs: 300 });
  expect(output).toMatchObject({ code: null, problem: 'bash took longer than 0.3 s' });
  expect(leftOver()).toEqual([]);
});

it('ends what a command has started when it is aborted, and starts nothing afterwards', async () => {
  const abort = new AbortController();
  const output = run('sleep 300; true', { signal: abort.signal });
  await waitUntil('it runs', () => leftOver().includes('sleep 300'));
  abort.abort();
  expect(await output).toMatchObject({ code: null, problem: 'bash was ended by SIGTERM' });
  expect(leftOver()).toEqual([]);
  expect(await run('true', { signal: abort.signal })).toMatchObject({ problem: 'bash was not started' });
});

it('does not wait for what has left the group and holds its output open', async () => {
  const output = await run(
    `env -u SSEE_BENCH_PROCESS setsid sleep 5 & while [ "$(ps -o sid= -p $!)" -eq "$(ps -o sid= -p $$)" ]; do :; done; echo done`,
  );
  expect(output).toMatchObject({ code: 0, stdout: 'done\n' });
});
