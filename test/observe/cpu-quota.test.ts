import { describe, expect, it } from 'vitest';
import {
  findQuotaFiles,
  parseCpuGroups,
  parseQuotaCounters,
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
