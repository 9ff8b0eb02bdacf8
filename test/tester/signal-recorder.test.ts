import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSignals, SignalRecorder, summarizeSignals } from '../../src/tester/signal-recorder.ts';

describe('signals of a load', () => {
  it('stand in the interval in which what they tell of began', () => {
    const recorder = new SignalRecorder(1000, 300, 100);
    recorder.countEvents(3, 1000);
    recorder.countCompleted(1150);
    recorder.countFailed(1299);
    recorder.recordTtfe(1099, 500);
    recorder.recordGap(1100, 20);
    expect(summarizeSignals(recorder.data)).toMatchObject({
      intervalMs: 100,
      events: [3, 0, 0],
      completed: [0, 1, 0],
      failed: [0, 0, 1],
      ttfe: { count: [1, 0, 0], maxUs: [500_000, null, null] },
      gap: { count: [0, 1, 0], maxUs: [null, 20_000, null] },
    });
  });

  it('of what comes before or after the window stand in its first and last interval', () => {
    const recorder = new SignalRecorder(1000, 200, 100);
    recorder.countFailed(900);
    recorder.countEvents(1, 5000);
    expect(summarizeSignals(recorder.data)).toMatchObject({ failed: [1, 0], events: [0, 1] });
  });

  it('have percentiles within 9 % of the truth, and never above the greatest', () => {
    const latency = fc.double({ min: 0.001, max: 3_000_000, noNaN: true });
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 50 }), (tookMs) => {
        const recorder = new SignalRecorder(0, 100, 100);
        for (const ms of tookMs) recorder.recordGap(0, ms);
        const { gap } = summarizeSignals(recorder.data);
        const sorted = tookMs.map((ms) => ms * 1000).sort((a, b) => a - b);
        const truth = sorted[Math.ceil(0.5 * sorted.length) - 1]!;
        expect(gap.p50Us[0]).toBeGreaterThanOrEqual(truth - 1);
        expect(gap.p50Us[0]).toBeLessThanOrEqual(truth * 1.0906 + 1.5);
        expect(gap.p99Us[0]).toBeLessThanOrEqual(gap.maxUs[0]!);
      }),
    );
  });

  it('of several threads add up, and stay as they were for each', () => {
    const [a, b] = [new SignalRecorder(0, 100, 100), new SignalRecorder(0, 100, 100)];
    a.countEvents(2, 0);
    b.countEvents(3, 0);
    a.recordTtfe(0, 1);
    b.recordTtfe(0, 9);
    const sum = summarizeSignals(mergeSignals([a.data, b.data]));
    expect(sum).toMatchObject({ events: [5], ttfe: { count: [2], maxUs: [9000] } });
    expect(summarizeSignals(a.data).events).toEqual([2]);
  });
});
