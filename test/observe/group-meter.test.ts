import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type GroupMeter, meterGroup, TickCount } from '../../src/observe/group-meter.ts';
import { createGroupWalk } from '../../src/observe/group-walk.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { startChild } from './start-child.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function start(program: string): ReturnType<typeof startChild> {
  const child = startChild(program);
  let isOver = false;
  const end = async (): Promise<void> => {
    if (!isOver) await child.end();
    isOver = true;
  };
  cleanups.push(end);
  return { pid: child.pid, end };
}

function meter(pid: number, groups = createGroupWalk()): GroupMeter {
  const made = meterGroup(pid, false, groups);
  cleanups.push(() => made.close());
  return made;
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ssee-bench-meter-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** How many files under that path this process has open. */
function countLinks(under: string): number {
  const targets = readdirSync('/proc/self/fd').map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      return ''; // The one by which the folder was listed.
    }
  });
  return targets.filter((target) => target.startsWith(under)).length;
}

/** By the other file that says so, which is dear. */
function countSwitches(pid: number): number {
  let total = 0;
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8');
    for (const [, count] of status.matchAll(/ctxt_switches:\s+(\d+)/g)) total += Number(count);
  }
  return total;
}

/** Sleeps again and again, and works a little. */
const RESTLESS = 'setInterval(() => { for (let i = 0; i < 1e5; i++); }, 2)';

describe('a meter of a group', () => {
  it('counts as many context switches as the status of its threads does', async () => {
    const { pid } = start(RESTLESS);
    await waitUntil('it is at work', () => countSwitches(pid) > 50);
    const meterOfIt = meter(pid);
    const before = countSwitches(pid);
    expect(meterOfIt.look(0)).not.toHaveProperty('contextSwitches');
    const first = countSwitches(pid);
    await waitUntil('it has worked', () => countSwitches(pid) > first + 100);
    const { contextSwitches, threads } = meterOfIt.look(100)!;
    const after = countSwitches(pid);
    expect(contextSwitches).toBeGreaterThanOrEqual(100);
    // A thread that has the CPU while it is looked at was given it, and its status does not count that yet.
    expect(contextSwitches).toBeLessThanOrEqual(after - before + threads);
  });

  it('takes up threads that begin and drops those that end', async () => {
    const folder = makeFolder();
    const { pid } = start(`
      const { existsSync } = require('node:fs');
      const { Worker } = require('node:worker_threads');
      let worker;
      setInterval(() => {
        if (!worker && existsSync('${folder}/begin')) worker = new Worker('for (;;);', { eval: true });
        if (existsSync('${folder}/end')) worker.terminate();
      }, 20);`);
    const meterOfIt = meter(pid);
    let last = performance.now();
    const look = (): ReturnType<GroupMeter['look']> => {
      const now = performance.now();
      const elapsedMs = now - last;
      last = now;
      return meterOfIt.look(elapsedMs);
    };
    await waitUntil('its own thread idles', () => (look()?.busiestThread ?? 1) < 0.3);
    const idle = look()!.threads;
    writeFileSync(join(folder, 'begin'), '');
    await waitUntil('the new thread is seen to be busy', () => (look()?.busiestThread ?? 0) > 0.5);
    writeFileSync(join(folder, 'end'), '');
    await waitUntil('it has ended', () => look()?.threads === idle);
    await waitUntil('no file but those of its threads is open', () => {
      look();
      return countLinks(`/proc/${pid}/task/`) === readdirSync(`/proc/${pid}/task`).length;
    });
  });

  it('closes the files of processes that have ended', async () => {
    const folder = makeFolder();
    const { pid } = start(`
      const { existsSync } = require('node:fs');
      const children = [1, 2, 3].map(() =>
        require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']));
      setInterval(() => {
        if (existsSync('${folder}/end')) for (const child of children) child.kill('SIGKILL');
      }, 20);`);
    const groups = createGroupWalk();
    const meterOfIt = meter(pid, groups);
    await waitUntil('all are there', () => {
      groups.walk();
      return groups.members(pid).length === 4 && meterOfIt.look(10) !== undefined;
    });
    const children = groups.members(pid).filter((member) => member !== pid);
    for (const child of children) expect(countLinks(`/proc/${child}/`)).toBeGreaterThan(1);
    writeFileSync(join(folder, 'end'), '');
    // Without a look, as between two of them: the next one finds the children gone.
    await waitUntil('they have ended', () => {
      groups.walk();
      return groups.members(pid).length === 1;
    });
    meterOfIt.look(10);
    expect(children.map((child) => countLinks(`/proc/${child}/`))).toEqual([0, 0, 0]);
    expect(countLinks(`/proc/${pid}/`)).toBeGreaterThan(1);
  });

  it('holds the open files of the fullest process against its limit', async () => {
    const { pid } = start(`const fs = require('fs'); for (let i = 0; i < 40; i++) fs.openSync('/dev/null');
      setInterval(() => {}, 1000)`);
    const count = (): number => readdirSync(`/proc/${pid}/fd`).length;
    await waitUntil('it has opened them', () => count() >= 40);
    // Listed at the first look where the size of the folder does not tell.
    const sample = meter(pid).look(0)!;
    expect(sample.openFiles).toBe(statSync(`/proc/${pid}/fd`).size || count());
    expect(sample.openFileLimit).toBeGreaterThan(40);
  });

  it('says nothing of a group that has ended, and keeps what it had used', async () => {
    const { pid, end } = start('for (;;);');
    const meterOfIt = meter(pid);
    await waitUntil('it has used some CPU', () => {
      meterOfIt.look(10);
      return meterOfIt.totalCpuS() > 0.05;
    });
    const used = meterOfIt.totalCpuS();
    await end();
    expect(meterOfIt.look(10)).toBeUndefined();
    expect(meterOfIt.totalCpuS()).toBe(used);
  });

  it('closes its files', async () => {
    const { pid } = start(RESTLESS);
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    const meterOfIt = meter(pid);
    await waitUntil('it runs', () => meterOfIt.look(10) !== undefined);
    expect(open()).toBeGreaterThan(before);
    meterOfIt.close();
    expect(open()).toBe(before);
  });
});

describe('a walk for groups', () => {
  it('finds a child that a member starts later', async () => {
    const { pid } =
      start(`require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      setInterval(() => {}, 1000)`);
    const groups = createGroupWalk();
    groups.add(pid);
    await waitUntil('both are there', () => {
      groups.walk();
      return groups.members(pid).length === 2;
    });
    expect(groups.members(pid)).toContain(pid);
  });

  it('finds a group that it has passed over before', async () => {
    const { pid } = start('setInterval(() => {}, 1000)');
    const other = start('setInterval(() => {}, 1000)');
    const groups = createGroupWalk();
    groups.add(other.pid);
    for (let walks = 0; walks < 4; walks++) groups.walk();
    expect(groups.members(pid)).toEqual([]);
    groups.add(pid);
    expect(groups.members(pid)).toEqual([pid]);
    groups.walk();
    expect(groups.members(pid)).toEqual([pid]);
    expect(groups.members(other.pid)).toEqual([other.pid]);
  });
});

describe('a count of ticks', () => {
  it('leaves out what was used before, and takes nothing away for a process that got the number of another', () => {
    const ticks = new TickCount();
    ticks.begin(1, 100);
    expect([ticks.advance(1, 130), ticks.advance(2, 5), ticks.advance(1, 10), ticks.advance(1, 14)]).toEqual([
      30, 5, 0, 4,
    ]);
    expect(ticks.total).toBe(39);
  });
});
