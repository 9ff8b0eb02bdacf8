/**
 * The mean rate over the last few intervals: requests per second as a person can read them.
 *
 * Intervals are weighted by their length, so a late timer does not bend the mean; until the window is full the mean is
 * of what there is. At most `size` terms are added anew on every reading: nothing drifts over a long run.
 */
export class SlidingWindow {
  private readonly counts: Float64Array;
  private readonly lengthsMs: Float64Array;
  private next = 0;

  /** @param size intervals that count; @default 10 */
  constructor(size = 10) {
    this.counts = new Float64Array(size);
    this.lengthsMs = new Float64Array(size);
  }

  /** @param intervalMs above 0 */
  push(ratePerSec: number, intervalMs: number): void {
    this.counts[this.next] = (ratePerSec * intervalMs) / 1000;
    this.lengthsMs[this.next] = intervalMs;
    this.next = (this.next + 1) % this.counts.length;
  }

  /** Null before the first interval. */
  meanPerSec(): number | null {
    let count = 0;
    let lengthMs = 0;
    for (let slot = 0; slot < this.counts.length; slot++) {
      count += this.counts[slot]!;
      lengthMs += this.lengthsMs[slot]!;
    }
    return lengthMs > 0 ? (count * 1000) / lengthMs : null;
  }
}
