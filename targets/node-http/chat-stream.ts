import { performance } from 'node:perf_hooks';
import type { ChatPiece } from '../shared/chat-format.ts';
import type { CountedStream } from './counted-stream.ts';
import { WRITES_PER_TURN } from './event-stream.ts';

/** A streamed answer in progress: each piece is an event and a write of its own. */
export class ChatStream {
  readonly #stream: CountedStream;
  readonly #pieces: Iterator<ChatPiece>;
  #piece: ChatPiece | undefined;
  #startMs = 0;
  readonly #resume = (): void => this.#sendDue();

  constructor(stream: CountedStream, pieces: Iterator<ChatPiece>) {
    this.#stream = stream;
    this.#pieces = pieces;
  }

  start(): void {
    this.#stream.open();
    this.#startMs = performance.now();
    this.#stream.sendHead(true);
    this.#advance();
    this.#sendDue();
  }

  /** Writes everything that is due and arranges for the next time. */
  #sendDue(): void {
    for (let writes = 0; this.#piece !== undefined; writes++) {
      const dueMs = this.#startMs + this.#piece.afterMs;
      if (dueMs > performance.now()) {
        this.#stream.waitUntil(dueMs, this.#resume);
        return;
      }
      if (writes === WRITES_PER_TURN) {
        this.#stream.onNextTurn(this.#resume);
        return;
      }
      const mayGoOn = this.#stream.write(this.#piece.text, 1, 0);
      this.#advance();
      if (!mayGoOn) {
        this.#stream.onDrain(this.#resume);
        return;
      }
    }
    this.#stream.end();
  }

  #advance(): void {
    const next = this.#pieces.next();
    this.#piece = next.done ? undefined : next.value;
  }
}
