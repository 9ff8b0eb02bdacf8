/** Longer ones are not sent: servers refuse heads far below a megabyte, and each connection keeps two of them. */
const MOST_BYTES = 1024;

/**
 * What a client sends as `Last-Event-ID` when it connects again (HTML 9.2.4): the last id of the stream, be it a number or
 * not, the highest or not, once the blank line has come that ends its event. Makes no strings until it is asked.
 */
export class LastEventId {
  private noted: Buffer = Buffer.alloc(0);
  private notedLength = 0;
  private hasNoted = false;
  private settled: Buffer = Buffer.alloc(0);
  private settledLength = 0;

  /** An `id` field. */
  note(buf: Buffer, start: number, end: number): void {
    const length = end - start > MOST_BYTES ? 0 : end - start;
    if (this.noted.length < length) this.noted = Buffer.allocUnsafeSlow(Math.max(32, length));
    buf.copy(this.noted, 0, start, start + length);
    this.notedLength = length;
    this.hasNoted = true;
  }

  /** A blank line. */
  settle(): void {
    if (!this.hasNoted) return;
    const { noted, notedLength } = this;
    this.noted = this.settled;
    this.settled = noted;
    this.settledLength = notedLength;
    this.hasNoted = false;
  }

  /** The connection has ended: an event that was not whole is void. */
  drop(): void {
    this.hasNoted = false;
  }

  clear(): void {
    this.hasNoted = false;
    this.settledLength = 0;
  }

  /** One character per byte; empty where there is none, which is not to be sent. */
  get latin1(): string {
    return this.settled.toString('latin1', 0, this.settledLength);
  }
}
