/**
 * Where in a chunked body (RFC 9112, section 7.1) the bytes seen so far end. Bytes that were not captured are
 * stepped over where they lie inside one chunk, whose size says where it ends; anywhere else the place is lost.
 */
export interface ChunkPlace {
  /** One of the constants below. */
  at: number;
  /** Size of the chunk as read so far, then its data bytes still to come. */
  left: number;
  /** Chunk sizes have been right: followed from the head on, or a chunk's end was found where its size said. */
  proven: boolean;
}

/** Not known: bytes are missing, or what came is no chunked body. */
export const LOST = 0;
const SIZE_START = 1;
const SIZE = 2;
const EXTENSION = 3;
const SIZE_LF = 4;
const DATA = 5;
const DATA_CR = 6;
const DATA_LF = 7;
const TRAILER_START = 8;
const TRAILER = 9;
const LAST_LF = 10;
/** The blank line behind the last chunk and its trailers has come, and nothing after it. */
export const DONE = 11;

const LF = 10;
const CR = 13;
/** Sizes beyond are no sizes: 2^52 is still exact in a double. */
const LARGEST_CHUNK = 2 ** 52;

export function createChunkPlace(): ChunkPlace {
  return { at: LOST, left: 0, proven: false };
}

/** A chunk size comes next. `proven` where that is certain and not only looks so. */
export function beginChunks(place: ChunkPlace, proven: boolean): void {
  place.at = SIZE_START;
  place.left = 0;
  place.proven = proven;
}

export function loseChunks(place: ChunkPlace): void {
  place.at = LOST;
  place.proven = false;
}

/** Bytes of the body that were not captured. */
export function stepOverMissing(place: ChunkPlace, length: number): void {
  if (length === 0) return;
  const before = place.at === DATA ? place.left : place.at === DATA_CR ? 0 : place.at === DATA_LF ? -1 : NaN;
  const after = before - length;
  if (after > 0) place.left = after;
  else if (after === 0) place.at = DATA_CR;
  else if (after === -1) place.at = DATA_LF;
  else if (after === -2) place.at = SIZE_START;
  else loseChunks(place);
}

/** Follow the body's next bytes. */
export function followChunks(place: ChunkPlace, bytes: Uint8Array, start: number, end: number): void {
  let at = start;
  while (at < end && place.at !== LOST) {
    if (place.at === DATA) {
      const step = Math.min(place.left, end - at);
      place.left -= step;
      at += step;
      if (place.left === 0) place.at = DATA_CR;
    } else {
      takeByte(place, bytes[at++]!);
    }
  }
}

function takeByte(place: ChunkPlace, byte: number): void {
  switch (place.at) {
    case SIZE_START:
      place.left = 0;
      takeSize(place, byte, true);
      return;
    case SIZE:
      takeSize(place, byte, false);
      return;
    case EXTENSION:
      if (byte === CR) place.at = SIZE_LF;
      return;
    case SIZE_LF:
      if (byte !== LF) loseChunks(place);
      else place.at = place.left === 0 ? TRAILER_START : DATA;
      return;
    case DATA_CR:
      if (byte === CR) place.at = DATA_LF;
      else loseChunks(place);
      return;
    case DATA_LF:
      if (byte !== LF) loseChunks(place);
      else {
        place.at = SIZE_START;
        place.proven = true;
      }
      return;
    case TRAILER_START:
      place.at = byte === CR ? LAST_LF : TRAILER;
      return;
    case TRAILER:
      if (byte === LF) place.at = TRAILER_START;
      return;
    case LAST_LF:
      if (byte === LF) place.at = DONE;
      else loseChunks(place);
      return;
    default:
      // Bytes behind the end: of an answer to a pipelined request.
      loseChunks(place);
  }
}

function takeSize(place: ChunkPlace, byte: number, first: boolean): void {
  const digit = hexDigit(byte);
  if (digit >= 0) {
    place.left = place.left * 16 + digit;
    if (place.left > LARGEST_CHUNK) loseChunks(place);
    else place.at = SIZE;
  } else if (first) loseChunks(place);
  else if (byte === CR) place.at = SIZE_LF;
  // A semicolon, or the blanks that some servers put before it or before the line's end.
  else if (byte === 0x3b || byte === 0x20 || byte === 0x09) place.at = EXTENSION;
  else loseChunks(place);
}

/** The first chunk size in a segment that begins with one, as `1a\r\n` or `1a;name=value\r\n`; whether there is one. */
export function startsWithChunkSize(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && hexDigit(bytes[at]!) >= 0) at++;
  if (at === start || at - start > LONGEST_SIZE) return false;
  if (bytes[at] === 0x3b) while (at < end && bytes[at] !== CR && bytes[at] !== LF) at++;
  return at + 1 < end && bytes[at] === CR && bytes[at + 1] === LF;
}

/** Digits of a 32-bit size; servers that pad write no more. */
const LONGEST_SIZE = 8;

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
