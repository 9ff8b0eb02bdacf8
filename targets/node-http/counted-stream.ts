import type { ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Counters, StreamEnd } from '../shared/counters.ts';

/**
 * A response that goes out piece by piece on a schedule. What the kernel takes and how the stream ends is counted
 * here; nothing that was arranged for later happens after the end. All times are performance.now().
 */
export class CountedStream {
  readonly #response: ServerResponse;
  readonly #counters: Counters;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  #drain: (() => void) | undefined;
  #ended = false;
  #writeFailed = false;

  constructor(response: ServerResponse, counters: Counters) {
    this.#response = response;
    this.#counters = counters;
  }

  /** From here on the stream counts as open, even before its head is sent. */
  open(): void {
    this.#counters.streamsOpen++;
    // node:http emits 'finish' even where the last writes failed because the socket was destroyed.
    this.#response.once('finish', () => this.#close(this.#writeFailed ? 'client-closed' : 'completed'));
    this.#response.once('close', () => this.#close('client-closed'));
  }

  /** With `flush` the head goes out now, else with the first bytes of the body; with `close` it is the connection's last. */
  sendHead(flush: boolean, close = false): void {
    this.#response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache',
      'X-Accel-Buffering': 'no',
      ...(close ? { Connection: 'close' } : {}),
    });
    if (flush) this.#response.flushHeaders();
  }

  /**
   * One HTTP chunk.
   * @param text ASCII only: its length counts as its bytes
   * @returns false when the socket's buffer is full: wait for `onDrain`
   */
  write(text: string, events: number, comments: number): boolean {
    return this.#response.write(text, 'latin1', (error) => {
      if (error) {
        this.#writeFailed = true;
        return;
      }
      this.#counters.events += events;
      this.#counters.comments += comments;
      this.#counters.bodyBytes += text.length;
    });
  }

  end(): void {
    this.#response.end();
  }

  /** Ends the connection by an RST. */
  reset(): void {
    this.#close('reset');
    this.#response.socket?.resetAndDestroy();
  }

  /** Calls now where the time has come already. */
  waitUntil(dueMs: number, then: () => void): void {
    const waitMs = dueMs - performance.now();
    if (waitMs <= 0) {
      then();
      return;
    }
    // Timers count whole milliseconds and may be early by a fraction; schedules look at the clock again.
    this.#timer = setTimeout(then, Math.ceil(waitMs));
  }

  /** After the other events of this turn of the event loop. */
  onNextTurn(then: () => void): void {
    this.#turn = setImmediate(then);
  }

  onDrain(then: () => void): void {
    this.#drain = then;
    this.#response.once('drain', then);
  }

  #close(end: StreamEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    if (this.#drain) this.#response.off('drain', this.#drain);
    this.#counters.streams[end]++;
    this.#counters.streamsOpen--;
  }
}
