import {
  beginChunks,
  type ChunkPlace,
  createChunkPlace,
  DONE,
  followChunks,
  LOST,
  loseChunks,
  startsWithChunkSize,
  stepOverMissing,
} from './follow-chunks.ts';

/** How a response's end can be told: by the last chunk, by its length, by the connection's end. */
type Framing = 'unknown' | 'chunked' | 'length' | 'until-close';

/**
 * What is known of one response from the part of its bytes that was captured. A scan takes the segments in
 * order; bytes that were not captured make it say `undecidable`, never guess.
 */
export interface ResponseScan {
  /** Status code; NaN while unread. */
  status: number;
  /** Length of the head; NaN while its end has not been seen. */
  headBytes: number;
  framing: Framing;
  contentLength: number;
  /** Response bytes so far, captured or not. */
  bytes: number;
  /** Whether an event has begun; undecidable once bytes are missing in which it could have. */
  firstEvent: 'pending' | 'found' | 'undecidable';
  /** Offset in the response of the first event's first field; NaN unless found. */
  firstEventAt: number;
  /** Segments with response bytes, those of them captured to the last byte, and those in which an event begins. */
  segments: number;
  wholeSegments: number;
  eventSegments: number;
  events: number;
  /** Private to the scanner from here on. */
  inHead: boolean;
  newline: number;
  word: number;
  matched: number;
  dataInBlock: boolean;
  chunks: ChunkPlace;
  /** Last six bytes as one number, and how many bytes at its end are certain. */
  tail: number;
  tailBytes: number;
}

const LF = 10;
const CR = 13;

// Where in a line the scanner is: at its start, inside one of no interest, in a number, or in a word.
const LINE_START = -1;
const OTHER = -2;
const NUMBER = -3;

const HEAD_WORDS = ['transfer-encoding:', 'content-length:'] as const;
const BODY_WORDS = ['data:', 'id:', 'event:'] as const;
/** By its first byte, which word a line may be; OTHER for none. No two of a list begin alike. */
const HEAD_WORD_OF = indexByFirstByte(HEAD_WORDS);
const BODY_WORD_OF = indexByFirstByte(BODY_WORDS);
const TRANSFER_ENCODING = 0;
const DATA = 0;

// What the last bytes were: needed to tell a blank line, and not to take a chunk's closing CRLF for one.
const TEXT = 0;
const AFTER_LF = 1;
const AFTER_CR = 2;
const AFTER_CRLF = 3;
const AFTER_CRLF_CR = 4;
const AFTER_LF_CR = 5;

/** `\n0\r\n\r\n`: the line feed belongs to the chunk before, so that data ending in `0` cannot be mistaken. */
const LAST_CHUNK = 0x0a300d0a0d0a;
const TAIL_BYTES = 6;
const FOUR_BYTES = 2 ** 32;
const FIVE_BYTES = 2 ** 40;
/** CR LF CR LF: the end of every chunked body, with trailers or without. */
const BLANK_LINE = 0x0d0a0d0a;
const BLANK_LINE_BYTES = 4;

function indexByFirstByte(words: readonly string[]): Int8Array {
  const table = new Int8Array(256).fill(OTHER);
  for (const [index, word] of words.entries()) table[word.charCodeAt(0)] = index;
  return table;
}

export function createResponseScan(): ResponseScan {
  const scan = { chunks: createChunkPlace() } as ResponseScan;
  resetResponseScan(scan);
  return scan;
}

/** Make ready for the next response. */
export function resetResponseScan(scan: ResponseScan): void {
  scan.status = Number.NaN;
  scan.headBytes = Number.NaN;
  scan.framing = 'unknown';
  scan.contentLength = Number.NaN;
  scan.bytes = 0;
  scan.firstEvent = 'pending';
  scan.firstEventAt = Number.NaN;
  scan.segments = 0;
  scan.wholeSegments = 0;
  scan.eventSegments = 0;
  scan.events = 0;
  scan.inHead = true;
  scan.newline = TEXT;
  scan.word = LINE_START;
  scan.matched = 0;
  scan.dataInBlock = false;
  loseChunks(scan.chunks);
  scan.tail = 0;
  scan.tailBytes = 0;
}

/**
 * Take the next segment of the response.
 *
 * @param captured payload bytes in the file
 * @param length payload bytes on the wire
 * @returns true when the response's first event begins in this segment's captured bytes, with none missed before
 */
export function scanSegment(
  scan: ResponseScan,
  bytes: Uint8Array,
  start: number,
  captured: number,
  length: number,
): boolean {
  const wasPending = scan.firstEvent === 'pending';
  const eventsBefore = scan.events;
  const end = start + captured;
  if (scan.bytes === 0) scan.status = readStatus(bytes, start, captured);
  else if (!scan.inHead) findChunkStart(scan, bytes, start, end);
  const beganInHead = scan.inHead;
  scanBytes(scan, bytes, start, end);
  if (!beganInHead) followChunks(scan.chunks, bytes, start, end);
  else if (!scan.inHead && scan.framing === 'chunked') {
    beginChunks(scan.chunks, true);
    followChunks(scan.chunks, bytes, start + (scan.headBytes - scan.bytes), end);
  }
  keepTail(scan, bytes, start, captured, length);
  scan.bytes += length;
  scan.segments++;
  if (scan.events > eventsBefore) scan.eventSegments++;
  const found = wasPending && scan.firstEvent === 'found';
  if (captured === length) scan.wholeSegments++;
  else loseSync(scan, length - captured);
  return found;
}

/** Bytes of the response are missing between two captured segments. */
export function skipMissing(scan: ResponseScan, length: number): void {
  scan.bytes += length;
  scan.tailBytes = 0;
  loseSync(scan, length);
}

/**
 * Whether the response had been sent to its end, when `ending` came. Open only where that is proved; undecidable
 * where the head was not captured or the bytes that would tell are missing.
 */
export function responseState(
  scan: ResponseScan,
  ending: 'close' | 'reset' | 'none',
): 'complete' | 'open' | 'undecidable' {
  if (scan.bytes === 0) return 'open';
  switch (scan.framing) {
    case 'chunked':
      return chunkedState(scan);
    case 'length':
      return scan.bytes - scan.headBytes >= scan.contentLength ? 'complete' : 'open';
    case 'until-close':
      return ending === 'close' ? 'complete' : 'open';
    case 'unknown':
      // The last chunk's bytes end a response whatever was seen of its head.
      if (endsWithLastChunk(scan)) return 'complete';
      // A head whose end never came was being read to its last captured byte.
      return scan.inHead && scan.wholeSegments === scan.segments ? 'open' : 'undecidable';
  }
}

function chunkedState(scan: ResponseScan): 'complete' | 'open' | 'undecidable' {
  const { chunks } = scan;
  if (chunks.at === DONE) return 'complete';
  if (chunks.at !== LOST && chunks.proven) return 'open';
  if (endsWithLastChunk(scan)) return 'complete';
  // Trailers end in a blank line, and so may a chunk: only another end is proof.
  return mayEndBlankLine(scan) ? 'undecidable' : 'open';
}

function endsWithLastChunk(scan: ResponseScan): boolean {
  if (scan.tailBytes >= TAIL_BYTES) return scan.tail === LAST_CHUNK;
  // Exactly the five bytes after a cut: a write of its own, as servers end a chunked response.
  return scan.tailBytes === 5 && scan.tail % FIVE_BYTES === LAST_CHUNK % FIVE_BYTES;
}

function mayEndBlankLine(scan: ResponseScan): boolean {
  const known = 256 ** Math.min(scan.tailBytes, BLANK_LINE_BYTES);
  return scan.tail % known === BLANK_LINE % known;
}

/** After a gap a segment that begins with a chunk size is taken to begin a chunk, and to show the framing. */
function findChunkStart(scan: ResponseScan, bytes: Uint8Array, start: number, end: number): void {
  if (scan.chunks.at !== LOST || (scan.framing !== 'unknown' && scan.framing !== 'chunked')) return;
  if (!startsWithChunkSize(bytes, start, end)) return;
  scan.framing = 'chunked';
  beginChunks(scan.chunks, false);
}

/** After a gap a segment is taken to start a line, since one write of the server is one segment as a rule. */
function loseSync(scan: ResponseScan, missing: number): void {
  stepOverMissing(scan.chunks, missing);
  if (scan.firstEvent === 'pending') scan.firstEvent = 'undecidable';
  scan.inHead = false;
  scan.newline = AFTER_LF;
  scan.word = LINE_START;
  scan.dataInBlock = false;
}

function scanBytes(scan: ResponseScan, bytes: Uint8Array, start: number, end: number): void {
  let at = start;
  while (at < end) {
    // Most bytes lie inside lines of no interest: only CR and LF matter there.
    if (scan.word === OTHER) {
      while (at < end && bytes[at]! > CR) at++;
      if (at === end) return;
    }
    const byte = bytes[at++]!;
    if (byte === LF || byte === CR) {
      if (endLine(scan, byte)) endBlock(scan, scan.bytes + (at - start));
    } else {
      scan.newline = TEXT;
      if (scan.word !== OTHER) matchWord(scan, byte, scan.bytes + (at - start));
    }
  }
}

/** True when the byte completes a blank line. */
function endLine(scan: ResponseScan, byte: number): boolean {
  const before = scan.newline;
  scan.word = LINE_START;
  scan.matched = 0;
  if (byte === LF) {
    const blank = before === AFTER_LF || before === AFTER_CRLF || before === AFTER_CRLF_CR;
    if (before === AFTER_CR || before === AFTER_CRLF_CR) scan.newline = AFTER_CRLF;
    else scan.newline = AFTER_LF;
    return blank;
  }
  if (before === AFTER_CRLF) scan.newline = AFTER_CRLF_CR;
  else if (before === AFTER_LF) scan.newline = AFTER_LF_CR;
  else scan.newline = AFTER_CR;
  return before === AFTER_CR || before === AFTER_CRLF_CR;
}

function endBlock(scan: ResponseScan, offset: number): void {
  scan.dataInBlock = false;
  if (!scan.inHead) return;
  // An interim response is followed by the head that counts.
  if (scan.status >= 100 && scan.status < 200) {
    scan.status = Number.NaN;
    return;
  }
  scan.inHead = false;
  scan.headBytes = offset;
  if (scan.framing === 'unknown') {
    scan.framing = Number.isNaN(scan.contentLength) ? 'until-close' : 'length';
  }
}

function matchWord(scan: ResponseScan, byte: number, offset: number): void {
  if (scan.word === NUMBER) {
    if (byte >= 48 && byte <= 57) {
      scan.contentLength = (Number.isNaN(scan.contentLength) ? 0 : scan.contentLength * 10) + (byte - 48);
    } else if (byte !== 32) scan.word = OTHER;
    return;
  }
  // Header names are case-insensitive, event stream fields are not.
  const folded = scan.inHead && byte >= 65 && byte <= 90 ? byte | 32 : byte;
  if (scan.word === LINE_START) {
    scan.word = (scan.inHead ? HEAD_WORD_OF : BODY_WORD_OF)[folded]!;
    scan.matched = 1;
    return;
  }
  const word = (scan.inHead ? HEAD_WORDS : BODY_WORDS)[scan.word];
  if (word === undefined || word.charCodeAt(scan.matched) !== folded) {
    scan.word = OTHER;
    return;
  }
  scan.matched++;
  if (scan.matched < word.length) return;
  if (scan.inHead) endHeaderName(scan);
  else endFieldName(scan, offset - word.length);
}

function endHeaderName(scan: ResponseScan): void {
  if (scan.word === TRANSFER_ENCODING) {
    scan.framing = 'chunked';
    scan.word = OTHER;
  } else {
    scan.contentLength = Number.NaN;
    scan.word = NUMBER;
  }
}

function endFieldName(scan: ResponseScan, offset: number): void {
  if (scan.firstEvent === 'pending') {
    scan.firstEvent = 'found';
    scan.firstEventAt = offset;
  }
  if (scan.word === DATA && !scan.dataInBlock) {
    scan.dataInBlock = true;
    scan.events++;
  }
  scan.word = OTHER;
}

function keepTail(
  scan: ResponseScan,
  bytes: Uint8Array,
  start: number,
  captured: number,
  length: number,
): void {
  if (captured < length) {
    scan.tailBytes = 0;
    return;
  }
  const end = start + captured;
  if (captured >= TAIL_BYTES) {
    // A remainder of doubles for each byte would be the slowest part of the scan.
    const low = (bytes[end - 4]! << 24) | (bytes[end - 3]! << 16) | (bytes[end - 2]! << 8) | bytes[end - 1]!;
    scan.tail = ((bytes[end - 6]! << 8) | bytes[end - 5]!) * FOUR_BYTES + (low >>> 0);
    scan.tailBytes = TAIL_BYTES;
    return;
  }
  for (let at = start; at < end; at++) scan.tail = (scan.tail % FIVE_BYTES) * 256 + bytes[at]!;
  scan.tailBytes = Math.min(TAIL_BYTES, scan.tailBytes + captured);
}

/** The code of `HTTP/1.1 200`, or NaN where it was not captured in one piece. */
function readStatus(bytes: Uint8Array, start: number, captured: number): number {
  if (captured < 12 || bytes[start] !== 0x48) return Number.NaN;
  return (bytes[start + 9]! - 48) * 100 + (bytes[start + 10]! - 48) * 10 + (bytes[start + 11]! - 48);
}
