import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatData, formatEvent, wallClockUs } from '../../../targets/shared/event-format.ts';

describe('the format of an event', () => {
  it('is id, data and a blank line', () => {
    expect(formatEvent(3, 17, 0)).toBe('id: 3\ndata: {"seq":3,"ts":17}\n\n');
  });

  it('has data that is JSON with both numbers, and as long as asked unless that is too short', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(200), (seq, tsUs, size) => {
        const data = formatData(seq, tsUs, size);
        expect(JSON.parse(data)).toMatchObject({ seq, ts: tsUs });
        expect(data).toHaveLength(Math.max(size, formatData(seq, tsUs, 0).length));
      }),
    );
  });

  it('has a wall clock in microseconds', () => {
    // Both clocks are read within the same call; the rest is the millisecond that Date.now() cuts off.
    expect(Math.abs(wallClockUs() / 1000 - Date.now())).toBeLessThan(1000);
    expect(Number.isInteger(wallClockUs())).toBe(true);
  });
});
