import type { TesterSignals } from '../model/tester-report.ts';

/** Buckets of 1/8 octave from 1 us to 2^32 us (over an hour): a percentile is right within 9 %. */
const PER_OCTAVE = 8;
const OCTAVES = 32;
const BUCKETS = PER_OCTAVE * OCTAVES;

/** Latencies by the interval in which they began. */
export interface LatencyGrid {
  /** `interval * BUCKETS + bucket` */
  counts: Uint32Array;
  maxUs: Float64Array;
}

/** Signals as data that can change threads. */
export interface SignalData {
  intervalMs: number;
  events: Float64Array;
  completed: Float64Array;
  failed: Float64Array;
  ttfe: LatencyGrid;
  gap: LatencyGrid;
}

/**
 * What a load saw in each short interval, for judging what a fault did and when. Latencies and failures belong to the
 * interval in which they began, so that they point at their cause and not at its end: a stop of a second shows where it
 * began although every gap that it made ends with it.
 */
export class SignalRecorder {
  readonly data: SignalData;
  private readonly startMs: number;
  private readonly last: number;

  /** @param startMs start of the window on the clock of all times given later */
  constructor(startMs: number, durationMs: number, intervalMs: number) {
    const intervals = Math.max(1, Math.ceil(durationMs / intervalMs));
    this.startMs = startMs;
    this.last = intervals - 1;
    const grid = (): LatencyGrid => ({
      counts: new Uint32Array(intervals * BUCKETS),
      maxUs: new Float64Array(intervals),
    });
    this.data = {
      intervalMs,
      events: new Float64Array(intervals),
      completed: new Float64Array(intervals),
      failed: new Float64Array(intervals),
      ttfe: grid(),
      gap: grid(),
    };
  }

  countEvents(count: number, atMs: number): void {
    this.data.events[this.intervalOf(atMs)]! += count;
  }

  countCompleted(atMs: number): void {
    this.data.completed[this.intervalOf(atMs)]!++;
  }

  /** @param sinceMs when the stream was last well: its last sign of life, or its start where it never gave one */
  countFailed(sinceMs: number): void {
    this.data.failed[this.intervalOf(sinceMs)]!++;
  }

  recordTtfe(beganMs: number, tookMs: number): void {
    this.record(this.data.ttfe, beganMs, tookMs);
  }

  recordGap(beganMs: number, tookMs: number): void {
    this.record(this.data.gap, beganMs, tookMs);
  }

  private record(grid: LatencyGrid, beganMs: number, tookMs: number): void {
    const interval = this.intervalOf(beganMs);
    const us = tookMs > 0 ? tookMs * 1000 : 0;
    grid.counts[interval * BUCKETS + bucketOf(us)]!++;
    if (us > grid.maxUs[interval]!) grid.maxUs[interval] = us;
  }

  /** What comes after the window (streams that drain) is no part of it: it counts where the window ends. */
  private intervalOf(atMs: number): number {
    const interval = ((atMs - this.startMs) / this.data.intervalMs) | 0;
    return interval < 0 ? 0 : Math.min(interval, this.last);
  }
}

/** The signals of several threads that began together as one. */
export function mergeSignals(parts: readonly SignalData[]): SignalData {
  const [first, ...others] = structuredClone(parts);
  if (!first) throw new Error('no signals to merge');
  for (const part of others) {
    addTo(first.events, part.events);
    addTo(first.completed, part.completed);
    addTo(first.failed, part.failed);
    for (const name of ['ttfe', 'gap'] as const) {
      addTo(first[name].counts, part[name].counts);
      for (let i = 0; i < first[name].maxUs.length; i++) {
        first[name].maxUs[i] = Math.max(first[name].maxUs[i]!, part[name].maxUs[i]!);
      }
    }
  }
  return first;
}

/** Figures per interval; null where an interval has no sample. */
export function summarizeSignals(data: SignalData): TesterSignals {
  return {
    intervalMs: data.intervalMs,
    events: [...data.events],
    completed: [...data.completed],
    failed: [...data.failed],
    ttfe: summarizeGrid(data.ttfe),
    gap: summarizeGrid(data.gap),
  };
}

function summarizeGrid({ counts, maxUs }: LatencyGrid): TesterSignals['ttfe'] {
  const summary: TesterSignals['ttfe'] = { count: [], p50Us: [], p90Us: [], p99Us: [], maxUs: [] };
  for (let interval = 0; interval < maxUs.length; interval++) {
    const row = counts.subarray(interval * BUCKETS, (interval + 1) * BUCKETS);
    const count = row.reduce((total, times) => total + times, 0);
    const max = Math.round(maxUs[interval]!);
    const at = (share: number): number | null =>
      count === 0 ? null : Math.min(max, percentileUs(row, Math.max(1, Math.ceil(share * count))));
    summary.count.push(count);
    summary.p50Us.push(at(0.5));
    summary.p90Us.push(at(0.9));
    summary.p99Us.push(at(0.99));
    summary.maxUs.push(count === 0 ? null : max);
  }
  return summary;
}

function percentileUs(row: Uint32Array, rank: number): number {
  let seen = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    seen += row[bucket]!;
    if (seen >= rank) return Math.round(2 ** ((bucket + 1) / PER_OCTAVE));
  }
  return 2 ** OCTAVES;
}

function bucketOf(us: number): number {
  if (us < 1) return 0;
  const bucket = (Math.log2(us) * PER_OCTAVE) | 0;
  return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

function addTo(sum: Float64Array | Uint32Array, part: Float64Array | Uint32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += part[i]!;
}
