import type { EventVisitor } from '../sse/event-parser.ts';
import type { LoadTally } from './load-tally.ts';

const QUOTE = 0x22;
const ZERO = 0x30;
/** Ids up to 15 digits are exact in a double. */
const MAX_ID_DIGITS = 15;
const NO_ID = -1;
/** A stamp further in the future is no clock difference but something else that is called `ts`. */
const EARLIEST_LAG_US = -1000;
const LATEST_LAG_US = 3_600_000_000;

/**
 * Counts the events of one stream, checks their ids and reads the server's time from `"ts":<unix us>` in the data.
 * Makes no strings.
 */
export class EventMeter implements EventVisitor {
  private readonly tally: LoadTally;
  /** Id of the last event that had a numeric one. */
  private lastId = NO_ID;
  private id = NO_ID;
  private sentAtUs = 0;
  /** Where `"ts":` began in the data before: events of one stream look alike. */
  private stampOffset = 0;
  /** Events dispatched since the owner last set this to 0. */
  dispatched = 0;

  constructor(tally: LoadTally) {
    this.tally = tally;
  }

  /** A new stream begins. */
  reset(): void {
    this.lastId = NO_ID;
    this.id = NO_ID;
    this.sentAtUs = 0;
    this.dispatched = 0;
  }

  onData(buf: Buffer, start: number, end: number): void {
    const expected = start + this.stampOffset;
    if (isStampKey(buf, expected, end)) {
      this.sentAtUs = readDigits(buf, expected + 5, end);
      return;
    }
    for (let pos = start; pos < end - 5; pos++) {
      if (buf[pos] === QUOTE && isStampKey(buf, pos, end)) {
        this.stampOffset = pos - start;
        this.sentAtUs = readDigits(buf, pos + 5, end);
        return;
      }
    }
  }

  onId(buf: Buffer, start: number, end: number): void {
    this.id = NO_ID;
    if (start === end || end - start > MAX_ID_DIGITS) return;
    let value = 0;
    for (let pos = start; pos < end; pos++) {
      const digit = buf[pos]! - ZERO;
      if (digit < 0 || digit > 9) return;
      value = value * 10 + digit;
    }
    this.id = value;
  }

  onComment(): void {
    this.tally.comments++;
  }

  onDispatch(): void {
    this.dispatched++;
    if (this.id !== NO_ID) this.checkId();
    if (this.sentAtUs !== 0) this.recordLag();
  }

  onDiscard(): void {
    this.sentAtUs = 0;
  }

  onEventType(): void {}

  onRetry(): void {}

  onBadRetry(): void {}

  private checkId(): void {
    const { id, lastId, tally } = this;
    if (lastId !== NO_ID && id !== lastId + 1) {
      if (id === lastId) tally.duplicates++;
      else if (id < lastId) tally.rolledBack++;
      else tally.gaps += id - lastId - 1;
    }
    this.lastId = id;
    this.id = NO_ID;
  }

  private recordLag(): void {
    const lagUs = Math.round(this.tally.readAtUnixUs() - this.sentAtUs);
    this.sentAtUs = 0;
    if (lagUs < EARLIEST_LAG_US || lagUs > LATEST_LAG_US) return;
    this.tally.deliveryLag.recordUs(Math.max(lagUs, 0), 1);
  }
}

/** Whether `"ts":` stands at `pos`. */
function isStampKey(buf: Buffer, pos: number, end: number): boolean {
  return (
    pos + 5 < end &&
    buf[pos] === QUOTE &&
    buf[pos + 1] === 0x74 &&
    buf[pos + 2] === 0x73 &&
    buf[pos + 3] === QUOTE &&
    buf[pos + 4] === 0x3a
  );
}

/** The number after the colon and at most one space; 0 without one. */
function readDigits(buf: Buffer, start: number, end: number): number {
  let pos = buf[start] === 0x20 ? start + 1 : start;
  let value = 0;
  for (; pos < end; pos++) {
    const digit = buf[pos]! - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}
