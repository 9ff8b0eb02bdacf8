import { describe, expect, it } from 'vitest';
import { parseCpuTimes, readCpuTimes, subtractCpuTimes } from '../../src/observe/cpu-times.ts';

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
