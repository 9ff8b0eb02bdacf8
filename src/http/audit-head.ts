import type { HeadFinding, HeadVerdict } from '../model/head-finding.ts';

export interface HeadAuditOptions {
  /** The stream has no end of its own. */
  endless: boolean;
  /** The response is HTTP/1.0, where a connection ends with its response unless told otherwise. @default false */
  http10?: boolean;
  /** The `Accept-Encoding` of the request, where it had one. */
  acceptEncoding?: string;
}

/**
 * Checks a response head against what event streams require (the article's 2.1, HTML 9.2, RFC 9110 to 9112).
 *
 * @param field the value of a field by its lower-case name; of several with that name, all of them joined by commas
 * @returns one finding for each of the six headers, always in the same order
 */
export function auditStreamHead(
  field: (lowerName: string) => string | undefined,
  options: HeadAuditOptions,
): HeadFinding[] {
  const { endless, http10 = false, acceptEncoding } = options;
  return [
    find('Content-Type', field('content-type'), judgeContentType),
    find('Cache-Control', field('cache-control'), judgeCacheControl),
    find('Connection', field('connection'), (value) => judgeConnection(value, endless, http10)),
    find('X-Accel-Buffering', field('x-accel-buffering'), judgeAccelBuffering),
    find('Content-Encoding', field('content-encoding'), (value) =>
      judgeContentEncoding(value, acceptEncoding),
    ),
    find('Content-Length', field('content-length'), (value) => judgeContentLength(value, endless)),
  ];
}

type Judgement = [verdict: HeadVerdict, note: string];

function find(
  header: HeadFinding['header'],
  value: string | undefined,
  judge: (value: string | undefined) => Judgement,
): HeadFinding {
  const [verdict, note] = judge(value);
  return { header, verdict, ...(value !== undefined && { value }), note };
}

function judgeContentType(value: string | undefined): Judgement {
  if (value === undefined) return ['missing', 'browsers refuse a stream that is not text/event-stream'];
  const [type, ...parameters] = splitUnquoted(value, ';');
  if (type.toLowerCase() !== 'text/event-stream') {
    return ['wrong', 'browsers refuse a stream that is not text/event-stream'];
  }
  for (const parameter of parameters) {
    const [name, charset = ''] = splitAtEquals(parameter);
    if (name.toLowerCase() === 'charset' && unquote(charset).toLowerCase() !== 'utf-8') {
      return ['wrong', 'event streams are always UTF-8: a charset may only say utf-8'];
    }
  }
  return ['ok', 'text/event-stream'];
}

function judgeCacheControl(value: string | undefined): Judgement {
  if (value === undefined)
    return ['missing', 'caches may keep and replay the stream without no-cache or no-store'];
  const directives = splitUnquoted(value.toLowerCase(), ',');
  const directive = directives.find((name) => name === 'no-store' || name === 'no-cache');
  if (directive !== undefined) return ['ok', directive];
  // RFC 9111 5.2.2.4: no-cache="Set-Cookie" withholds that field alone.
  if (directives.some((name) => splitAtEquals(name)[0] === 'no-cache')) {
    return ['wrong', 'no-cache with field names lets caches keep the rest'];
  }
  return ['wrong', 'caches may keep and replay the stream without no-cache or no-store'];
}

function judgeConnection(value: string | undefined, endless: boolean, http10: boolean): Judgement {
  const tokens = splitUnquoted((value ?? '').toLowerCase(), ',');
  if (tokens.includes('close')) {
    return endless
      ? ['wrong', 'close announces the end of a connection that an endless stream needs to last']
      : ['ok', 'close: every stream costs a new connection'];
  }
  if (tokens.includes('keep-alive')) return ['ok', 'keep-alive'];
  return http10
    ? ['missing', 'HTTP/1.0 ends the connection with the response without keep-alive']
    : ['implied', 'HTTP/1.1 connections persist by default'];
}

function judgeAccelBuffering(value: string | undefined): Judgement {
  if (value === undefined)
    return ['missing', 'matters behind nginx only, which buffers the stream without it'];
  return value.trim().toLowerCase() === 'no'
    ? ['ok', 'no']
    : ['wrong', 'nginx buffers the stream unless it is no'];
}

function judgeContentEncoding(value: string | undefined, acceptEncoding: string | undefined): Judgement {
  if (value === undefined) return ['ok', 'absent: sent as it is'];
  if (readCodings(value).length === 0) return ['ok', 'none: sent as it is'];
  const unasked = findUnaskedCoding(value, acceptEncoding);
  return unasked === undefined
    ? ['ok', 'asked for by the request']
    : ['wrong', `the request did not ask for ${unasked}: clients without a decoder see no events`];
}

/** The first coding in a `Content-Encoding` that a request with this `Accept-Encoding` did not ask for. */
export function findUnaskedCoding(
  contentEncoding: string,
  acceptEncoding: string | undefined,
): string | undefined {
  return readCodings(contentEncoding).find((coding) => !accepts(acceptEncoding, coding));
}

function readCodings(contentEncoding: string): string[] {
  return splitUnquoted(contentEncoding.toLowerCase(), ',').filter(
    (name) => name !== '' && name !== 'identity',
  );
}

/** Whether a request with this `Accept-Encoding` asks for the coding: RFC 9110 12.5.3. */
function accepts(acceptEncoding: string | undefined, coding: string): boolean {
  let wildcard = false;
  for (const item of splitUnquoted(acceptEncoding ?? '', ',')) {
    const [name, ...parameters] = splitUnquoted(item.toLowerCase(), ';');
    // A weight of 0 says no, however many zeros it is written with.
    const isWanted = !parameters.some((parameter) => /^q\s*=\s*0(?:\.0*)?$/.test(parameter));
    if (name === coding || name === `x-${coding}` || `x-${name}` === coding) return isWanted;
    if (name === '*') wildcard = isWanted;
  }
  return wildcard;
}

function judgeContentLength(value: string | undefined, endless: boolean): Judgement {
  if (value === undefined) return ['ok', 'absent: the stream may go on'];
  return endless
    ? ['wrong', 'an endless stream has no length: clients stop reading there']
    : ['ok', 'a finite stream may tell its length'];
}

/** The parts between separators outside quoted strings (RFC 9110 5.6.4), trimmed. */
function splitUnquoted(text: string, separator: ',' | ';'): [first: string, ...rest: string[]] {
  const ends: number[] = [];
  let quoted = false;
  for (let pos = 0; pos < text.length; pos++) {
    const char = text[pos];
    if (quoted && char === '\\') pos++;
    else if (char === '"') quoted = !quoted;
    else if (char === separator && !quoted) ends.push(pos);
  }
  ends.push(text.length);
  const [first = '', ...rest] = ends.map((end, i) => text.slice(i === 0 ? 0 : ends[i - 1]! + 1, end).trim());
  return [first, ...rest];
}

function splitAtEquals(parameter: string): [name: string, value?: string] {
  const equals = parameter.indexOf('=');
  if (equals < 0) return [parameter];
  return [parameter.slice(0, equals).trim(), parameter.slice(equals + 1).trim()];
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1') : value;
}
