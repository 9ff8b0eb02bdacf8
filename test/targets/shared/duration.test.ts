import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGoDurationMs } from '../../../targets/shared/duration.ts';

describe('durations as Go writes them', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['5ms', 5],
    ['1.5s', 1500],
    ['.5s', 500],
    ['1.s', 1000],
    ['1m30s', 90_000],
    ['2h', 7_200_000],
    ['250us', 0.25],
    ['250µs', 0.25],
    ['1000ns', 0.001],
    ['1s1ms', 1001],
  ])('%s is %d ms', (text, ms) => {
    expect(parseGoDurationMs(text)).toBeCloseTo(ms, 9);
  });

  it.each(['', '5', 'ms', '-5ms', '5 ms', '5d', '.s', '1e3ms', '5ms ', '5MS'])('%j is none', (text) => {
    expect(parseGoDurationMs(text)).toBeUndefined();
  });

  it('adds up its parts', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(1000), fc.nat(100_000), (minutes, seconds, ms) => {
        expect(parseGoDurationMs(`${minutes}m${seconds}s${ms}ms`)).toBe(
          minutes * 60_000 + seconds * 1000 + ms,
        );
      }),
    );
  });
});
