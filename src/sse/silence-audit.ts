/** The article's 2.1: a server has to give a sign of life every 30 s. */
export const DEFAULT_SILENCE_LIMIT_MS = 30_000;

/**
 * Silences and heartbeats of all streams of a thread. A sign of life is whatever a stream dispatches, event or comment;
 * when a stream gave its last one is kept by its owner and handed in, in the milliseconds of one monotonic clock.
 *
 * Every time may be NaN for "not yet": the call then starts a silence and measures none.
 */
export class SilenceAudit {
  private readonly limitMs: number;
  /** NaN as long as no stream has been silent from one sign to another or to the end of the run. */
  longestSilenceMs = Number.NaN;
  /** The longest silence was still going on when the run ended: it is at least so long. */
  longestIsOpen = false;
  /** Silences longer than the limit, each counted once, when it ended or when the run did. */
  silencesOverLimit = 0;
  comments = 0;
  /** Longest time from one comment of a stream to its next; NaN as long as no stream has had two. */
  longestCommentIntervalMs = Number.NaN;

  /** @param limitMs silence that is still allowed */
  constructor(limitMs: number = DEFAULT_SILENCE_LIMIT_MS) {
    this.limitMs = limitMs;
  }

  /**
   * A stream gave a sign of life.
   * @param lastSignMs its last one before, or when it began to wait: the response head
   */
  sign(atMs: number, lastSignMs: number): void {
    this.judge(atMs - lastSignMs, false);
  }

  /**
   * The run ended while this stream was open. Its silence is censored: nobody knows how long it would have lasted, so that
   * it counts as over the limit only if it was already. Once per stream, at the end.
   */
  openSilence(atMs: number, lastSignMs: number): void {
    this.judge(atMs - lastSignMs, true);
  }

  /** A comment came, which the owner reports as a `sign` as well. */
  comment(atMs: number, lastCommentMs: number): void {
    this.comments++;
    const intervalMs = atMs - lastCommentMs;
    // Written so that any number is longer than NaN, and NaN than nothing.
    if (intervalMs >= 0 && !(intervalMs <= this.longestCommentIntervalMs)) {
      this.longestCommentIntervalMs = intervalMs;
    }
  }

  private judge(silenceMs: number, isOpen: boolean): void {
    if (silenceMs > this.limitMs) this.silencesOverLimit++;
    if (silenceMs >= 0 && !(silenceMs <= this.longestSilenceMs)) {
      this.longestSilenceMs = silenceMs;
      this.longestIsOpen = isOpen;
    }
  }
}
