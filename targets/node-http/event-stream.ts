import { performance } from 'node:perf_hooks';
import { COMMENT, formatEvent, wallClockUs } from '../shared/event-format.ts';
import type { StreamQuery } from '../shared/stream-query.ts';
import type { CountedStream } from './counted-stream.ts';
import type { Flaw } from './flaw.ts';

/** With flush=false bytes are held back until so many have gathered: the size of Go's write buffer. */
const UNFLUSHED_BYTES = 4096;

/** Writes in one turn of the event loop while a stream is behind its schedule; then others get theirs. */
export const WRITES_PER_TURN = 64;

/** One response in progress. All times are performance.now(). */
export class EventStream {
  readonly #stream: CountedStream;
  readonly #query: StreamQuery;
  #seq: number;
  readonly #lastSeq: number;
  /** Number of bursts written; the next is due at first + bursts * interval, so lateness does not add up. */
  #bursts = 0;
  #firstDueMs = 0;
  /** When the last event or comment was due or written, for the heartbeat. */
  #lastSignMs = 0;
  #held = '';
  #heldEvents = 0;
  #heldComments = 0;
  readonly #flaw: Flaw;
  /** Sequence number behind which the stream is reset on purpose. */
  readonly #resetBehind: number;
  readonly #resume = (): void => this.#sendDue();

  constructor(stream: CountedStream, query: StreamQuery, after: number, flaw: Flaw) {
    this.#stream = stream;
    this.#flaw = flaw;
    this.#resetBehind = flaw.resetsStream() ? after + 1 : Number.POSITIVE_INFINITY;
    this.#query = query;
    this.#seq = after;
    this.#lastSeq = query.count === 0 ? Number.POSITIVE_INFINITY : after + query.count;
  }

  start(): void {
    this.#stream.open();
    const headDueMs = performance.now() + this.#query.headMs;
    this.#stream.waitUntil(headDueMs, () => this.#sendHead());
  }

  #sendHead(): void {
    this.#stream.sendHead(this.#query.flush, this.#query.close);
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
        this.#stream.waitUntil(dueMs, this.#resume);
        return;
      }
      if (writes === WRITES_PER_TURN) {
        this.#stream.onNextTurn(this.#resume);
        return;
      }
      if (burstDueMs <= commentDueMs) this.#holdBurst();
      else this.#holdComment(commentDueMs);
      const isLast = this.#seq >= this.#lastSeq;
      const mayGoOn =
        isLast || this.#query.flush || this.#held.length >= UNFLUSHED_BYTES ? this.#send() : true;
      if (this.#seq >= this.#resetBehind) {
        this.#stream.reset();
        return;
      }
      if (isLast) {
        this.#stream.end();
        return;
      }
      if (!mayGoOn) {
        this.#stream.onDrain(this.#resume);
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
      burn(this.#query.cpuMs);
      if (this.#flaw.losesEvent()) continue;
      this.#held += formatEvent(this.#seq, tsUs, this.#query.sizeBytes);
      this.#heldEvents++;
    }
  }

  #holdComment(dueMs: number): void {
    this.#lastSignMs = dueMs;
    this.#held += COMMENT;
    this.#heldComments++;
  }

  /** False when the socket's buffer is full. */
  #send(): boolean {
    if (this.#held === '') return true;
    const mayGoOn = this.#stream.write(this.#held, this.#heldEvents, this.#heldComments);
    this.#held = '';
    this.#heldEvents = 0;
    this.#heldComments = 0;
    return mayGoOn;
  }
}

/** Keeps this thread busy for so long. */
function burn(ms: number): void {
  if (ms <= 0) return;
  for (const untilMs = performance.now() + ms; performance.now() < untilMs; );
}
