/** `bytes` cut behind the first byte of each character that has several. */
export function cutInsideCharacters(bytes: Buffer): Buffer[] {
  return cutBefore(bytes, (i) => isContinuation(bytes[i]!) && !isContinuation(bytes[i - 1]!));
}

/** `bytes` cut between the two bytes of every CRLF. */
export function cutInsideLineEnds(bytes: Buffer): Buffer[] {
  return cutBefore(bytes, (i) => bytes[i] === 0x0a && bytes[i - 1] === 0x0d);
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function cutBefore(bytes: Buffer, isCut: (index: number) => boolean): Buffer[] {
  const pieces: Buffer[] = [];
  let start = 0;
  for (let i = 1; i < bytes.length; i++) {
    if (!isCut(i)) continue;
    pieces.push(bytes.subarray(start, i));
    start = i;
  }
  return [...pieces, bytes.subarray(start)];
}
