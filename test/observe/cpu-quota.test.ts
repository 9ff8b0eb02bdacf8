import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  findQuotaFiles,
  parseCpuGroups,
  parseQuotaCounters,
  readQuotaFiles,
  throttledShare,
} from '../../src/observe/cpu-quota.ts';

describe('counters of a CPU quota', () => {
  it('are read from the cpu.stat of either generation', () => {
    const first = 'nr_periods 100\nnr_throttled 40\nthrottled_time 123\n';
    const second = 'usage_usec 5\nuser_usec 3\nnr_periods 7\nnr_throttled 2\nthrottled_usec 9\n';
    expect(parseQuotaCounters(first)).toEqual({ periods: 100, throttled: 40 });
    expect(parseQuotaCounters(second)).toEqual({ periods: 7, throttled: 2 });
  });

  it('are absent where the group has no quota to count', () => {
    expect(parseQuotaCounters('usage_usec 5\nuser_usec 3\n')).toBeUndefined();
    expect(parseQuotaCounters('')).toBeUndefined();
  });
});

describe('groups of a process', () => {
  it('are told by controller, and the second generation by having none', () => {
    const text = '12:cpu,cpuacct:/a/b\n5:cpuset:/\n0::/user.slice/x\n';
    expect(parseCpuGroups(text)).toEqual({ v1: '/a/b', v2: '/user.slice/x' });
  });

  it('cpuset is another controller than cpu', () => {
    expect(parseCpuGroups('5:cpuset:/c\n')).toEqual({});
  });

  it('have no files when the process is gone', () => {
    expect(findQuotaFiles(2 ** 30)).toEqual([]);
  });
});

describe('quota files', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ssee-cgroup-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const find = (): string[] =>
    findQuotaFiles(7, {
      proc: join(root, 'proc'),
      v1: [join(root, 'fs/cpu'), join(root, 'fs/cpu,cpuacct')],
      v2: [join(root, 'fs'), join(root, 'fs/unified')],
    }).map((file) => file.slice(root.length + 1));
  const throttled = (before: ReturnType<typeof readQuotaFiles>): number | undefined =>
    throttledShare(readQuotaFiles(find().map((file) => join(root, file))), before);
  const stat = (periods: number, stopped: number, unit: string): string =>
    `nr_periods ${periods}\nnr_throttled ${stopped}\nthrottled_${unit} 5\n`;

  it('of the first generation are those of the cpu controller, of the group and all above it', () => {
    put('proc/7/cgroup', '9:cpu,cpuacct:/a/b\n5:memory:/m\n0::/\n');
    put('fs/cpu,cpuacct/a/cpu.stat', stat(10, 1, 'time'));
    put('fs/cpu,cpuacct/a/b/cpu.stat', stat(10, 6, 'time'));
    put('fs/cpu,cpuacct/other/cpu.stat', stat(10, 10, 'time'));
    expect(find()).toEqual(['fs/cpu,cpuacct/a/cpu.stat', 'fs/cpu,cpuacct/a/b/cpu.stat']);
    expect(throttled(new Map())).toBe(0.6);
  });

  it('of the second generation are those of the one tree, and a group without a quota counts for nothing', () => {
    put('proc/7/cgroup', '0::/user.slice/x\n');
    put('fs/user.slice/cpu.stat', 'usage_usec 5\n');
    put('fs/user.slice/x/cpu.stat', stat(20, 5, 'usec'));
    expect(find()).toEqual(['fs/user.slice/cpu.stat', 'fs/user.slice/x/cpu.stat']);
    const before = readQuotaFiles(find().map((file) => join(root, file)));
    put('fs/user.slice/x/cpu.stat', stat(40, 20, 'usec'));
    expect(throttled(before)).toBe(0.75);
  });

  it('of a hybrid system are those of both', () => {
    put('proc/7/cgroup', '3:cpu:/a\n0::/x\n');
    put('fs/cpu/a/cpu.stat', stat(1, 0, 'time'));
    put('fs/unified/x/cpu.stat', stat(1, 1, 'usec'));
    expect(find()).toEqual(['fs/cpu/a/cpu.stat', 'fs/unified/x/cpu.stat']);
  });
});

describe('the throttled share', () => {
  const counters = (periods: number, throttled: number) => ({ periods, throttled });

  it('is that of the tightest quota, since the first reading', () => {
    const before = new Map([['inner', counters(10, 5)]]);
    const after = new Map([
      ['inner', counters(110, 25)],
      ['outer', counters(100, 60)],
    ]);
    expect(throttledShare(after, before)).toBe(0.6);
  });

  it('is not known where no quota had a period', () => {
    expect(throttledShare(new Map(), new Map())).toBeUndefined();
    expect(
      throttledShare(new Map([['a', counters(3, 1)]]), new Map([['a', counters(3, 1)]])),
    ).toBeUndefined();
  });
});
