const ROOM_BYTES = 32;
/** An id that is longer is taken for none: each connection keeps two, and servers refuse heads far below a megabyte. */
const MOST_BYTES = 8192;

/**
 * The id that an EventSource would ask its server to go on after (HTML 9.2): the last `id` field before the last blank
 * line. Bytes in buffers of its own: nothing is allocated for ids that are no longer than those before.
 */
export class LastEventId {
  /** Of the event in progress; `pendingLength` is -1 where it has none. */
  private pending = Buffer.allocUnsafeSlow(ROOM_BYTES);
  private pendingLength = -1;
  private settled = Buffer.allocUnsafeSlow(ROOM_BYTES);
  private settledLength = 0;

  /** An `id` field. */
  set(buf: Uint8Array, start: number, end: number): void {
    const length = end - start <= MOST_BYTES ? end - start : 0;
    if (length > this.pending.length) this.pending = Buffer.allocUnsafeSlow(length * 2);
    const { pending } = this;
    for (let at = 0; at < length; at++) pending[at] = buf[start + at]!;
    this.pendingLength = length;
  }

  /** A blank line: what came before it counts, whether it made an event or not. */
  settle(): void {
    if (this.pendingLength < 0) return;
    const freed = this.settled;
    this.settled = this.pending;
    this.settledLength = this.pendingLength;
    this.pending = freed;
    this.pendingLength = -1;
  }

  /** The stream broke off: an event without its blank line never was. */
  dropPending(): void {
    this.pendingLength = -1;
  }

  /** Another stream begins. */
  reset(): void {
    this.pendingLength = -1;
    this.settledLength = 0;
  }

  /** With one character per byte; empty without an id, or where the server has emptied it. */
  toString(): string {
    return this.settled.toString('latin1', 0, this.settledLength);
  }
}
