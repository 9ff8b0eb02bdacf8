import { build } from 'hdr-histogram-js';

/** A day: nothing on a wire takes longer, so a greater difference comes from a damaged time stamp. */
const HIGHEST_US = 86_400_000_000;

/** Microseconds of one latency, to three digits in constant memory; maximum and mean are exact. */
export interface LatencyRecord {
  /** Differences that are NaN, negative or above a day are left out. */
  add(us: number): void;
  count(): number;
  /** Integer microseconds; call only when count() > 0. */
  percentile(percent: number): number;
  max(): number;
  /** Rounded to whole microseconds; call only when count() > 0. */
  mean(): number;
}

export function createLatencyRecord(): LatencyRecord {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
    useWebAssembly: false,
  });
  let max = 0;
  let sum = 0;
  return {
    add(us) {
      if (!(us >= 0 && us <= HIGHEST_US)) return;
      const rounded = Math.round(us);
      histogram.recordValue(rounded);
      if (rounded > max) max = rounded;
      sum += rounded;
    },
    count: () => histogram.totalCount,
    // The histogram answers with the top of its bucket, which may lie above the largest value seen.
    percentile: (percent) => Math.min(histogram.getValueAtPercentile(percent), max),
    max: () => max,
    mean: () => Math.round(sum / histogram.totalCount),
  };
}
