import { isBadRetry } from './field-rules.ts';
import {
  BLANK_LINE,
  COMMENT_LINE,
  DATA_LINE,
  EVENT_LINE,
  ID_LINE,
  LAST_DATA_LINE,
  LINE_KIND_SHIFT,
  type LineScanner,
  lineScanner,
  RETRY_LINE,
  SCAN_BLOCK_BYTES,
} from './line-scanner.ts';

/** How large lines and events may grow before the stream counts as hostile. */
export interface EventLimits {
  /** Bytes of one line without its end. Bounds the memory of a line that comes in pieces. @default 16 MiB */
  lineBytes: number;
  /** Bytes of the data of one event, line ends between its lines included. @default 16 MiB */
  eventBytes: number;
}

const DEFAULT_EVENT_LIMITS: EventLimits = { lineBytes: 16_777_216, eventBytes: 16_777_216 };

export type EventErrorKind = 'line-too-long' | 'event-too-large';

export interface EventError {
  kind: EventErrorKind;
  /** One sentence without final full stop. */
  detail: string;
}

/**
 * What a parser tells its owner, in stream order. Ranges are field values with the one leading space removed;
 * they are valid during the call only and always whole, so decoding them as UTF-8 never cuts a character.
 */
export interface EventVisitor {
  /** One `data` line of the event being built. */
  onData(buf: Buffer, start: number, end: number): void;
  /** An `id` that counts (contains no NUL): the last event id from here on, even if no event follows. */
  onId(buf: Buffer, start: number, end: number): void;
  onEventType(buf: Buffer, start: number, end: number): void;
  /** `retry` with digits only: the reconnection time. */
  onRetry(retryMs: number): void;
  /** A `retry` that is ignored because it is not digits only. */
  onBadRetry(): void;
  /** A line that starts with a colon, without the colon. */
  onComment(buf: Buffer, start: number, end: number): void;
  /** A blank line after at least one `data` line: the event is complete. */
  onDispatch(): void;
  /** A blank line without data: what was collected for an event, its type, is dropped. */
  onDiscard(): void;
}

const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const ZERO = 0x30;
const COLON = 0x3a;

/** A range of so many bytes pays for a call of the scanner, which costs as much as looking at some ten bytes ... */
const SCAN_BYTES = 48;
/** ... and one of so many for copying it to where the scanner can see it. */
const COPY_BYTES = 512;
/** What is copied at a time, so that it is still in the first-level cache when it is scanned ... */
const COPY_PIECE_BYTES = 8192;
/** ... and goes to the same place each time, as long as no more than this of a line is copied again. */
const COPIED_AGAIN_BYTES = 1024;
/** A stream holds on to a carry of so many bytes ... */
const MAX_KEPT_BYTES = 4096;
/** ... and a thread to one of so many. */
const MAX_SPARE_BYTES = 262_144;
/** The bits of a record that are not its kind. */
const VALUE_START = (1 << LINE_KIND_SHIFT) - 1;

/**
 * Incremental event stream parser over ranges of bytes that may be cut anywhere; clauses are those of
 * section 9.2 of the HTML standard. One parser serves one stream; `reset()` makes it ready for the next.
 *
 * Works on bytes: every delimiter is ASCII and cannot occur inside a UTF-8 sequence. Allocates only where a line
 * comes in several pieces. What is incomplete at the end of the stream is never dispatched (9.2.6), so there is
 * nothing to call then.
 */
export class EventParser {
  private readonly visitor: EventVisitor;
  private readonly limits: EventLimits;
  /** Bytes of U+FEFF matched at the start of the stream; 3 when it has been found or ruled out. */
  private bomBytes = 0;
  /** The last byte of the range before was the CR of a line end: an LF that follows belongs to it. */
  private skipLf = false;
  /** The data buffer of 9.2.6 would hold so many bytes: each `data` line with an LF after it. */
  private dataBytes = 0;
  /** First bytes of a line whose end has not come yet. */
  private carry: Buffer | null = null;
  private carryLength = 0;
  /** Set when a limit was exceeded; nothing more is parsed then. */
  error: EventError | null = null;

  constructor(visitor: EventVisitor, limits?: Partial<EventLimits>) {
    this.visitor = visitor;
    this.limits = limits ? { ...DEFAULT_EVENT_LIMITS, ...limits } : DEFAULT_EVENT_LIMITS;
  }

  /** Forget the stream so far. */
  reset(): void {
    this.bomBytes = 0;
    this.skipLf = false;
    this.dataBytes = 0;
    this.carry = null;
    this.carryLength = 0;
    this.error = null;
  }

  /**
   * Parse `buf[start, end)`.
   * @returns false when a limit was exceeded, now or before; see `error`
   */
  push(buf: Buffer, start: number, end: number): boolean {
    if (this.error !== null) return false;
    let pos = start;
    if (this.bomBytes < 3) pos = this.skipByteOrderMark(buf, pos, end);
    if (this.skipLf && pos < end) {
      if (buf[pos] === LF) pos++;
      this.skipLf = false;
    }
    if (this.carryLength > 0) pos = this.finishCarriedLine(buf, pos, end);
    if (this.error === null && pos < end) this.readLines(buf, pos, end);
    return this.error === null;
  }

  private readLines(buf: Buffer, start: number, end: number): void {
    const size = end - start;
    const scanner = size < SCAN_BYTES ? null : lineScanner();
    if (scanner !== null) {
      if (buf === scanner.readBlock) {
        if (this.isWithinLimits(size)) {
          const rest = this.readScanned(scanner, -scanner.readBlockAt, buf, start, start, end);
          this.keepRest(buf, rest, end);
          return;
        }
      } else if (size >= COPY_BYTES) {
        this.readCopied(scanner, buf, start, end);
        return;
      }
    }
    this.readSearched(buf, start, end);
  }

  /** Whether so many bytes more cannot exceed a limit whatever they are, so that lines need no looking at. */
  private isWithinLimits(size: number): boolean {
    return size <= this.limits.lineBytes && this.dataBytes + size <= this.limits.eventBytes;
  }

  /** Lines of `buf[start, end)`, copied to where the scanner sees them. */
  private readCopied(scanner: LineScanner, buf: Buffer, start: number, end: number): void {
    let line = start;
    while (line < end) {
      const blockStart = line;
      const blockEnd = Math.min(end, blockStart + SCAN_BLOCK_BYTES);
      if (blockEnd - blockStart < SCAN_BYTES || !this.isWithinLimits(blockEnd - blockStart)) {
        this.readSearched(buf, line, end);
        return;
      }
      const offset = blockStart - scanner.copyBlockAt;
      let pos = blockStart;
      do {
        const stop = Math.min(blockEnd, pos + COPY_PIECE_BYTES);
        buf.copy(scanner.copyBlock, pos - blockStart, pos, stop);
        line = this.readScanned(scanner, offset, buf, line, pos, stop);
        pos = stop;
      } while (pos < blockEnd && pos - line > COPIED_AGAIN_BYTES);
      if (pos === end) {
        this.keepRest(buf, line, end);
        return;
      }
      if (line === pos && buf[line] === LF && buf[line - 1] === CR) {
        // The scanner, which has the CR no longer, would take the LF for a blank line.
        line++;
      } else if (line === blockStart) {
        // A line that is longer than the block.
        this.keep(buf, line, pos);
        line = this.finishCarriedLine(buf, pos, end);
        if (this.error !== null) return;
      }
    }
  }

  /** Lines of `buf[start, end)`, each end searched when it is wanted. */
  private readSearched(buf: Buffer, start: number, end: number): void {
    const maxLineBytes = this.limits.lineBytes;
    let pos = start;
    while (pos < end && this.error === null) {
      // Every other line of a stream of small events is blank.
      if (buf[pos] === LF) {
        this.endEvent();
        pos++;
        continue;
      }
      const stop = searchLineEnd(buf, pos, end);
      if (stop - pos > maxLineBytes) {
        this.refuseLine();
        return;
      }
      if (stop === end) {
        this.keep(buf, pos, end);
        return;
      }
      this.readLine(buf, pos, stop);
      pos = this.afterLineEnd(buf, stop, end);
    }
  }

  /**
   * The same with all lines found at once. `buf[offset]` stands at 0 of the scanner's memory.
   * @param from no line end stands in `buf[start, from)`
   * @returns where the line begins that has not ended
   */
  private readScanned(
    scanner: LineScanner,
    offset: number,
    buf: Buffer,
    start: number,
    from: number,
    end: number,
  ): number {
    const { visitor } = this;
    const { records } = scanner;
    const count = scanner.scan(start - offset, from - offset, end - offset);
    let dataBytes = this.dataBytes;
    for (let index = 0; index < count; index += 2) {
      const record = records[index]!;
      const value = (record & VALUE_START) + offset;
      const stop = records[index + 1]! + offset;
      switch (record >> LINE_KIND_SHIFT) {
        case LAST_DATA_LINE:
          dataBytes = 0;
          visitor.onData(buf, value, stop);
          visitor.onDispatch();
          break;
        case DATA_LINE:
          dataBytes += stop - value + 1;
          visitor.onData(buf, value, stop);
          break;
        case ID_LINE:
          visitor.onId(buf, value, stop);
          break;
        case BLANK_LINE:
          if (dataBytes > 0) {
            dataBytes = 0;
            visitor.onDispatch();
          } else visitor.onDiscard();
          break;
        case EVENT_LINE:
          visitor.onEventType(buf, value, stop);
          break;
        case COMMENT_LINE:
          visitor.onComment(buf, value, stop);
          break;
        case RETRY_LINE:
          this.readRetry(buf, value, stop);
          break;
      }
    }
    this.dataBytes = dataBytes;
    return records[count]! + offset;
  }

  /** What is left of a scanned range: a line that has not ended, or perhaps half a line end. */
  private keepRest(buf: Buffer, rest: number, end: number): void {
    if (rest < end) this.keep(buf, rest, end);
    else if (buf[end - 1] === CR) this.skipLf = true;
  }

  /** 9.2.5: one leading U+FEFF is not part of the stream. It may itself be cut. */
  private skipByteOrderMark(buf: Buffer, start: number, end: number): number {
    let pos = start;
    while (pos < end && this.bomBytes < 3) {
      const wanted = this.bomBytes === 0 ? 0xef : this.bomBytes === 1 ? 0xbb : 0xbf;
      if (buf[pos] !== wanted) {
        // Not the mark after all: what matched is the beginning of the first line.
        if (this.bomBytes > 0) this.keep(BYTE_ORDER_MARK, 0, this.bomBytes);
        this.bomBytes = 3;
        break;
      }
      this.bomBytes++;
      pos++;
    }
    return pos;
  }

  private finishCarriedLine(buf: Buffer, start: number, end: number): number {
    const stop = searchLineEnd(buf, start, end);
    if (this.carryLength + (stop - start) > this.limits.lineBytes) {
      this.refuseLine();
      return end;
    }
    this.keep(buf, start, stop);
    if (stop === end) return end;
    const line = this.carry!;
    const length = this.carryLength;
    this.carryLength = 0;
    this.readLine(line, 0, length);
    // A long line must not hold its memory for as long as the stream lives. The next one of any stream may have it.
    if (line.length > MAX_KEPT_BYTES) {
      if (line.length <= MAX_SPARE_BYTES) spareCarry = line;
      this.carry = null;
    }
    return this.afterLineEnd(buf, stop, end);
  }

  /** Step over LF, CR or CR LF; a CR at the very end leaves open whether an LF follows (9.2.5 `end-of-line`). */
  private afterLineEnd(buf: Buffer, stop: number, end: number): number {
    const next = stop + 1;
    if (buf[stop] === LF) return next;
    if (next === end) {
      this.skipLf = true;
      return next;
    }
    return buf[next] === LF ? next + 1 : next;
  }

  private keep(buf: Buffer, start: number, end: number): void {
    const length = this.carryLength + (end - start);
    if (this.carry === null || this.carry.length < length) {
      const larger = this.allocateCarry(length);
      if (this.carry !== null) this.carry.copy(larger, 0, 0, this.carryLength);
      this.carry = larger;
    }
    buf.copy(this.carry, this.carryLength, start, end);
    this.carryLength = length;
  }

  private allocateCarry(length: number): Buffer {
    if (length > MAX_KEPT_BYTES / 2 && spareCarry !== null && spareCarry.length >= length) {
      const spare = spareCarry;
      spareCarry = null;
      return spare;
    }
    // Room to grow, but not beyond what a line may have.
    const roomy = Math.min(Math.max(128, length * 2), this.limits.lineBytes);
    return Buffer.allocUnsafeSlow(Math.max(length, roomy));
  }

  /** 9.2.6, `process the field`: names are compared exactly; unknown ones are ignored. */
  private readLine(buf: Buffer, start: number, end: number): void {
    if (start === end) {
      this.endEvent();
      return;
    }
    switch (buf[start]) {
      case 0x64: // data
        if (
          end - start >= 4 &&
          buf[start + 1] === 0x61 &&
          buf[start + 2] === 0x74 &&
          buf[start + 3] === 0x61 &&
          (end - start === 4 || buf[start + 4] === COLON)
        ) {
          const value = valueStart(buf, start + 4, end);
          this.dataBytes += end - value + 1;
          // The LF after the last line is no part of the data.
          if (this.dataBytes - 1 > this.limits.eventBytes) {
            this.error = {
              kind: 'event-too-large',
              detail: `event of more than ${this.limits.eventBytes} bytes`,
            };
            return;
          }
          this.visitor.onData(buf, value, end);
        }
        return;
      case COLON:
        this.visitor.onComment(buf, start + 1, end);
        return;
      case 0x69: // id
        if (end - start >= 2 && buf[start + 1] === 0x64 && (end - start === 2 || buf[start + 2] === COLON)) {
          const value = valueStart(buf, start + 2, end);
          // 9.2.6: an id that contains U+0000 is ignored.
          for (let pos = value; pos < end; pos++) if (buf[pos] === NUL) return;
          this.visitor.onId(buf, value, end);
        }
        return;
      case 0x65: // event
        if (
          end - start >= 5 &&
          buf[start + 1] === 0x76 &&
          buf[start + 2] === 0x65 &&
          buf[start + 3] === 0x6e &&
          buf[start + 4] === 0x74 &&
          (end - start === 5 || buf[start + 5] === COLON)
        ) {
          this.visitor.onEventType(buf, valueStart(buf, start + 5, end), end);
        }
        return;
      case 0x72: // retry
        if (
          end - start >= 5 &&
          buf[start + 1] === 0x65 &&
          buf[start + 2] === 0x74 &&
          buf[start + 3] === 0x72 &&
          buf[start + 4] === 0x79 &&
          (end - start === 5 || buf[start + 5] === COLON)
        ) {
          this.readRetry(buf, valueStart(buf, start + 5, end), end);
        }
        return;
    }
  }

  /** 9.2.6: `retry` counts only if it consists of ASCII digits alone (so not when it is empty). */
  private readRetry(buf: Buffer, start: number, end: number): void {
    if (isBadRetry(buf, start, end)) {
      this.visitor.onBadRetry();
      return;
    }
    let value = 0;
    for (let pos = start; pos < end; pos++) value = value * 10 + (buf[pos]! - ZERO);
    this.visitor.onRetry(value);
  }

  /**
   * 9.2.6, `dispatch the event`: nothing happens when the data buffer is empty. Each `data` line appends its value
   * and an LF, so the buffer is empty exactly when there was no `data` line; `data:` alone dispatches an empty string.
   */
  private endEvent(): void {
    if (this.dataBytes > 0) {
      this.dataBytes = 0;
      this.visitor.onDispatch();
    } else {
      this.visitor.onDiscard();
    }
  }

  private refuseLine(): void {
    this.error = { kind: 'line-too-long', detail: `line of more than ${this.limits.lineBytes} bytes` };
    this.carry = null;
    this.carryLength = 0;
  }
}

/** What one stream let go of. */
let spareCarry: Buffer | null = null;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Where the value begins: after the colon at `afterName` and one space. `end` where the line has no colon. */
function valueStart(buf: Buffer, afterName: number, end: number): number {
  const value = afterName + 1;
  if (value >= end) return end;
  return buf[value] === SPACE ? value + 1 : value;
}

/** View of the buffer searched last: a reader hands over the same buffer again and again. */
let viewed: Buffer | null = null;
const NO_VIEW = new DataView(new ArrayBuffer(0));
let view: DataView = NO_VIEW;

/** Let go of the buffer that was parsed last. For readers that are done: it would live until another is parsed. */
export function forgetParsedBuffer(): void {
  viewed = null;
  view = NO_VIEW;
}

/**
 * Position of the next LF or CR in `buf[start, end)`, or `end`.
 *
 * Steps four bytes at a time over everything from 0x0e upwards: the expression is not 0 if one of the four is below
 * (it may also be for one above 0x0e that follows such a byte, hence the check of each).
 */
function searchLineEnd(buf: Buffer, start: number, end: number): number {
  if (buf !== viewed) {
    viewed = buf;
    view = new DataView(buf.buffer, buf.byteOffset, buf.byteLength);
  }
  const words = view;
  const wordsEnd = end - 4;
  let pos = start;
  while (pos <= wordsEnd) {
    const word = words.getInt32(pos, true);
    if (((word - 0x0e0e0e0e) & ~word & 0x80808080) !== 0) {
      const stop = pos + 4;
      for (; pos < stop; pos++) {
        const byte = buf[pos]!;
        if (byte === LF || byte === CR) return pos;
      }
    } else {
      pos += 4;
    }
  }
  for (; pos < end; pos++) {
    const byte = buf[pos]!;
    if (byte === LF || byte === CR) return pos;
  }
  return end;
}
