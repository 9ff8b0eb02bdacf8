import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/**
 * Knows when the first byte of the request being handled was read from its socket.
 *
 * It must hear of data before whoever parses it. In front of node:http that takes a 'data' listener: from then on
 * the parser is fed from the socket's events instead of reading the handle itself, so this listener, put first,
 * runs after the read and before the parse.
 */
export class RequestClock {
  #awaiting = true;
  #firstByteMs = 0;
  #lastReadMs = 0;

  constructor(socket: Socket) {
    socket.prependListener('data', () => {
      this.#lastReadMs = performance.now();
      if (!this.#awaiting) return;
      this.#awaiting = false;
      this.#firstByteMs = this.#lastReadMs;
    });
  }

  /** At the entry of a handler. A pipelined request began with the read that brought its predecessor. */
  beginRequest(): number {
    return this.#awaiting ? this.#lastReadMs : this.#firstByteMs;
  }

  /** When the request was read to its end, body included: the next byte begins another one. */
  endRequest(): void {
    this.#awaiting = true;
  }
}
