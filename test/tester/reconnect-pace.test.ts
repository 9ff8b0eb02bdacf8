import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReconnectPace } from '../../src/tester/reconnect-pace.ts';

const slot = fc.nat(65_000);

describe('the pace of reconnects', () => {
  it('backs off from half to all of 10 ms, doubled with each failure up to a second', () => {
    fc.assert(
      fc.property(slot, fc.integer({ min: 1, max: 100 }), (number, failures) => {
        const longestMs = Math.min(1000, 10 * 2 ** (failures - 1));
        const ms = new ReconnectPace(number).backoffMs(failures);
        expect(ms).toBeGreaterThanOrEqual(longestMs / 2);
        expect(ms).toBeLessThanOrEqual(longestMs);
      }),
    );
  });

  it('takes the time of the server, else that of the options, else 3 s', () => {
    const expectWithin = (ms: number, longestMs: number): void => {
      expect(ms).toBeGreaterThanOrEqual(longestMs / 2);
      expect(ms).toBeLessThanOrEqual(longestMs);
    };
    expectWithin(new ReconnectPace(1).retryMs(40, 500), 40);
    expectWithin(new ReconnectPace(1).retryMs(Number.NaN, 500), 500);
    expectWithin(new ReconnectPace(1).retryMs(Number.NaN), 3000);
    expect(new ReconnectPace(1).retryMs(0, 500)).toBe(0);
  });

  it('is the same in every run, and another for another slot', () => {
    const take = (number: number): number[] => {
      const pace = new ReconnectPace(number);
      return Array.from({ length: 5 }, () => pace.retryMs(1000));
    };
    expect(take(3)).toEqual(take(3));
    expect(take(3)).not.toEqual(take(4));
    expect(new Set(take(3)).size).toBe(5);
  });
});
