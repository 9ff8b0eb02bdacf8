import { readdirSync, readFileSync, statSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type GroupMeter, meterGroup, parseSchedstat } from '../../src/observe/group-meter.ts';
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

describe('parseSchedstat', () => {
  const parse = (text: string) => {
    const times = { ranNs: -1, waitedNs: -1, switches: -1 };
    const isGood = parseSchedstat(Buffer.from(`${text}9`), text.length, times);
    return isGood ? times : undefined;
  };

  it('reads the three numbers of a thread, however large', () => {
    const count = fc.nat(Number.MAX_SAFE_INTEGER);
    const turns = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(count, count, turns, (ranNs, waitedNs, switches) => {
        expect(parse(`${ranNs} ${waitedNs} ${switches}\n`)).toEqual({ ranNs, waitedNs, switches });
      }),
    );
  });

  it.each(['', '\n', '0 0 0\n', '12\n', '12 13\n', '12  13 14\n', 'x 13 14\n', '12 13 x\n'])(
    'gives nothing for %j',
    (text) => {
      expect(parse(text)).toBeUndefined();
    },
  );

  it('gives whole numbers or nothing for any bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('0', '9', ' ', '\n', '-', 'a') }), (text) => {
        for (const value of Object.values(parse(text) ?? {})) expect(value).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('a meter of a group', () => {
  it('counts as many context switches as the status of its threads does', async () => {
    const { pid } = start(RESTLESS);
    await waitUntil('it is at work', () => countSwitches(pid) > 50);
    const meterOfIt = meter(pid);
    expect(meterOfIt.look(0)).not.toHaveProperty('contextSwitches');
    const before = countSwitches(pid);
    await waitUntil('it has worked', () => countSwitches(pid) > before + 100);
    const seen = meterOfIt.look(100)!.contextSwitches!;
    const after = countSwitches(pid);
    // What happens between two readings belongs to either.
    expect(seen).toBeGreaterThanOrEqual(100);
    expect(seen).toBeLessThanOrEqual(after - before + 100);
  });

  it('takes up threads that begin and drops those that end', async () => {
    const { pid } = start(`
      const { Worker } = require('node:worker_threads');
      let worker;
      setInterval(async () => {
        if (worker) await worker.terminate();
        worker = new Worker('setInterval(() => { for (let i = 0; i < 1e6; i++); }, 1)', { eval: true });
      }, 60);`);
    const meterOfIt = meter(pid);
    const counts = new Set<number>();
    await waitUntil('numbers of threads have come and gone', () => {
      const sample = meterOfIt.look(20);
      if (sample) counts.add(sample.threads);
      return counts.size > 1 && sample?.busiestThread !== undefined && sample.busiestThread > 0;
    });
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
