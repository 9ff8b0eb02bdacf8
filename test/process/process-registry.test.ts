import { spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PACKAGE_ROOT } from '../../src/process/package-root.ts';
import { isAlive, readProcStat } from '../../src/process/proc-stat.ts';
import { TAG_VARIABLE } from '../../src/process/process-family.ts';
import { openRegistry, reapOrphans } from '../../src/process/process-registry.ts';
import { requireRoot } from '../helpers/unprivileged.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let dir: string;
/** Processes that a test started and that must not outlive it. */
let started: number[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'registry-'));
  started = [];
});
afterEach(() => {
  for (const pid of started) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  rmSync(dir, { recursive: true });
});

const isRunning = (pid: number): boolean => isAlive(readProcStat(pid));
/** A forked child has the shell's name until it has become its own program, environment and all. */
const isSleep = (pid: number): boolean => readProcStat(pid)?.comm === 'sleep';
const registryFiles = (): string[] => readdirSync(dir).filter((name) => name.endsWith('.json'));

/** A harness of its own that starts one command and prints the command's pids, then waits to be killed. */
async function startHarness(command: string[]): Promise<{ pid: number; kill(): Promise<void> }> {
  const module = (name: string): string =>
    JSON.stringify(pathToFileURL(join(PACKAGE_ROOT, 'dist/src/process', name)).href);
  const program = `
    import { openRegistry } from ${module('process-registry.js')};
    import { startProcess } from ${module('start-process.js')};
    const registry = openRegistry({ dir: ${JSON.stringify(dir)} });
    startProcess({
      argv: ${JSON.stringify(command)}, registry,
      stdoutFile: ${JSON.stringify(join(dir, 'out'))}, stderrFile: ${JSON.stringify(join(dir, 'err'))},
    });
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid: child.pid!,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The pids that the harness' command has printed, one per line. */
async function pidsPrinted(count: number): Promise<number[]> {
  const read = (): number[] =>
    existsSync(join(dir, 'out'))
      ? readFileSync(join(dir, 'out'), 'utf8').split('\n').filter(Boolean).map(Number)
      : [];
  await waitUntil(`${count} pids`, () => read().length >= count);
  started.push(...read());
  return read();
}

describe('reapOrphans', () => {
  it('ends the command of a killed harness, its children and those that left its group', async () => {
    const harness = await startHarness([
      'sh',
      '-c',
      'echo $$; sleep 60 & echo $!; setsid sleep 60 & echo $!; wait',
    ]);
    const pids = await pidsPrinted(3);
    await waitUntil('the children are programs of their own', () => pids.slice(1).every(isSleep));
    await harness.kill();
    expect(pids.map(isRunning)).toEqual([true, true, true]);

    const reaped = reapOrphans({ dir });
    expect(reaped).toEqual([{ pid: expect.any(Number), what: expect.stringMatching(/^sh -c echo/) }]);
    await waitUntil('all have ended', () => !pids.some(isRunning));
    expect(registryFiles()).toEqual([]);
    expect(reapOrphans({ dir })).toEqual([]);
  });

  it('ends children whose leader has gone by itself', async () => {
    const harness = await startHarness(['sh', '-c', 'sleep 60 & echo $!; echo $$; wait']);
    const [child, leader] = await pidsPrinted(2);
    await waitUntil('the child is a program of its own', () => isSleep(child!));
    await harness.kill();
    process.kill(leader!, 'SIGKILL');
    await waitUntil('the leader has gone', () => readProcStat(leader!) === undefined);
    expect(reapOrphans({ dir })).toMatchObject([{ what: expect.stringMatching(/^sh -c/) }]);
    await waitUntil('the child has ended', () => !isRunning(child!));
  });

  it('ends a process that was started just before its harness could note the number', async () => {
    const tag = 'known-beforehand';
    const env = { ...process.env, [TAG_VARIABLE]: tag };
    const orphan = spawn('sleep', ['60'], { detached: true, stdio: 'ignore', env });
    started.push(orphan.pid!);
    await waitUntil('it is a program of its own', () => isSleep(orphan.pid!));
    writeRegistry({ tag, what: 'sleep 60' });
    expect(reapOrphans({ dir })).toEqual([{ pid: orphan.pid, what: 'sleep 60' }]);
    await waitUntil('it has ended', () => !isRunning(orphan.pid!));
  });

  it('leaves the processes of a living harness alone', async () => {
    const harness = await startHarness(['sh', '-c', 'echo $$; exec sleep 60']);
    const [pid] = await pidsPrinted(1);
    expect(reapOrphans({ dir })).toEqual([]);
    expect(isRunning(pid!)).toBe(true);
    expect(registryFiles()).toHaveLength(1);
    await harness.kill();
    expect(reapOrphans({ dir })).toMatchObject([{ pid }]);
    await waitUntil('it has ended', () => !isRunning(pid!));
  });

  it('does not touch a process that only has the number of a recorded one', () => {
    const stranger = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    started.push(stranger.pid!);
    const stat = readProcStat(stranger.pid!)!;
    writeRegistry({
      pid: stat.pid,
      startTimeTicks: stat.startTimeTicks - 1,
      tag: 'nobody-has-it',
      what: 'old',
    });
    expect(reapOrphans({ dir })).toEqual([]);
    expect(isRunning(stranger.pid!)).toBe(true);
    expect(registryFiles()).toEqual([]);
  });

  it('forgets what was written before the machine was started again', () => {
    const stranger = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    started.push(stranger.pid!);
    const { pid, startTimeTicks } = readProcStat(stranger.pid!)!;
    writeRegistry({ tag: 'x', leader: { pid, startTimeTicks }, what: 'old' }, { bootId: 'another boot' });
    expect(reapOrphans({ dir })).toEqual([]);
    expect(isRunning(pid)).toBe(true);
    expect(registryFiles()).toEqual([]);
  });

  it('leaves records of another pid namespace to whoever lives there', () => {
    writeRegistry({ tag: 'x', what: 'other' }, { pidNamespace: 'pid:[1]' });
    expect(reapOrphans({ dir })).toEqual([]);
    expect(registryFiles()).toHaveLength(1);
  });

  it('passes over a file that goes while the folder is being read', () => {
    // Listed, and not there when it is opened: what a harness that is just ending looks like.
    symlinkSync(join(dir, 'gone-already'), join(dir, '1-2-3.json'));
    expect(reapOrphans({ dir })).toEqual([]);
  });

  it('removes files that are no registry', () => {
    writeFileSync(join(dir, 'broken.json'), '{"schema": "ssee');
    writeFileSync(join(dir, '1-2-3.json.tmp'), '');
    expect(reapOrphans({ dir })).toEqual([]);
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('openRegistry', () => {
  it('does not bring its file back when a process ends after it was closed', () => {
    const registry = openRegistry({ dir });
    const tag = registry.announce('late');
    registry.close();
    registry.remove(tag);
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('a registry whose folder cannot be written any more', () => {
  it('starts nothing that it could not note, and forgets and completes notes without failing', () => {
    const registry = openRegistry({ dir });
    const tag = registry.announce('noted');
    rmSync(dir, { recursive: true });
    expect(() => registry.announce('cannot be noted')).toThrow(/ENOENT/);
    expect(() => registry.add(tag, { pid: 2 ** 22 - 1, startTimeTicks: 1 })).not.toThrow();
    expect(() => registry.remove(tag)).not.toThrow();
    mkdirSync(dir);
    registry.announce('noted again');
    const [name] = registryFiles();
    const { processes } = JSON.parse(readFileSync(join(dir, name!), 'utf8'));
    expect(processes).toMatchObject([{ what: 'noted again' }]);
    registry.close();
  });
});

describe('the folder of registries', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("is this user's alone, below XDG_RUNTIME_DIR where that is his", () => {
    vi.stubEnv('XDG_RUNTIME_DIR', dir);
    openRegistry().close();
    expect(readdirSync(dir)).toEqual(['ssee-bench']);
  });

  it('is below TMPDIR where there is no XDG_RUNTIME_DIR', () => {
    vi.stubEnv('XDG_RUNTIME_DIR', '');
    vi.stubEnv('TMPDIR', dir);
    openRegistry().close();
    expect(readdirSync(dir)).toEqual([`ssee-bench-${process.getuid!()}`]);
  });

  it('is refused when it belongs to somebody else', () => {
    vi.stubEnv('XDG_RUNTIME_DIR', dir);
    mkdirSync(join(dir, 'ssee-bench'));
    requireRoot();
    chownSync(join(dir, 'ssee-bench'), 65534, 65534);
    expect(() => openRegistry()).toThrow(/not a folder of yours; remove it/);
  });

  it('is refused when something else stands in its place', () => {
    vi.stubEnv('XDG_RUNTIME_DIR', dir);
    writeFileSync(join(dir, 'ssee-bench'), '');
    expect(() => openRegistry()).toThrow(/cannot make the folder .*ssee-bench.*set TMPDIR/);
  });
});

function writeRegistry(entry: object, place: object = {}): void {
  const registry = openRegistry({ dir });
  const [name] = registryFiles();
  const content = JSON.parse(readFileSync(join(dir, name!), 'utf8')) as object;
  registry.close();
  const harness = { pid: 2 ** 22 - 1, startTimeTicks: 1 };
  writeFileSync(
    join(dir, 'gone.json'),
    JSON.stringify({ ...content, harness, ...place, processes: [entry] }),
  );
}
