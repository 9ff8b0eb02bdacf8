import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readProcStat } from '../../src/process/proc-stat.ts';
import { openRegistry } from '../../src/process/process-registry.ts';
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
      expect(undoTrace({ kind: 'paused', leader: { pid, startTimeTicks } })).toBe(
        `the stopped process ${pid} goes on`,
      );
      await waitUntil('it goes on', () => readProcStat(pid)?.state !== 'T');
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  });

  it('says which rules are gone with their namespace', () => {
    expect(undoTrace({ kind: 'rules', table: 'ssee_1_loss', namespace: 'net:[1]' })).toMatch(
      /^the nft table ssee_1_loss is gone/,
    );
  });
});
