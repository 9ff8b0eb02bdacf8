/**
 * The largest `retry` that is taken as it is, of whatever unit the server means. The article's rule, written for a count;
 * the field is in milliseconds (HTML 9.2.6) and real servers send thousands, so that the limit is an option of the run.
 */
export const DEFAULT_RETRY_LIMIT = 10;

/** The article's limit on the length of a comment. */
const DEFAULT_COMMENT_CHARS = 256;

const DEL = 0x7f;

/** Whether a `retry` may be followed: an integer from 0 to `limit`. Digits beyond 2^53 make no exact integer. */
export function judgeRetry(value: number, limit: number = DEFAULT_RETRY_LIMIT): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= limit;
}

/** Whether the value of a `retry` field is ignored: HTML 9.2.6 takes ASCII digits alone, and nothing is no number. */
export function isBadRetry(buf: Uint8Array, start: number, end: number): boolean {
  for (let pos = start; pos < end; pos++) {
    const byte = buf[pos]!;
    if (byte < 0x30 || byte > 0x39) return true;
  }
  return start >= end;
}

/**
 * Whether a comment breaks the article's rule: more than `maxChars` characters, or a control character (0x00 to 0x1f, the
 * tab among them, and 0x7f). Judges the range as it is: the space that usually follows the colon is a character of it.
 *
 * Characters are code points, as a UTF-8 decoder would make them: each ill-formed sequence counts as the one replacement
 * character that it decodes to. Reads no further than the verdict needs.
 */
export function isBadComment(
  buf: Uint8Array,
  start: number,
  end: number,
  maxChars: number = DEFAULT_COMMENT_CHARS,
): boolean {
  let chars = 0;
  let pos = start;
  while (pos < end) {
    const byte = buf[pos]!;
    if (byte < 0x20 || byte === DEL) return true;
    if (++chars > maxChars) return true;
    pos = byte < 0x80 ? pos + 1 : afterSequence(buf, pos, end);
  }
  return false;
}

/**
 * The position after the character that begins with the non-ASCII byte at `pos`: the longest valid beginning of a
 * sequence (Unicode table 3-7), a lone byte where it can begin none. That is what decoders replace by one U+FFFD.
 */
function afterSequence(buf: Uint8Array, pos: number, end: number): number {
  const lead = buf[pos]!;
  let missing = 0;
  // The second byte is bounded further where an overlong form, a surrogate or more than U+10FFFF would begin.
  let lowest = 0x80;
  let highest = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) missing = 1;
  else if (lead >= 0xe0 && lead <= 0xef) {
    missing = 2;
    if (lead === 0xe0) lowest = 0xa0;
    else if (lead === 0xed) highest = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    missing = 3;
    if (lead === 0xf0) lowest = 0x90;
    else if (lead === 0xf4) highest = 0x8f;
  }
  let next = pos + 1;
  while (missing > 0 && next < end && buf[next]! >= lowest && buf[next]! <= highest) {
    lowest = 0x80;
    highest = 0xbf;
    missing--;
    next++;
  }
  return next;
}
