const FIRST_BACKOFF_MS = 10;
const LONGEST_BACKOFF_MS = 1000;
/** What browsers wait before they connect again, when the server has not said. */
const DEFAULT_RETRY_MS = 3000;

/** How long one connection waits before it connects again. Others wait for other times, and in every run for the same. */
export class ReconnectPace {
  private jitter: number;

  /** @param slot of the connection in its thread */
  constructor(slot: number) {
    this.jitter = slot + 1;
  }

  /** Doubles from 10 ms to 1 s, between half and all of it, the same in every run. */
  backoffMs(failures: number): number {
    const longestMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, 10));
    return longestMs * this.nextJitter();
  }

  /**
   * From half to all of the time that the server asked for (NaN: it did not), so that clients that were cut together do
   * not come back together.
   */
  retryMs(askedMs: number, defaultMs: number = DEFAULT_RETRY_MS): number {
    return (Number.isNaN(askedMs) ? defaultMs : askedMs) * this.nextJitter();
  }

  /** A factor from 0.5 to 1, the same in every run. */
  private nextJitter(): number {
    this.jitter = (Math.imul(this.jitter, 1_664_525) + 1_013_904_223) >>> 0;
    return 0.5 + this.jitter / 2 ** 33;
  }
}
