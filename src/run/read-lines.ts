import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const PIECE_BYTES = 1 << 18;

/**
 * Lines of a UTF-8 file without their line feeds, in pieces: a million events are more than a hundred megabytes, which as
 * one text with an array of its lines would be several times as much. The last line may be without a line feed.
 */
export function* readLines(path: string, pieceBytes = PIECE_BYTES): Generator<string> {
  const fd = openSync(path, 'r');
  try {
    const piece = Buffer.allocUnsafe(pieceBytes);
    const decoder = new StringDecoder('utf8');
    let begun = '';
    for (;;) {
      const length = readSync(fd, piece, 0, pieceBytes, null);
      const text = length === 0 ? decoder.end() : decoder.write(piece.subarray(0, length));
      const lines = (begun + text).split('\n');
      begun = lines.pop()!;
      yield* lines;
      if (length === 0) break;
    }
    if (begun !== '') yield begun;
  } finally {
    closeSync(fd);
  }
}
