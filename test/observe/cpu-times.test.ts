import { describe, expect, it } from 'vitest';
import {
  coreShares,
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
