import type { ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Counters, StreamEnd } from '../shared/counters.ts';
import { COMMENT, formatEvent, wallClockUs } from '../shared/event-format.ts';
import type { StreamQuery } from '../shared/stream-query.ts';

/** With flush=false bytes are held back until so many have gathered: the size of Go's write buffer. */
const UNFLUSHED_BYTES = 4096;

/** Writes in one turn of the event loop while a stream is behind its schedule; then others get theirs. */
const WRITES_PER_TURN = 64;

/** One response in progress. All times are performance.now(). */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #query: StreamQuery;
  readonly #counters: Counters;
  #seq: number;
  readonly #lastSeq: number;
  /** Number of bursts written; the next is due at first + bursts * interval, so lateness does not add up. */
  #bursts = 0;
  #firstDueMs = 0;
  /** When the last event or comment was due or written, for the heartbeat. */
  #lastSignMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  #held = '';
  #heldEvents = 0;
  #heldComments = 0;
  #ended = false;
  #writeFailed = false;
  readonly #resume = (): void => this.#sendDue();

  constructor(response: ServerResponse, query: StreamQuery, counters: Counters, after: number) {
    this.#response = response;
    this.#query = query;
    this.#counters = counters;
    this.#seq = after;
    this.#lastSeq = query.count === 0 ? Number.POSITIVE_INFINITY : after + query.count;
  }

  start(): void {
    this.#counters.streamsOpen++;
    // node:http emits 'finish' even where the last writes failed because the socket was destroyed.
    this.#response.once('finish', () => this.#end(this.#writeFailed ? 'client-closed' : 'completed'));
    this.#response.once('close', () => this.#end('client-closed'));
    const headDueMs = performance.now() + this.#query.headMs;
    this.#waitUntil(headDueMs, () => this.#sendHead());
  }

  #sendHead(): void {
    this.#response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache',
      'X-Accel-Buffering': 'no',
    });
    if (this.#query.flush) this.#response.flushHeaders();
    this.#lastSignMs = performance.now();
    this.#firstDueMs = this.#lastSignMs + this.#query.firstMs;
    this.#sendDue();
  }

  /** Writes everything that is due and arranges for the next time. */
  #sendDue(): void {
    for (let writes = 0; ; writes++) {
      const burstDueMs = this.#firstDueMs + this.#bursts * this.#query.intervalMs;
      const commentDueMs =
        this.#query.heartbeatMs > 0 ? this.#lastSignMs + this.#query.heartbeatMs : Number.POSITIVE_INFINITY;
      const dueMs = Math.min(burstDueMs, commentDueMs);
      if (dueMs > performance.now()) {
        this.#waitUntil(dueMs, this.#resume);
        return;
      }
      if (writes === WRITES_PER_TURN) {
        this.#turn = setImmediate(this.#resume);
        return;
      }
      if (burstDueMs <= commentDueMs) this.#holdBurst();
      else this.#holdComment(commentDueMs);
      const isLast = this.#seq >= this.#lastSeq;
      const mayGoOn =
        isLast || this.#query.flush || this.#held.length >= UNFLUSHED_BYTES ? this.#send() : true;
      if (isLast) {
        this.#response.end();
        return;
      }
      if (!mayGoOn) {
        this.#response.once('drain', this.#resume);
        return;
      }
    }
  }

  #holdBurst(): void {
    this.#bursts++;
    this.#lastSignMs = performance.now();
    const tsUs = wallClockUs();
    for (let k = 0; k < this.#query.burst && this.#seq < this.#lastSeq; k++) {
      this.#seq++;
      this.#held += formatEvent(this.#seq, tsUs, this.#query.sizeBytes);
      this.#heldEvents++;
    }
  }

  #holdComment(dueMs: number): void {
    this.#lastSignMs = dueMs;
    this.#held += COMMENT;
    this.#heldComments++;
  }

  /** False when the socket's buffer is full: wait for 'drain'. */
  #send(): boolean {
    const text = this.#held;
    const events = this.#heldEvents;
    const comments = this.#heldComments;
    this.#held = '';
    this.#heldEvents = 0;
    this.#heldComments = 0;
    // The text is ASCII throughout, so its length is its bytes.
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

  #waitUntil(dueMs: number, then: () => void): void {
    const waitMs = dueMs - performance.now();
    if (waitMs <= 0) {
      then();
      return;
    }
    // Timers count whole milliseconds and may be early by a fraction; #sendDue looks at the clock again.
    this.#timer = setTimeout(then, Math.ceil(waitMs));
  }

  #end(end: StreamEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    this.#response.off('drain', this.#resume);
    this.#counters.streams[end]++;
    this.#counters.streamsOpen--;
  }
}
