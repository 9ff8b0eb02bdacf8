const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const CHOICES = Buffer.from('choices');
const USAGE = Buffer.from('usage');
const COMPLETION_TOKENS = Buffer.from('completion_tokens');
const DELTA = Buffer.from('delta');
const TEXT = Buffer.from('text');
const CONTENT = Buffer.from('content');
const REASONING_CONTENT = Buffer.from('reasoning_content');
const REASONING = Buffer.from('reasoning');
const TOOL_CALLS = Buffer.from('tool_calls');
const FUNCTION_CALL = Buffer.from('function_call');
const NAME = Buffer.from('name');
const ARGUMENTS = Buffer.from('arguments');
const DONE = Buffer.from('[DONE]');

/** Longer documents are not remembered: their repetition saves little for the memory it takes per connection. */
const LONGEST_TEMPLATE = 1024;
/** Counts up to 15 digits are exact in a double. */
const MAX_DIGITS = 15;
/** `completionTokens` of a chunk that does not tell. */
export const NOT_TOLD = -1;

/** Where in the document the reader is; containers are opened at the depth in brackets. */
const ELSEWHERE = 0;
/** The array [1] of choices. */
const IN_CHOICES = 1;
/** The object [1] of token counts. */
const IN_USAGE = 2;
/** The object [3] with what a choice adds. */
const IN_DELTA = 1;
/** The value [4] of a function or tool call. */
const IN_CALLS = 1;
/** The array [4] of a content that comes in parts. */
const IN_PARTS = 2;

/**
 * Reads one event of a token stream in the form of OpenAI's chat completions, or of the older completions.
 *
 * A **content chunk** carries generated text: in any of its choices a non-empty string as `delta.content`,
 * `delta.reasoning_content`, `delta.reasoning` or `text`, as the name or arguments of a tool or function call, or as
 * the `text` of a content part. The opening chunk with the role, the closing one with the finish reason, those with
 * `content: null` or `''`, and usage are none.
 *
 * One pass over the bytes that knows its depth but keeps no tree and makes no strings. So text that merely looks like
 * a key (`"say \"usage\": {"`), and keys of the same name elsewhere (`logprobs.content`), are not mistaken. Keys are
 * compared as bytes: a letter written as `\u0063` does not match. Of what is no JSON, anything may come out, but
 * never an exception.
 *
 * The chunks of a stream mostly differ in one string alone. The last one that had a single piece of text is remembered:
 * where the bytes around that string are the same again, they mean the same, and only the string is looked at.
 */
export class LlmChunk {
  /** `[DONE]` */
  isDone = false;
  /** `choices` is an array with at least one element. */
  hasChoices = false;
  /** A content chunk, see above. */
  hasContent = false;
  /** A content chunk with more than reasoning. */
  hasOutput = false;
  /** `usage.completion_tokens`, or NOT_TOLD. */
  completionTokens = NOT_TOLD;
  /** The document did not end within the bytes. */
  isOpen = false;

  private section = ELSEWHERE;
  private member = ELSEWHERE;
  private value = ELSEWHERE;
  /** Pieces of text in the document, and where the first of them begins and ends, without its quotes. */
  private texts = 0;
  private textAt = 0;

  private template: Buffer | null = null;
  private templateLength = 0;
  /** The string in the template that may differ, without its quotes. */
  private holeAt = 0;
  private holeEnd = 0;
  private holeIsOutput = false;
  private templateTokens = NOT_TOLD;

  /** Read `buf[start, end)`, the whole data of an event; what was read before is forgotten. */
  read(buf: Buffer, start: number, end: number): void {
    this.isDone = false;
    this.hasChoices = false;
    this.hasContent = false;
    this.hasOutput = false;
    this.completionTokens = NOT_TOLD;
    this.isOpen = false;
    const first = skipSpace(buf, start, end);
    if (first === end) return;
    if (buf[first] !== OPEN_BRACE) {
      this.isDone = isDoneMark(buf, first, end);
      return;
    }
    if (this.templateLength > 0 && this.readLikeBefore(buf, first, end)) return;
    this.readDocument(buf, first, end);
    const isPlain = this.texts === 1 && this.hasChoices && !this.isOpen;
    if (isPlain && end - first <= LONGEST_TEMPLATE) this.remember(buf, first, end);
  }

  /** @returns false where the document differs from the one before in more than its text */
  private readLikeBefore(buf: Buffer, start: number, end: number): boolean {
    const { holeAt, holeEnd, templateLength } = this;
    const template = this.template!;
    const text = start + holeAt;
    if (text >= end || buf.compare(template, 0, holeAt, start, text) !== 0) return false;
    const close = findClosingQuote(buf, text, end);
    if (end - close !== templateLength - holeEnd) return false;
    for (let pos = close, i = holeEnd; pos < end; pos++, i++) if (buf[pos] !== template[i]) return false;
    this.hasChoices = true;
    this.hasContent = close > text;
    this.hasOutput = close > text && this.holeIsOutput;
    this.completionTokens = this.templateTokens;
    return true;
  }

  private remember(buf: Buffer, start: number, end: number): void {
    const length = end - start;
    if (this.template === null || this.template.length < length) {
      this.template = Buffer.allocUnsafeSlow(Math.min(LONGEST_TEMPLATE, length + 64));
    }
    buf.copy(this.template, 0, start, end);
    this.templateLength = length;
    this.holeAt = this.textAt - start;
    this.holeEnd = findClosingQuote(buf, this.textAt, end) - start;
    this.holeIsOutput = this.hasOutput;
    this.templateTokens = this.completionTokens;
  }

  private readDocument(buf: Buffer, start: number, end: number): void {
    this.section = ELSEWHERE;
    this.member = ELSEWHERE;
    this.value = ELSEWHERE;
    this.texts = 0;
    let depth = 0;
    let pos = start;
    while (pos < end) {
      const byte = buf[pos]!;
      if (byte === QUOTE) {
        const close = findClosingQuote(buf, pos + 1, end);
        if (close >= end) break;
        if (this.isOfInterest(depth)) {
          const after = skipSpace(buf, close + 1, end);
          if (after < end && buf[after] === COLON) {
            this.readMember(buf, pos + 1, close, skipSpace(buf, after + 1, end), end, depth);
          }
        }
        pos = close;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        depth++;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        depth--;
        // An element of choices has ended; the next one may be no object.
        if (depth === 2) this.member = ELSEWHERE;
        else if (depth === 0) return;
      }
      pos++;
    }
    this.isOpen = true;
  }

  private isOfInterest(depth: number): boolean {
    if (depth === 1) return true;
    if (this.section === IN_USAGE) return depth === 2;
    return this.section === IN_CHOICES && (depth === 3 || (this.member === IN_DELTA && depth > 3));
  }

  /** The key is `buf[key, keyEnd)`; its value begins at `at`. */
  private readMember(buf: Buffer, key: number, keyEnd: number, at: number, end: number, depth: number): void {
    if (at >= end) return;
    if (depth === 1) {
      this.section = ELSEWHERE;
      if (equals(buf, key, keyEnd, CHOICES)) {
        if (buf[at] === OPEN_BRACKET) {
          this.section = IN_CHOICES;
          const element = skipSpace(buf, at + 1, end);
          if (element < end && buf[element] !== CLOSE_BRACKET) this.hasChoices = true;
        }
      } else if (equals(buf, key, keyEnd, USAGE) && buf[at] === OPEN_BRACE) {
        this.section = IN_USAGE;
      }
    } else if (depth === 2) {
      if (equals(buf, key, keyEnd, COMPLETION_TOKENS)) this.completionTokens = readCount(buf, at, end);
    } else if (depth === 3) {
      this.member = ELSEWHERE;
      if (equals(buf, key, keyEnd, DELTA)) {
        if (buf[at] === OPEN_BRACE) this.member = IN_DELTA;
      } else if (equals(buf, key, keyEnd, TEXT)) {
        if (isText(buf, at, end)) this.foundOutput(at);
      }
    } else if (depth === 4) {
      this.readDelta(buf, key, keyEnd, at, end);
    } else if (this.value === IN_CALLS) {
      const isGenerated = equals(buf, key, keyEnd, ARGUMENTS) || equals(buf, key, keyEnd, NAME);
      if (isGenerated && isText(buf, at, end)) this.foundOutput(at);
    } else if (this.value === IN_PARTS) {
      if (equals(buf, key, keyEnd, TEXT) && isText(buf, at, end)) this.foundOutput(at);
    }
  }

  private readDelta(buf: Buffer, key: number, keyEnd: number, at: number, end: number): void {
    this.value = ELSEWHERE;
    if (equals(buf, key, keyEnd, CONTENT)) {
      if (isText(buf, at, end)) this.foundOutput(at);
      else if (buf[at] === OPEN_BRACKET) this.value = IN_PARTS;
    } else if (equals(buf, key, keyEnd, REASONING_CONTENT) || equals(buf, key, keyEnd, REASONING)) {
      if (isText(buf, at, end)) this.foundText(at);
    } else if (equals(buf, key, keyEnd, TOOL_CALLS) || equals(buf, key, keyEnd, FUNCTION_CALL)) {
      this.value = IN_CALLS;
    }
  }

  private foundText(at: number): void {
    if (this.texts++ === 0) this.textAt = at + 1;
    this.hasContent = true;
  }

  private foundOutput(at: number): void {
    this.foundText(at);
    this.hasOutput = true;
  }
}

function isDoneMark(buf: Buffer, start: number, end: number): boolean {
  const markEnd = start + DONE.length;
  return markEnd <= end && equals(buf, start, markEnd, DONE) && skipSpace(buf, markEnd, end) === end;
}

/** Whether a string with at least one character begins at `at`. */
function isText(buf: Buffer, at: number, end: number): boolean {
  return at + 1 < end && buf[at] === QUOTE && buf[at + 1] !== QUOTE;
}

function findClosingQuote(buf: Buffer, start: number, end: number): number {
  let pos = start;
  while (pos < end) {
    const byte = buf[pos];
    if (byte === QUOTE) return pos;
    pos += byte === BACKSLASH ? 2 : 1;
  }
  return end;
}

function skipSpace(buf: Buffer, start: number, end: number): number {
  let pos = start;
  while (pos < end) {
    const byte = buf[pos];
    if (byte !== SPACE && byte !== LF && byte !== CR && byte !== TAB) return pos;
    pos++;
  }
  return end;
}

function equals(buf: Buffer, start: number, end: number, word: Buffer): boolean {
  const length = word.length;
  if (end - start !== length) return false;
  for (let i = 0; i < length; i++) if (buf[start + i] !== word[i]) return false;
  return true;
}

/** A whole number without sign, fraction or exponent; NOT_TOLD for anything else. */
function readCount(buf: Buffer, start: number, end: number): number {
  let pos = start;
  let value = 0;
  for (; pos < end; pos++) {
    const digit = buf[pos]! - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  const digits = pos - start;
  if (digits === 0 || digits > MAX_DIGITS) return NOT_TOLD;
  const after = skipSpace(buf, pos, end);
  return after < end && (buf[after] === COMMA || buf[after] === CLOSE_BRACE) ? value : NOT_TOLD;
}
