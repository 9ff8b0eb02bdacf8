import fc from 'fast-check';
import { build, decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { LatencyRecorder } from '../../src/tester/latency-recorder.ts';

const latencyUs = fc.oneof(fc.nat(5000), fc.integer({ min: 0, max: 3_600_000_000 }));

function recorderOf(values: number[]): LatencyRecorder {
  const recorder = new LatencyRecorder();
  for (const value of values) recorder.recordUs(value, 1);
  return recorder;
}

describe('the latency recorder', () => {
  it('has nothing to say without samples', () => {
    expect(new LatencyRecorder().summarize()).toBeNull();
  });

  it('answers like HdrHistogram, with exact count, extremes and mean beside it', () => {
    fc.assert(
      fc.property(fc.array(latencyUs, { minLength: 1, maxLength: 200 }), (values) => {
        const reference = build({
          lowestDiscernibleValue: 1,
          highestTrackableValue: 3.6e9,
          numberOfSignificantValueDigits: 3,
          bitBucketSize: 32,
        });
        for (const value of values) reference.recordValue(value);
        const summary = recorderOf(values).summarize()!;
        const max = Math.max(...values);
        expect(summary.count).toBe(values.length);
        expect(summary.min).toBe(Math.min(...values));
        expect(summary.max).toBe(max);
        expect(summary.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 3);
        for (const [key, percent] of [
          ['p50', 50],
          ['p90', 90],
          ['p99', 99],
          ['p999', 99.9],
        ] as const) {
          expect(summary[key]).toBe(
            Math.min(max, Math.max(summary.min, reference.getValueAtPercentile(percent))),
          );
        }
        const decoded = decodeFromCompressedBase64(summary.histogram);
        expect(decoded.totalCount).toBe(values.length);
        expect(decoded.getValueAtPercentile(50)).toBe(reference.getValueAtPercentile(50));
      }),
    );
  });

  it('rounds milliseconds to microseconds and takes negative ones for 0', () => {
    const recorder = new LatencyRecorder();
    recorder.recordMs(1.2344);
    recorder.recordMs(-0.5);
    expect(recorder.summarize()).toMatchObject({ min: 0, max: 1234 });
  });

  it('keeps counts beyond 32 bits', () => {
    const recorder = new LatencyRecorder();
    recorder.recordUs(0, 5e9);
    recorder.recordUs(7, 4e9);
    const summary = recorder.summarize()!;
    expect(summary).toMatchObject({ count: 9e9, p50: 0, p90: 7 });
    expect(decodeFromCompressedBase64(summary.histogram, 64).totalCount).toBe(9e9);
  });

  it('counts more than an hour as an hour and keeps the maximum exact', () => {
    expect(recorderOf([5_000_000_001]).summarize()).toMatchObject({ count: 1, max: 5_000_000_001 });
  });
});
