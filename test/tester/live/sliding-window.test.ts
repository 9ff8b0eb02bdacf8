import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingWindow } from '../../../src/tester/live/sliding-window.ts';

describe('the sliding window', () => {
  it('has no mean before the first interval', () => {
    expect(new SlidingWindow().meanPerSec()).toBeNull();
  });

  it('is the mean of what there is until it is full', () => {
    const window = new SlidingWindow(10);
    window.push(100, 1000);
    expect(window.meanPerSec()).toBe(100);
    window.push(200, 1000);
    expect(window.meanPerSec()).toBe(150);
  });

  it('forgets what is older than its ten intervals', () => {
    const window = new SlidingWindow();
    window.push(1_000_000, 1000);
    for (let second = 0; second < 9; second++) window.push(0, 1000);
    expect(window.meanPerSec()).toBe(100_000);
    window.push(0, 1000);
    expect(window.meanPerSec()).toBe(0);
  });

  it('weighs intervals by their length', () => {
    const window = new SlidingWindow(2);
    window.push(100, 3000);
    window.push(500, 1000);
    expect(window.meanPerSec()).toBe(200);
  });

  it('is all events of the last intervals over all their time', () => {
    const interval = fc.record({ count: fc.nat(1_000_000), ms: fc.integer({ min: 1, max: 5000 }) });
    fc.assert(
      fc.property(
        fc.array(interval, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        (all, size) => {
          const window = new SlidingWindow(size);
          for (const { count, ms } of all) window.push((count * 1000) / ms, ms);
          const last = all.slice(-size);
          const events = last.reduce((sum, { count }) => sum + count, 0);
          const seconds = last.reduce((sum, { ms }) => sum + ms, 0) / 1000;
          expect(window.meanPerSec()).toBeCloseTo(events / seconds, 5);
        },
      ),
    );
  });
});
