import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { TesterLatency } from '../model/tester-report.ts';

/** An hour. Longer values count in the last bucket; `max` and `mean` stay exact. */
const HIGHEST_US = 3_600_000_000;
/** Three significant digits: 2048 values of one microsecond, then 1024 per doubling. */
const LINEAR_VALUES = 2048;
const SUB_BUCKETS = 1024;
const BUCKETS = bucketOf(HIGHEST_US) + 1;

/** A recorder as plain arrays that can change threads. */
export interface LatencyData {
  counts: Float64Array;
  exact: Float64Array;
}

/**
 * Latencies in integer microseconds, in the buckets of HdrHistogram (1 us to 1 h, three digits).
 *
 * Counting happens here and not in the library: finding the bucket takes one `clz32`, and counts above 2^32 (gaps of
 * bulk streams reach that in minutes) do not wrap. Typed arrays only, so that a thread can hand its recorder over.
 */
export class LatencyRecorder {
  private readonly counts: Float64Array;
  /** count, sum, min, max */
  private readonly exact: Float64Array;

  /** @param data what a recorder has seen so far: gone on with, not copied; none for a new one */
  constructor(data?: LatencyData) {
    this.counts = data?.counts ?? new Float64Array(BUCKETS);
    this.exact = data?.exact ?? new Float64Array([0, 0, Number.POSITIVE_INFINITY, 0]);
  }

  /** Record a duration in milliseconds as the clock gives it; negative ones count as 0. */
  recordMs(ms: number): void {
    this.recordUs(ms > 0 ? Math.round(ms * 1000) : 0, 1);
  }

  /** @param us whole microseconds, not negative */
  recordUs(us: number, times: number): void {
    const exact = this.exact;
    exact[0]! += times;
    exact[1]! += us * times;
    if (us < exact[2]!) exact[2] = us;
    if (us > exact[3]!) exact[3] = us;
    this.counts[bucketOf(Math.min(us, HIGHEST_US))]! += times;
  }

  get count(): number {
    return this.exact[0]!;
  }

  get sumUs(): number {
    return this.exact[1]!;
  }

  /** The arrays themselves: to be handed to another thread, and then not to be used here any more. */
  get data(): LatencyData {
    return { counts: this.counts, exact: this.exact };
  }

  /** Add what another recorder has seen. */
  add({ counts, exact }: LatencyData): void {
    const mine = this.exact;
    mine[0]! += exact[0]!;
    mine[1]! += exact[1]!;
    mine[2] = Math.min(mine[2]!, exact[2]!);
    mine[3] = Math.max(mine[3]!, exact[3]!);
    for (let bucket = 0; bucket < BUCKETS; bucket++) this.counts[bucket]! += counts[bucket]!;
  }

  /** Samples of at most `us`, exact up to the width of one bucket (0.1 %). */
  countUpTo(us: number): number {
    const last = bucketOf(Math.min(us, HIGHEST_US));
    let count = 0;
    for (let bucket = 0; bucket <= last; bucket++) count += this.counts[bucket]!;
    return count;
  }

  /** The value that `percent` of the samples do not exceed, within 0.1 %. Null without samples. */
  percentileUs(percent: number): number | null {
    const [count, , min, max] = this.exact as unknown as [number, number, number, number];
    if (count === 0) return null;
    const rank = Math.max(1, Math.ceil((percent / 100) * count));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.counts[bucket]!;
      if (seen >= rank) return Math.max(min, Math.min(max, lowestIn(bucket + 1) - 1));
    }
    return max;
  }

  /** Every bucket that holds samples: its lowest value and their number, ascending. */
  forEachBucket(visit: (lowestUs: number, times: number) => void): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const times = this.counts[bucket]!;
      if (times > 0) visit(lowestIn(bucket), times);
    }
  }

  /** Percentiles from the buckets (within 0.1 %), the rest exact. Null without samples. */
  summarize(): TesterLatency | null {
    const [count, sum, min, max] = this.exact as unknown as [number, number, number, number];
    if (count === 0) return null;
    const histogram = build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: HIGHEST_US,
      numberOfSignificantValueDigits: 3,
      // Counts may exceed 32 bits; the encoding is the same.
      bitBucketSize: 64,
      useWebAssembly: false,
    });
    this.forEachBucket((us, times) => histogram.recordValueWithCount(us, times));
    // A bucket answers with its upper edge, which may lie beyond the greatest sample.
    const at = (percent: number): number =>
      Math.max(min, Math.min(max, histogram.getValueAtPercentile(percent)));
    return {
      count,
      min,
      max,
      mean: sum / count,
      p50: at(50),
      p90: at(90),
      p99: at(99),
      p999: at(99.9),
      histogram: encodeIntoCompressedBase64(histogram),
    };
  }
}

function bucketOf(us: number): number {
  if (us < LINEAR_VALUES) return us;
  // HIGHEST_US needs 32 bits: unsigned shifts throughout.
  const shift = 21 - Math.clz32(us);
  return shift * SUB_BUCKETS + (us >>> shift);
}

function lowestIn(bucket: number): number {
  if (bucket < LINEAR_VALUES) return bucket;
  const shift = Math.floor(bucket / SUB_BUCKETS) - 1;
  return (bucket - shift * SUB_BUCKETS) * 2 ** shift;
}
