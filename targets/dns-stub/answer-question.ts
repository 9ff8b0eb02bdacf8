const HEAD_BYTES = 12;
const TYPE_A = 1;
const CLASS_IN = 1;
const TTL_S = 0;

/** The answer to one question of RFC 1035; undefined for bytes that are none. Never throws. */
export function answerQuestion(message: Buffer): Buffer | undefined {
  // One question, in a message that is a question itself.
  if (message.length < HEAD_BYTES || message[2]! & 0x80 || message.readUInt16BE(4) !== 1) return undefined;
  const end = endOfName(message, HEAD_BYTES);
  if (end === undefined || end + 4 > message.length) return undefined;
  const isAddress = message.readUInt16BE(end) === TYPE_A && message.readUInt16BE(end + 2) === CLASS_IN;
  const head = Buffer.alloc(HEAD_BYTES);
  message.copy(head, 0, 0, 2);
  // QR, and RD as it was asked; RA; no error.
  head[2] = 0x80 | (message[2]! & 0x79);
  head[3] = 0x80;
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(isAddress ? 1 : 0, 6);
  const question = message.subarray(HEAD_BYTES, end + 4);
  if (!isAddress) return Buffer.concat([head, question]);
  const record = Buffer.alloc(16);
  // A pointer to the name in the question.
  record.writeUInt16BE(0xc000 | HEAD_BYTES, 0);
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(CLASS_IN, 4);
  record.writeUInt32BE(TTL_S, 6);
  record.writeUInt16BE(4, 10);
  record.set([127, 0, 0, 1], 12);
  return Buffer.concat([head, question, record]);
}

/** First byte behind a name without pointers, of which a question has none. */
function endOfName(message: Buffer, start: number): number | undefined {
  let at = start;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > 63) return undefined;
    at += length + 1;
    if (length === 0) return at;
  }
}
