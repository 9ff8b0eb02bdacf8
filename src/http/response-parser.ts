import { equalsIgnoringCase, FieldTable, listContains } from './field-table.ts';
import {
  DEFAULT_RESPONSE_LIMITS,
  type ResponseError,
  type ResponseErrorKind,
  type ResponseLimits,
} from './response-limits.ts';

/** What a parser tells its owner. Ranges are valid during the call only: the bytes are not copied. */
export interface ResponseVisitor {
  /** The head of the final response is complete: `parser.status` and its fields can be read. */
  onHead(parser: ResponseParser): void;
  /** A piece of the body, transfer coding removed. */
  onBody(buf: Buffer, start: number, end: number): void;
  /** The response ended properly. `parser.keepAlive` says whether the connection may be used again. */
  onEnd(parser: ResponseParser): void;
}

/** What the end of the connection means for the response in progress. */
export type ResponseFinish = 'complete' | 'truncated' | 'nothing-received' | 'already-complete';

const HEAD = 0;
const BODY_LENGTH = 1;
const BODY_UNTIL_CLOSE = 2;
const CHUNK_SIZE = 3;
const CHUNK_EXTENSION = 4;
const CHUNK_SIZE_LF = 5;
const CHUNK_DATA = 6;
const CHUNK_END_CR = 7;
const CHUNK_END_LF = 8;
const TRAILER_LINE_START = 9;
const TRAILER_LINE = 10;
const TRAILER_END_LF = 11;
const DONE = 12;
const FAILED = 13;
const STOPPED = 14;

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const SEMICOLON = 0x3b;

const INCOMPLETE = -1;
const REFUSED = -2;

/** Bytes that may stand in a field name: RFC 9110 5.6.2 `token`. */
const TOKEN = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  TOKEN[char.charCodeAt(0)] = 1;
}
/** Hexadecimal digit to its value, 255 for everything else. */
const HEX = new Uint8Array(256).fill(255);
for (let digit = 0; digit < 16; digit++) {
  HEX[digit.toString(16).charCodeAt(0)] = digit;
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}
const STATUS_PREFIX = Buffer.from('HTTP/1.', 'latin1');

/** Shared by all parsers of a thread: a head is parsed in one go. */
const fields = new FieldTable();

/**
 * Incremental HTTP/1.1 response parser (RFC 9112) over ranges of bytes that may be cut anywhere.
 *
 * Does no I/O and allocates only where a head arrives in several reads. One parser serves one connection:
 * after a response call `next()`. Never throws on what a server sent; see `error`.
 */
export class ResponseParser {
  private readonly visitor: ResponseVisitor;
  private readonly limits: ResponseLimits;
  private readonly toHead: boolean;
  private state = HEAD;
  /** Bytes left of the body or of the chunk. */
  private remaining = 0;
  /** Bytes of the chunk-size line or trailer section so far. */
  private lineBytes = 0;
  private chunkDigits = 0;
  /** Bytes of a head that came in pieces. */
  private partial: Buffer | null = null;
  private partialLength = 0;
  /** Interim responses since `next()`. */
  private interims = 0;
  private headBuf: Buffer | null = null;
  private contentType = -1;

  /** Status of the final response; 0 before its head is complete. */
  status = 0;
  /** Minor version of the final response: 1 for HTTP/1.1, 0 for HTTP/1.0. */
  minorVersion = 1;
  /** Whether the body has a content coding (RFC 9110 8.4): its bytes are not those of its media type. */
  isEncoded = false;
  /** Whether the connection may carry another request after this response (RFC 9112 9.3). */
  keepAlive = false;
  /** True when only the end of the connection ends the body (RFC 9112 6.3 rule 8). */
  delimitedByClose = false;
  /** Set when the bytes are not a response; nothing more is parsed then. */
  error: ResponseError | null = null;

  /**
   * @param options.limits limits that differ from the default
   * @param options.toHead responses answer HEAD requests and have no body
   */
  constructor(
    visitor: ResponseVisitor,
    options: { limits?: Partial<ResponseLimits>; toHead?: boolean } = {},
  ) {
    this.visitor = visitor;
    this.limits = options.limits
      ? { ...DEFAULT_RESPONSE_LIMITS, ...options.limits }
      : DEFAULT_RESPONSE_LIMITS;
    this.toHead = options.toHead ?? false;
  }

  /** Make ready for the next response on the connection, or for a new connection. */
  next(): void {
    this.state = HEAD;
    this.partial = null;
    this.partialLength = 0;
    this.interims = 0;
    this.status = 0;
    this.keepAlive = false;
    this.delimitedByClose = false;
    this.error = null;
  }

  /** Ignore everything further of this response. May be called by the visitor. */
  stop(): void {
    this.state = STOPPED;
  }

  /** Whether the response ended properly. */
  get done(): boolean {
    return this.state === DONE;
  }

  /**
   * Parse `buf[start, end)`.
   * @returns where parsing stopped: `end`, or less when the response ended (or failed) before it; the rest
   *   belongs to the next response
   */
  push(buf: Buffer, start: number, end: number): number {
    let pos = start;
    while (pos < end) {
      switch (this.state) {
        case HEAD:
          pos = this.readHead(buf, pos, end);
          break;
        case BODY_LENGTH: {
          const size = end - pos;
          if (size < this.remaining) {
            this.remaining -= size;
            this.visitor.onBody(buf, pos, end);
            return end;
          }
          const stop = pos + this.remaining;
          this.remaining = 0;
          this.visitor.onBody(buf, pos, stop);
          pos = stop;
          this.complete();
          break;
        }
        case BODY_UNTIL_CLOSE:
          this.visitor.onBody(buf, pos, end);
          return end;
        case CHUNK_SIZE:
          pos = this.readChunkSize(buf, pos, end);
          break;
        case CHUNK_EXTENSION:
          pos = this.skipChunkExtension(buf, pos, end);
          break;
        case CHUNK_SIZE_LF:
          if (buf[pos] !== LF) return this.fail('bad-chunk-size', 'CR without LF after a chunk size', pos);
          pos++;
          this.startChunkData();
          break;
        case CHUNK_DATA: {
          const size = end - pos;
          const stop = size < this.remaining ? end : pos + this.remaining;
          this.remaining -= stop - pos;
          if (this.remaining === 0) this.state = CHUNK_END_CR;
          this.visitor.onBody(buf, pos, stop);
          pos = stop;
          break;
        }
        case CHUNK_END_CR:
          if (buf[pos] !== CR) return this.fail('bad-chunk-end', 'chunk data is not followed by CRLF', pos);
          pos++;
          this.state = CHUNK_END_LF;
          break;
        case CHUNK_END_LF:
          if (buf[pos] !== LF) return this.fail('bad-chunk-end', 'chunk data is not followed by CRLF', pos);
          pos++;
          this.startChunkSize();
          break;
        case TRAILER_LINE_START:
        case TRAILER_LINE:
        case TRAILER_END_LF:
          pos = this.readTrailer(buf, pos, end);
          break;
        default: // DONE, FAILED, STOPPED
          return pos;
      }
    }
    return pos;
  }

  /** The connection ended in good order (FIN). Calls `onEnd` where that ends the response. */
  finish(): ResponseFinish {
    switch (this.state) {
      case DONE:
        return 'already-complete';
      case BODY_UNTIL_CLOSE:
        this.complete();
        return 'complete';
      case HEAD:
        return this.partialLength === 0 ? 'nothing-received' : 'truncated';
      default:
        return 'truncated';
    }
  }

  /** Number of header fields. Within `onHead` only, like all field access. */
  get fieldCount(): number {
    return fields.count;
  }

  fieldName(index: number): string {
    return fields.name(this.headBuf!, index);
  }

  fieldValue(index: number): string {
    return fields.value(this.headBuf!, index);
  }

  /** Values of all fields of that name (lower case), joined as RFC 9110 5.3 allows; undefined without one. */
  field(lowerName: string): string | undefined {
    let value: string | undefined;
    for (let index = 0; index < fields.count; index++) {
      if (this.fieldName(index).toLowerCase() !== lowerName) continue;
      value = value === undefined ? this.fieldValue(index) : `${value}, ${this.fieldValue(index)}`;
    }
    return value;
  }

  /** Whether Content-Type is this media type (lower case), whatever its parameters. Allocates nothing. */
  mediaTypeIs(lowerType: string): boolean {
    if (this.contentType < 0) return false;
    const buf = this.headBuf!;
    const start = fields.valueStart(this.contentType);
    const end = fields.valueEnd(this.contentType);
    let stop = start;
    while (stop < end && buf[stop] !== SEMICOLON && buf[stop] !== SPACE && buf[stop] !== TAB) stop++;
    return equalsIgnoringCase(buf, start, stop, lowerType);
  }

  private readHead(buf: Buffer, start: number, end: number): number {
    if (this.partialLength > 0) return this.collectHead(buf, start, end);
    const stop = this.parseHead(buf, start, end);
    if (stop === INCOMPLETE) return this.collectHead(buf, start, end);
    if (stop === REFUSED) return start;
    this.startBody(buf);
    return stop;
  }

  /** Keep the bytes of a head that comes in pieces, and parse it again with every line that they complete. */
  private collectHead(buf: Buffer, start: number, end: number): number {
    const before = this.partialLength;
    // One byte more than the limit proves that it is exceeded.
    const length = Math.min(before + end - start, this.limits.headBytes + 1);
    const stop = start + length - before;
    if (this.partial === null || this.partial.length < length) {
      const larger = Buffer.allocUnsafeSlow(
        Math.max(length, Math.min(Math.max(512, length * 2), this.limits.headBytes + 1)),
      );
      if (this.partial !== null) this.partial.copy(larger, 0, 0, before);
      this.partial = larger;
    }
    const partial = this.partial;
    buf.copy(partial, before, start, stop);
    this.partialLength = length;
    // Where the head came in one piece so far, it has been looked at already.
    if (before === 0) return stop;
    if (
      before >= STATUS_PREFIX.length &&
      length <= this.limits.headBytes &&
      !hasLf(partial, before, length)
    ) {
      return stop;
    }
    const headEnd = this.parseHead(partial, 0, length);
    if (headEnd === INCOMPLETE) return stop;
    this.partialLength = 0;
    this.partial = null;
    if (headEnd === REFUSED) return start;
    this.startBody(partial);
    return start + headEnd - before;
  }

  /**
   * A bad line is refused when it is complete, so that it does not matter how the head was cut; only what does not
   * begin like a status line is refused at once, since its line end may never come.
   * @returns the position after the head, INCOMPLETE, or REFUSED with `error` set
   */
  private parseHead(buf: Buffer, start: number, end: number): number {
    if (!startsLikeStatusLine(buf, start, end)) {
      return this.refuse('bad-status-line', `not HTTP/1.x: ${quote(buf, start, end)}`);
    }
    const limits = this.limits;
    const limit = Math.min(end, start + limits.headBytes);
    const size = end - start;
    let pos = start;
    while (pos < limit && buf[pos] !== LF) pos++;
    if (pos === limit) return this.awaitHead(size);
    // HTTP/1.1 SP 200 [SP reason]: RFC 9112 4; the reason may be missing altogether.
    const minor = buf[start + 7]! - 0x30;
    const hundreds = buf[start + 9]! - 0x30;
    const tens = buf[start + 10]! - 0x30;
    const ones = buf[start + 11]! - 0x30;
    if (
      pos - start < 12 ||
      (minor !== 0 && minor !== 1) ||
      buf[start + 8] !== SPACE ||
      hundreds < 1 ||
      hundreds > 9 ||
      tens < 0 ||
      tens > 9 ||
      ones < 0 ||
      ones > 9 ||
      buf[start + 12]! > SPACE ||
      hasControl(buf, start + 12, buf[pos - 1] === CR ? pos - 1 : pos)
    ) {
      return this.refuse('bad-status-line', `status line ${quote(buf, start, pos)}`);
    }
    const status = hundreds * 100 + tens * 10 + ones;
    pos++;

    let close = minor === 0;
    let chunked = false;
    let length = -1;
    this.contentType = -1;
    this.isEncoded = false;
    fields.count = 0;
    for (;;) {
      if (pos === limit) return this.awaitHead(size);
      let byte = buf[pos]!;
      if (byte === CR) {
        if (pos + 1 === limit) return this.awaitHead(size);
        if (buf[pos + 1] !== LF) return this.refuseLine('CR without LF in', buf, pos, limit, size);
        pos += 2;
        break;
      }
      if (byte === LF) {
        pos++;
        break;
      }
      const nameStart = pos;
      while (pos < limit && TOKEN[buf[pos]!] === 1) pos++;
      if (pos === limit) return this.awaitHead(size);
      // A line that starts with white space would continue the field before (RFC 9112 5.2, obsolete): refused
      // like any other line without a name, since it can hide a length from one of two readers.
      if (buf[pos] !== COLON || pos === nameStart) {
        return this.refuseLine('no name in', buf, nameStart, limit, size);
      }
      const nameEnd = pos++;
      while (pos < limit && (buf[pos] === SPACE || buf[pos] === TAB)) pos++;
      const valueStart = pos;
      while (pos < limit) {
        byte = buf[pos]!;
        if (byte < SPACE && byte !== TAB) break;
        pos++;
      }
      if (pos === limit) return this.awaitHead(size);
      let valueEnd = pos;
      if (byte === CR) {
        if (pos + 1 === limit) return this.awaitHead(size);
        pos++;
        byte = buf[pos]!;
      }
      if (byte !== LF) return this.refuseLine('control character in', buf, nameStart, limit, size);
      pos++;
      while (valueEnd > valueStart && (buf[valueEnd - 1] === SPACE || buf[valueEnd - 1] === TAB)) valueEnd--;
      if (fields.count === limits.headerCount) {
        return this.refuse('too-many-headers', `more than ${limits.headerCount} header fields`);
      }
      fields.add(nameStart, nameEnd, valueStart, valueEnd);

      switch (nameEnd - nameStart) {
        case 10:
          if (equalsIgnoringCase(buf, nameStart, nameEnd, 'connection')) {
            if (listContains(buf, valueStart, valueEnd, 'close')) close = true;
            else if (minor === 0 && listContains(buf, valueStart, valueEnd, 'keep-alive')) close = false;
          }
          break;
        case 12:
          if (equalsIgnoringCase(buf, nameStart, nameEnd, 'content-type'))
            this.contentType = fields.count - 1;
          break;
        case 14:
          if (equalsIgnoringCase(buf, nameStart, nameEnd, 'content-length')) {
            if (length >= 0) return this.refuse('conflicting-length', 'more than one Content-Length');
            length = readDecimal(buf, valueStart, valueEnd);
            if (length < 0) {
              return this.refuse('bad-content-length', `Content-Length ${quote(buf, valueStart, valueEnd)}`);
            }
          }
          break;
        case 16:
          if (
            valueEnd > valueStart &&
            equalsIgnoringCase(buf, nameStart, nameEnd, 'content-encoding') &&
            !equalsIgnoringCase(buf, valueStart, valueEnd, 'identity')
          ) {
            this.isEncoded = true;
          }
          break;
        case 17:
          if (equalsIgnoringCase(buf, nameStart, nameEnd, 'transfer-encoding')) {
            if (chunked || !equalsIgnoringCase(buf, valueStart, valueEnd, 'chunked')) {
              return this.refuse(
                'unsupported-transfer-encoding',
                `Transfer-Encoding ${quote(buf, valueStart, valueEnd)}`,
              );
            }
            chunked = true;
          }
          break;
      }
    }
    // RFC 9112 6.3 rule 3: the two together are the mark of request smuggling and ought to be an error.
    if (chunked && length >= 0) {
      return this.refuse('conflicting-length', 'Content-Length together with Transfer-Encoding');
    }
    if (status === 101) return this.refuse('unexpected-upgrade', 'status 101 without a request to upgrade');

    this.status = status;
    this.minorVersion = minor;
    this.chooseFraming(chunked, length);
    this.keepAlive = !close && !this.delimitedByClose;
    return pos;
  }

  /** All lines of the head so far are good, or not complete. */
  private awaitHead(size: number): number {
    const { headBytes } = this.limits;
    return size > headBytes
      ? this.refuse('head-too-large', `response head of more than ${headBytes} bytes`)
      : INCOMPLETE;
  }

  private refuseLine(what: string, buf: Buffer, start: number, limit: number, size: number): number {
    let end = start;
    while (end < limit && buf[end] !== LF) end++;
    if (end === limit) return this.awaitHead(size);
    return this.refuse('bad-header', `${what} ${quote(buf, start, end)}`);
  }

  /** Message body length: RFC 9112 6.3. Sets the state that follows the head. */
  private chooseFraming(chunked: boolean, length: number): void {
    const status = this.status;
    this.delimitedByClose = false;
    if (status < 200) {
      this.state = HEAD;
    } else if (this.toHead || status === 204 || status === 304) {
      this.remaining = 0;
      this.state = BODY_LENGTH;
    } else if (chunked) {
      this.startChunkSize();
    } else if (length >= 0) {
      this.remaining = length;
      this.state = BODY_LENGTH;
    } else {
      this.delimitedByClose = true;
      this.state = BODY_UNTIL_CLOSE;
    }
  }

  private startBody(buf: Buffer): void {
    // An interim response (1xx) is followed by the one that counts: RFC 9110 15.2.
    if (this.status < 200) {
      this.status = 0;
      const { interimResponses } = this.limits;
      if (++this.interims > interimResponses) {
        this.refuse('too-many-interim-responses', `more than ${interimResponses} responses of status 1xx`);
      }
      return;
    }
    this.headBuf = buf;
    this.visitor.onHead(this);
    this.headBuf = null;
    if (this.state === BODY_LENGTH && this.remaining === 0) this.complete();
  }

  private startChunkSize(): void {
    this.state = CHUNK_SIZE;
    this.remaining = 0;
    this.lineBytes = 0;
    this.chunkDigits = 0;
  }

  private readChunkSize(buf: Buffer, start: number, end: number): number {
    const { chunkBytes, chunkLineBytes } = this.limits;
    const longest = chunkLineBytes - this.lineBytes;
    let pos = start;
    let size = this.remaining;
    let byte = 0;
    while (pos < end) {
      byte = buf[pos]!;
      const digit = HEX[byte]!;
      if (digit === 255) break;
      size = size * 16 + digit;
      if (size > chunkBytes) {
        return this.fail('chunk-too-large', `chunk of more than ${chunkBytes} bytes`, pos);
      }
      // Zeros without end.
      if (++pos - start > longest) {
        return this.fail('chunk-line-too-long', `chunk line of more than ${chunkLineBytes} bytes`, pos);
      }
    }
    this.remaining = size;
    this.chunkDigits += pos - start;
    this.lineBytes += pos - start;
    if (pos === end) return pos;
    if (this.chunkDigits === 0) {
      return this.fail('bad-chunk-size', `chunk size ${quote(buf, pos, end)}`, pos);
    }
    if (byte === CR) {
      // The common case in one step: size line complete in this read.
      if (pos + 1 < end && buf[pos + 1] === LF) {
        this.startChunkData();
        return pos + 2;
      }
      this.state = CHUNK_SIZE_LF;
      return pos + 1;
    }
    if (byte === SEMICOLON || byte === SPACE || byte === TAB) {
      this.state = CHUNK_EXTENSION;
      return pos;
    }
    return this.fail('bad-chunk-size', `chunk size ${quote(buf, start, end)}`, pos);
  }

  /** Chunk extensions mean nothing to this client and are skipped: RFC 9112 7.1.1. */
  private skipChunkExtension(buf: Buffer, start: number, end: number): number {
    let pos = start;
    while (pos < end && buf[pos] !== CR && buf[pos] !== LF) pos++;
    this.lineBytes += pos - start;
    if (this.lineBytes > this.limits.chunkLineBytes) {
      return this.fail(
        'chunk-line-too-long',
        `chunk line of more than ${this.limits.chunkLineBytes} bytes`,
        pos,
      );
    }
    if (pos === end) return pos;
    if (buf[pos] === LF) return this.fail('bad-chunk-size', 'LF without CR after a chunk size', pos);
    this.state = CHUNK_SIZE_LF;
    return pos + 1;
  }

  private startChunkData(): void {
    if (this.remaining > 0) {
      this.state = CHUNK_DATA;
    } else {
      this.lineBytes = 0;
      this.state = TRAILER_LINE_START;
    }
  }

  /** Trailer fields are checked for their end only and dropped: RFC 9112 7.1.2. */
  private readTrailer(buf: Buffer, start: number, end: number): number {
    let pos = start;
    while (pos < end) {
      const byte = buf[pos]!;
      if (this.state === TRAILER_END_LF) {
        if (byte !== LF) return this.fail('bad-trailer', 'CR without LF after the last chunk', pos);
        this.complete();
        return pos + 1;
      }
      if (this.state === TRAILER_LINE_START) {
        if (byte === LF) {
          this.complete();
          return pos + 1;
        }
        if (byte === CR) {
          this.state = TRAILER_END_LF;
          pos++;
          continue;
        }
        if (TOKEN[byte] !== 1) return this.fail('bad-trailer', 'trailer line without a name', pos);
        this.state = TRAILER_LINE;
      }
      if (byte === LF) this.state = TRAILER_LINE_START;
      pos++;
      if (++this.lineBytes > this.limits.headBytes) {
        return this.fail(
          'trailer-too-large',
          `trailer section of more than ${this.limits.headBytes} bytes`,
          pos,
        );
      }
    }
    return pos;
  }

  private complete(): void {
    if (this.state === STOPPED) return;
    this.state = DONE;
    this.visitor.onEnd(this);
  }

  private fail(kind: ResponseErrorKind, detail: string, pos: number): number {
    this.refuse(kind, detail);
    return pos;
  }

  private refuse(kind: ResponseErrorKind, detail: string): number {
    this.error = { kind, detail };
    this.keepAlive = false;
    this.state = FAILED;
    return REFUSED;
  }
}

function startsLikeStatusLine(buf: Buffer, start: number, end: number): boolean {
  const length = Math.min(end - start, STATUS_PREFIX.length);
  for (let i = 0; i < length; i++) {
    if (buf[start + i] !== STATUS_PREFIX[i]) return false;
  }
  return true;
}

/** RFC 9112 4: a reason is text and tabs. A bare CR is a line end to some readers, who would see other fields. */
function hasControl(buf: Buffer, start: number, end: number): boolean {
  for (let pos = start; pos < end; pos++) if (buf[pos]! < SPACE && buf[pos] !== TAB) return true;
  return false;
}

function hasLf(buf: Buffer, start: number, end: number): boolean {
  for (let pos = start; pos < end; pos++) if (buf[pos] === LF) return true;
  return false;
}

/** Digits only, up to 2^53 - 1: RFC 9110 8.6. -1 for anything else. */
function readDecimal(buf: Buffer, start: number, end: number): number {
  if (start === end) return -1;
  let value = 0;
  for (let pos = start; pos < end; pos++) {
    const digit = buf[pos]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > Number.MAX_SAFE_INTEGER) return -1;
  }
  return value;
}

/** The first bytes as a JSON string in ASCII, for messages: what a server sends must not steer a terminal. */
function quote(buf: Buffer, start: number, end: number): string {
  const text = JSON.stringify(buf.toString('latin1', start, Math.min(end, start + 40)));
  return text.replace(/[\x7f-\xff]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}
