import { UserError } from '../model/errors.ts';

/** Takes one value, an event id or a time, out of the data of an event. */
export interface ValueExtractor {
  /**
   * The value as text, or undefined where the data has none: no JSON, nothing there, no match. Never throws.
   * Of JSON only strings and numbers are values; a number beyond 2^53 is given as it was written.
   */
  extract(data: string): string | undefined;
}

const POINTER = 'pointer:';
const REGEX = 'regex:';

/**
 * @param spec
 *   - `pointer:/a/b`, or `/a/b` alone: JSON pointer (RFC 6901) into data that is one JSON text
 *   - `pointer:`, or the empty string: the whole of that JSON text, a string or a number
 *   - `regex:"seq":(\d+)`: JavaScript regular expression with exactly one capture group, which is the value of its first match
 * @throws UserError for anything else
 */
export function createExtractor(spec: string): ValueExtractor {
  if (spec.startsWith(REGEX)) return new RegexExtractor(compileRegex(spec.slice(REGEX.length)));
  if (spec.startsWith(POINTER)) return new PointerExtractor(parsePointer(spec.slice(POINTER.length)));
  if (spec === '' || spec.startsWith('/')) return new PointerExtractor(parsePointer(spec));
  throw new UserError(
    `${JSON.stringify(spec)} does not say how to find a value: write a JSON pointer as pointer:/name or a regular expression as regex:name=(\\d+)`,
  );
}

class RegexExtractor implements ValueExtractor {
  private readonly regex: RegExp;

  constructor(regex: RegExp) {
    this.regex = regex;
  }

  extract(data: string): string | undefined {
    try {
      return this.regex.exec(data)?.[1];
    } catch {
      // The engine compiles at the first use and may run out of stack then or on very long data.
      return undefined;
    }
  }
}

class PointerExtractor implements ValueExtractor {
  private readonly tokens: readonly string[];

  constructor(tokens: readonly string[]) {
    this.tokens = tokens;
  }

  extract(data: string): string | undefined {
    try {
      const value = this.follow(JSON.parse(data));
      if (typeof value === 'string') return value;
      if (typeof value !== 'number') return undefined;
      if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value);
      return this.follow(JSON.parse(quoteNumbers(data))) as string;
    } catch {
      // Not JSON, or nested deeper than the stack.
      return undefined;
    }
  }

  private follow(root: unknown): unknown {
    let value = root;
    for (const token of this.tokens) {
      if (typeof value !== 'object' || value === null) return undefined;
      // An array's own names are its indices, in the one form that RFC 6901 4 takes, and this:
      if (Array.isArray(value) && token === 'length') return undefined;
      if (!Object.hasOwn(value, token)) return undefined;
      value = (value as Record<string, unknown>)[token];
    }
    return value;
  }
}

/**
 * Valid JSON text with every number made a string of its source: Node 20 has no other way to see how one was written.
 * Strings are stepped over by hand, since one regular expression for both runs out of stack on long ones.
 */
function quoteNumbers(json: string): string {
  let quoted = '';
  let pos = 0;
  while (pos < json.length) {
    const quote = json.indexOf('"', pos);
    const stringStart = quote < 0 ? json.length : quote;
    quoted += json.slice(pos, stringStart).replace(/-?\d[\d.eE+-]*/g, '"$&"');
    pos = stringStart;
    if (quote < 0) break;
    do pos += json[pos] === '\\' ? 2 : 1;
    while (json[pos] !== '"');
    pos++;
    quoted += json.slice(stringStart, pos);
  }
  return quoted;
}

/** @returns the reference tokens, unescaped */
function parsePointer(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) {
    throw new UserError(`JSON pointer ${JSON.stringify(pointer)} does not begin with /: write pointer:/name`);
  }
  if (/~(?![01])/.test(pointer)) {
    throw new UserError(
      `JSON pointer ${JSON.stringify(pointer)} has a ~ that stands for nothing: write ~0 for ~ and ~1 for / in a name`,
    );
  }
  const tokens = pointer.slice(1).split('/');
  // In this order (RFC 6901 4), so that ~01 becomes ~1 and not /.
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function compileRegex(source: string): RegExp {
  let regex: RegExp;
  let groups: number;
  try {
    regex = new RegExp(source);
    // With an alternative that matches anything the result lists all groups.
    groups = new RegExp(`${source}|`).exec('')!.length - 1;
  } catch (error) {
    // `Invalid regular expression: /(/: Unterminated group`: the last part is what is new to the reader.
    const reason = (error as Error).message.split(': ').at(-1)!;
    throw new UserError(`regular expression ${JSON.stringify(source)} is not valid: ${reason}`);
  }
  if (groups !== 1) {
    throw new UserError(
      `regular expression ${JSON.stringify(source)} has ${groups} capture groups: put the value, and nothing else, in ( ) and use (?: ) to group`,
    );
  }
  return regex;
}

/** Integer digits up to which a number is taken for seconds, milliseconds, microseconds; nanoseconds have more. */
const SECONDS_DIGITS = 11;
const MILLISECONDS_DIGITS = 14;
const MICROSECONDS_DIGITS = 17;

const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?([Zz]|[+-]\d\d(?::?[0-5]\d)?)$/;

/**
 * A point in time as text to unix microseconds, what is finer cut off; undefined where it is none, lies before 1970 or
 * beyond 2^53 us (year 2255).
 *
 * - Decimal digits, with or without a fraction: unix seconds below 1e11, milliseconds below 1e14, microseconds below 1e17,
 *   nanoseconds above. The units cannot be confused from 1973 on, before that milliseconds look like seconds.
 * - ISO 8601 in the extended form with an offset, of which RFC 3339 is the better part: `2024-05-01T12:00:00.5+02:00`.
 *   Without an offset it names no point in time. Second 60 is the first of the next minute, as in unix time.
 */
export function parseTimestampUs(text: string): number | undefined {
  const trimmed = text.trim();
  const timeUs = parseUnixTimeUs(trimmed) ?? parseDateTimeUs(trimmed);
  return timeUs !== undefined && timeUs >= 0 && Number.isSafeInteger(timeUs) ? timeUs : undefined;
}

function parseUnixTimeUs(text: string): number | undefined {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, integer = '', fraction = ''] = match;
  const digits = integer.replace(/^0+(?=\d)/, '');
  // On digits, since 19 of them do not fit a double.
  if (digits.length <= SECONDS_DIGITS) return Number(digits + leadingDigits(fraction, 6));
  if (digits.length <= MILLISECONDS_DIGITS) return Number(digits + leadingDigits(fraction, 3));
  if (digits.length <= MICROSECONDS_DIGITS) return Number(digits);
  return Number(digits.slice(0, -3));
}

function parseDateTimeUs(text: string): number | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const fraction = match[7] ?? '';
  const dayMs = Date.UTC(year!, month! - 1, day!);
  const date = new Date(dayMs);
  // Date.UTC carries the 31st of April over into May, and takes the years 0 to 99 for 1900 to 1999.
  const isDate =
    date.getUTCFullYear() === year && date.getUTCMonth() === month! - 1 && date.getUTCDate() === day;
  if (!isDate || hour! > 23 || minute! > 59 || second! > 60) return undefined;
  const offsetMinutes = parseOffsetMinutes(match[8]!);
  if (offsetMinutes === undefined) return undefined;
  const seconds = dayMs / 1000 + (hour! * 60 + minute! - offsetMinutes) * 60 + second!;
  return seconds * 1_000_000 + Number(leadingDigits(fraction, 6));
}

/** `Z`, `+02`, `+0200` or `+02:00`. */
function parseOffsetMinutes(offset: string): number | undefined {
  if (offset === 'Z' || offset === 'z') return 0;
  const hours = Number(offset.slice(1, 3));
  if (hours > 23) return undefined;
  const minutes = hours * 60 + Number(offset.length > 3 ? offset.slice(-2) : 0);
  return offset.startsWith('-') ? -minutes : minutes;
}

function leadingDigits(fraction: string, count: number): string {
  return fraction.slice(0, count).padEnd(count, '0');
}
