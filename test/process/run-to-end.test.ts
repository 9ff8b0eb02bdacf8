import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ToolCommand } from '../../src/model/tool.ts';
import { isAlive, readProcStat } from '../../src/process/proc-stat.ts';
import { openRegistry, type ProcessRegistry } from '../../src/process/process-registry.ts';
import { type RunIo, runToEnd } from '../../src/process/run-to-end.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let dir: string;
let registry: ProcessRegistry;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'run-to-end-'));
  registry = openRegistry({ dir });
});
afterEach(() => {
  registry.killAll();
  registry.close();
  rmSync(dir, { recursive: true });
});

function run(argv: ToolCommand['argv'], options: Partial<ToolCommand> = {}, io: Partial<RunIo> = {}) {
  return runToEnd(
    { argv, deadlineMs: 30_000, signals: [{ signal: 'SIGKILL', waitMs: 1000 }], ...options },
    {
      stdoutFile: join(dir, 'out'),
      stderrFile: join(dir, 'err'),
      wrap: ([program, ...args]) => [program!, ...args],
      signal: new AbortController().signal,
      registry,
      ...io,
    },
  );
}

const stdout = (): string => readFileSync(join(dir, 'out'), 'utf8');
const stderr = (): string => readFileSync(join(dir, 'err'), 'utf8');
const pidPrinted = (): number => Number.parseInt(stdout(), 10);
const isRunning = (pid: number): boolean => isAlive(readProcStat(pid));

describe('runToEnd', () => {
  it('keeps exit code, stdout and stderr', async () => {
    const exit = await run(['sh', '-c', 'echo to-out; echo to-err >&2; exit 7']);
    expect(exit).toMatchObject({ code: 7, signal: null, overran: false, sent: [] });
    expect(exit.spawnError).toBeUndefined();
    expect(stdout()).toBe('to-out\n');
    expect(stderr()).toBe('to-err\n');
  });

  it('names a command that does not exist and says what to do', async () => {
    const exit = await run(['no-such-tool-at-all']);
    expect(exit).toMatchObject({
      code: null,
      spawnError: 'no-such-tool-at-all: command not found; install it or put its folder on PATH',
    });
  });

  it('names a wrapper that does not exist', async () => {
    const exit = await run(['true'], {}, { wrap: (argv) => ['no-such-wrapper', ...argv] });
    expect(exit.spawnError).toMatch(/^no-such-wrapper: command not found/);
  });

  it('names a working folder that does not exist', async () => {
    const exit = await run(['true'], {}, { dir: join(dir, 'nowhere') });
    expect(exit.spawnError).toMatch(/working folder .*nowhere does not exist/);
  });

  it('tells a signal that somebody else sent from its own', async () => {
    const exit = await run(['sh', '-c', 'kill -TERM $$']);
    expect(exit).toMatchObject({ code: null, signal: 'SIGTERM', overran: false, sent: [] });
  });

  it('does not wait for a grandchild that holds the outputs, and leaves none behind', async () => {
    const exit = await run(['sh', '-c', 'sleep 60 & echo $!']);
    expect(exit.code).toBe(0);
    expect(isRunning(pidPrinted())).toBe(false);
  });

  it('ends a grandchild that has moved to a session of its own', async () => {
    const exit = await run(['sh', '-c', 'setsid sleep 60 & echo $!; wait'], { deadlineMs: 300 });
    expect(exit.overran).toBe(true);
    expect(isRunning(pidPrinted())).toBe(false);
  });

  it('sends the first signal at the deadline and no more when that is obeyed', async () => {
    const exit = await run(['sh', '-c', 'trap "echo got-int; exit 5" INT; while :; do sleep 0.02; done'], {
      deadlineMs: 300,
      signals: [
        { signal: 'SIGINT', waitMs: 10_000 },
        { signal: 'SIGKILL', waitMs: 1000 },
      ],
    });
    expect(exit).toMatchObject({ code: 5, overran: true, sent: ['SIGINT'] });
    expect(stdout()).toBe('got-int\n');
  });

  it('climbs the ladder for a command that ignores what it can', async () => {
    const exit = await run(['sh', '-c', 'trap "" INT TERM; while :; do sleep 0.02; done'], {
      deadlineMs: 200,
      signals: [
        { signal: 'SIGINT', waitMs: 100 },
        { signal: 'SIGTERM', waitMs: 100 },
        { signal: 'SIGKILL', waitMs: 1000 },
      ],
    });
    expect(exit).toMatchObject({ code: null, signal: 'SIGKILL', sent: ['SIGINT', 'SIGTERM', 'SIGKILL'] });
  });

  it('ends the command when the run is aborted, which is no overrun', async () => {
    const abort = new AbortController();
    const exit = await run(['sleep', '60'], {}, { signal: abort.signal, onStart: () => abort.abort() });
    expect(exit).toMatchObject({ signal: 'SIGKILL', overran: false, sent: ['SIGKILL'] });
  });

  it('ends a command that cannot be watched', async () => {
    let pid = 0;
    const watched = run(
      ['sleep', '60'],
      {},
      {
        onStart: (started) => {
          pid = started;
          throw new Error('no descriptor left');
        },
      },
    );
    await expect(watched).rejects.toThrow('no descriptor left');
    expect(isRunning(pid)).toBe(false);
  });

  it('does not start anything once the run is aborted', async () => {
    const exit = await run(['sh', '-c', 'echo started'], {}, { signal: AbortSignal.abort() });
    expect(exit.spawnError).toMatch(/interrupted/);
  });

  it('pins to the CPUs asked for', async () => {
    await run(['sh', '-c', 'grep Cpus_allowed_list /proc/self/status'], {}, { pin: [0] });
    expect(stdout()).toMatch(/Cpus_allowed_list:\s+0\n/);
  });

  it('is noted in the registry while it runs, and forgotten afterwards', async () => {
    const noted = (): string => readFileSync(registryFile(), 'utf8');
    let whileRunning = '';
    await run(['sh', '-c', 'exit 0'], {}, { onStart: () => (whileRunning = noted()) });
    expect(whileRunning).toContain('sh -c exit 0');
    expect(noted()).toContain('"processes":[]');
  });

  it('ends everything at once when the registry is told to', async () => {
    let pid = 0;
    const ended = run(['sleep', '60'], {}, { onStart: (started) => (pid = started) });
    await waitUntil('the command runs', () => isRunning(pid));
    registry.killAll();
    expect(await ended).toMatchObject({ signal: 'SIGKILL', sent: [] });
  });
});

function registryFile(): string {
  return join(dir, readdirSync(dir).find((name) => name.endsWith('.json'))!);
}
