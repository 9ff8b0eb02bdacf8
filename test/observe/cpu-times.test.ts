import { describe, expect, it } from 'vitest';
import {
  coreShares,
  idleShare,
  parseCoreTimes,
  parseCpuTimes,
  readCpuTimes,
  subtractCpuTimes,
} from '../../src/observe/cpu-times.ts';

describe('parseCpuTimes', () => {
  it('sums the first eight columns, because guest time is in user time already', () => {
    const text = 'cpu  100 10 50 1000 40 5 15 20 90 9\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 5\n';
    expect(parseCpuTimes(text)).toEqual({
      idleS: 10.4,
      irqS: 0.05,
      softirqS: 0.15,
      stealS: 0.2,
      totalS: expect.closeTo(12.4, 9),
    });
  });

  it('rejects another text', () => {
    expect(() => parseCpuTimes('cpu0 1 2 3')).toThrow(/no cpu row/);
  });
});

describe('subtractCpuTimes', () => {
  it('subtracts member by member', () => {
    const before = { idleS: 1, irqS: 2, softirqS: 3, stealS: 4, totalS: 5 };
    const after = { idleS: 10, irqS: 21, softirqS: 32, stealS: 43, totalS: 54 };
    expect(subtractCpuTimes(after, before)).toEqual({
      idleS: 9,
      irqS: 19,
      softirqS: 29,
      stealS: 39,
      totalS: 49,
    });
  });

  it('never runs backwards on this machine', () => {
    const before = readCpuTimes();
    expect(subtractCpuTimes(readCpuTimes(), before).totalS).toBeGreaterThanOrEqual(0);
  });
});

describe('shares of single CPUs', () => {
  const before = parseCoreTimes('cpu  9 9 9 9\ncpu0 10 0 0 90 0 0 0 0\ncpu1 50 0 0 50 0 0 0 0\n');
  it('are what was busy between two readings, in the order of their numbers', () => {
    const after = parseCoreTimes('cpu1 150 0 0 50 0 0 0 0\ncpu0 10 0 0 190 0 0 0 0\n');
    expect(coreShares(after, before)).toEqual([0, 1]);
  });

  it('leave out a CPU that came in between', () => {
    const after = parseCoreTimes('cpu0 60 0 0 140 0 0 0 0\ncpu2 1 0 0 1 0 0 0 0\n');
    expect(coreShares(after, before)).toEqual([0.5]);
  });
});

describe('the idle share of some CPUs', () => {
  const before = parseCoreTimes('cpu0 0 0 0 100 0 0 0 0\ncpu1 0 0 0 100 0 0 0 0\n');
  const after = parseCoreTimes('cpu0 75 0 0 125 0 0 0 0\ncpu1 0 0 0 190 10 0 0 0\n');

  it('is theirs alone, whoever used them', () => {
    expect(idleShare(after, before, [0])).toBe(0.25);
    expect(idleShare(after, before, [1])).toBe(1);
    expect(idleShare(after, before, [0, 1])).toBe(0.625);
    expect(idleShare(after, before)).toBe(0.625);
  });

  it('is not known of a CPU that is not there, or in no time', () => {
    expect(idleShare(after, before, [0, 7])).toBeUndefined();
    expect(idleShare(before, before, [0])).toBeUndefined();
  });
});
