import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readProcStat } from '../../src/process/proc-stat.ts';
import { describeReaped, openRegistry, reapOrphans } from '../../src/process/process-registry.ts';
import { undoTrace } from '../../src/process/traces.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'traces-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('what a harness changes beside processes', () => {
  it('is on the disk from before it is changed until it is forgotten', () => {
    const registry = openRegistry({ dir });
    const [file] = readdirSync(dir);
    const text = (): string => readFileSync(join(dir, file!), 'utf8');
    const forget = registry.note({ kind: 'cgroup', folder: '/sys/fs/cgroup/cpu/none-of-ours' });
    expect(text()).toContain('none-of-ours');
    forget();
    expect(text()).not.toContain('none-of-ours');
    registry.close();
    forget();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('that is gone needs no undoing', () => {
    expect(undoTrace({ kind: 'cgroup', folder: join(dir, 'gone') })).toBeUndefined();
    expect(undoTrace({ kind: 'paused', leader: { pid: 2 ** 22, startTimeTicks: 1 } })).toBeUndefined();
  });

  it('makes a stopped process go on, and not another one that has its number', async () => {
    const stopped = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    const pid = stopped.pid!;
    try {
      const { startTimeTicks } = readProcStat(pid)!;
      process.kill(pid, 'SIGSTOP');
      await waitUntil('it is stopped', () => readProcStat(pid)?.state === 'T');
      expect(
        undoTrace({ kind: 'paused', leader: { pid, startTimeTicks: startTimeTicks + 1 } }),
      ).toBeUndefined();
      expect(readProcStat(pid)?.state).toBe('T');
      expect(undoTrace({ kind: 'paused', leader: { pid, startTimeTicks } })).toEqual({
        undone: true,
        what: `the stopped process ${pid} goes on`,
      });
      await waitUntil('it goes on', () => readProcStat(pid)?.state !== 'T');
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  });

  it('says which rules are gone with their namespace', () => {
    expect(undoTrace({ kind: 'rules', table: 'ssee_1_loss', namespace: 'net:[1]' })).toEqual({
      undone: true,
      what: 'the nft table ssee_1_loss is gone with its network namespace',
    });
  });

  it('stays noted while it cannot be undone, is not called undone, and is tried again', () => {
    // A folder with something in it cannot be removed, as a group with members cannot.
    const folder = join(dir, 'group');
    mkdirSync(join(folder, 'member'), { recursive: true });
    const notes = join(dir, 'notes');
    mkdirSync(notes);
    const file = join(notes, '1-1-0.json');
    const content = {
      schema: 'ssee-bench/processes/1',
      harness: { pid: 2 ** 22, startTimeTicks: 1 },
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      pidNamespace: readlinkSync('/proc/self/ns/pid'),
      processes: [],
      traces: [
        { kind: 'cgroup', folder },
        { kind: 'cgroup', folder: join(dir, 'gone') },
      ],
    };
    writeFileSync(file, JSON.stringify(content));
    const [reaped, ...more] = reapOrphans({ dir: notes });
    expect(more).toEqual([]);
    expect(reaped).toMatchObject({ undone: false });
    expect(describeReaped(reaped!)).toMatch(/^could not undo .*group cannot be removed/);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ traces: [{ folder }] });
    rmSync(join(folder, 'member'), { recursive: true });
    expect(reapOrphans({ dir: notes })).toEqual([{ what: `the cgroup ${folder} was removed` }]);
    expect(readdirSync(notes)).toEqual([]);
  });

  it('outlives the registry of a harness that could not undo it', () => {
    const folder = join(dir, 'group');
    mkdirSync(join(folder, 'member'), { recursive: true });
    const notes = join(dir, 'notes');
    mkdirSync(notes);
    const registry = openRegistry({ dir: notes });
    registry.note({ kind: 'cgroup', folder });
    registry.note({ kind: 'cgroup', folder: join(dir, 'gone') });
    registry.killAll();
    registry.close();
    const [name] = readdirSync(notes);
    const { processes, traces } = JSON.parse(readFileSync(join(notes, name!), 'utf8'));
    expect([processes, traces]).toEqual([[], [{ kind: 'cgroup', folder }]]);
  });
});
