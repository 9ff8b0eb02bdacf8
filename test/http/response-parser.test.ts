import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResponseErrorKind, ResponseLimits } from '../../src/http/response-limits.ts';
import { type ResponseFinish, ResponseParser, type ResponseVisitor } from '../../src/http/response-parser.ts';

interface Parsed {
  heads: { status: number; fields: [string, string][]; eventStream: boolean }[];
  bodies: string[];
  /** keepAlive at the end of each complete response. */
  ended: boolean[];
  error: ResponseErrorKind | null;
  finish: ResponseFinish | 'not-asked';
  rest: number;
}

/** Parse pieces as a connection would: further responses follow at once, the FIN last. */
function parse(
  pieces: Buffer[],
  options: { limits?: Partial<ResponseLimits>; toHead?: boolean; pipelined?: boolean } = {},
): Parsed {
  const out: Parsed = { heads: [], bodies: [], ended: [], error: null, finish: 'not-asked', rest: 0 };
  const visitor: ResponseVisitor = {
    onHead(parser) {
      const fields: [string, string][] = [];
      for (let i = 0; i < parser.fieldCount; i++) fields.push([parser.fieldName(i), parser.fieldValue(i)]);
      out.heads.push({
        status: parser.status,
        fields,
        eventStream: parser.mediaTypeIs('text/event-stream'),
      });
      out.bodies.push('');
    },
    onBody(buf, start, end) {
      out.bodies[out.bodies.length - 1] += buf.toString('latin1', start, end);
    },
    onEnd(parser) {
      out.ended.push(parser.keepAlive);
    },
  };
  const parser = new ResponseParser(visitor, options);
  for (const piece of pieces) {
    let pos = 0;
    while (pos < piece.length) {
      pos = parser.push(piece, pos, piece.length);
      if (parser.error || (parser.done && !options.pipelined)) break;
      if (parser.done) parser.next();
    }
    out.rest += piece.length - pos;
    if (parser.error) break;
  }
  out.error = parser.error?.kind ?? null;
  if (!parser.error) out.finish = parser.finish();
  return out;
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const parseText = (text: string, options?: Parameters<typeof parse>[1]): Parsed =>
  parse([bytes(text)], options);

function cutAt(whole: Buffer, cuts: number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, i) => whole.subarray(from, places[i] ?? whole.length));
}

const head = (...lines: string[]): string =>
  `HTTP/1.1 200 OK\r\n${lines.map((l) => `${l}\r\n`).join('')}\r\n`;

describe('status line and fields', () => {
  it('reads status, fields in order and values without surrounding white space', () => {
    const result = parseText(
      'HTTP/1.1 404 Not Found\r\nA: 1\r\nb:\t two words \r\nEmpty:\r\nContent-Length: 0\r\n\r\n',
    );
    expect(result.heads).toEqual([
      {
        status: 404,
        fields: [
          ['A', '1'],
          ['b', 'two words'],
          ['Empty', ''],
          ['Content-Length', '0'],
        ],
        eventStream: false,
      },
    ]);
    expect(result.ended).toEqual([true]);
  });

  it('takes a status line without reason, and lines that end in LF alone', () => {
    expect(parseText('HTTP/1.1 200\nContent-Length: 2\n\nok').bodies).toEqual(['ok']);
    expect(parseText('HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok').bodies).toEqual(['ok']);
  });

  it('knows text/event-stream in any case and with parameters', () => {
    for (const value of ['text/event-stream', 'Text/Event-Stream; charset=utf-8', 'text/event-stream ;q=1']) {
      expect(parseText(head(`Content-Type: ${value}`)).heads[0]!.eventStream).toBe(true);
    }
    for (const value of ['text/event-streams', 'text/plain; a=text/event-stream', '']) {
      expect(parseText(head(`Content-Type: ${value}`)).heads[0]!.eventStream).toBe(false);
    }
  });

  const bad: [string, string, ResponseErrorKind][] = [
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'bad-status-line'],
    ['a byte that no response starts with', '\x16', 'bad-status-line'],
    ['HTTP/2 in clear', 'HTTP/2.0 200 OK\r\n\r\n', 'bad-status-line'],
    ['HTTP/1.2', 'HTTP/1.2 200 OK\r\n\r\n', 'bad-status-line'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', 'bad-status-line'],
    ['a NUL in the reason', 'HTTP/1.1 200 O\0K\r\n\r\n', 'bad-status-line'],
    ['a bare CR in the reason', 'HTTP/1.1 200 OK\rA: b\r\n\r\n', 'bad-status-line'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'bad-status-line'],
    ['a field without colon', head('Nonsense'), 'bad-header'],
    ['a field with a space before the colon', head('A : b'), 'bad-header'],
    ['a folded field', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n', 'bad-header'],
    ['a bare CR in a value', head('A: b\rc'), 'bad-header'],
    ['a NUL in a value', head('A: b\0c'), 'bad-header'],
    ['an upgrade nobody asked for', 'HTTP/1.1 101 Switching\r\n\r\n', 'unexpected-upgrade'],
    ['two lengths', head('Content-Length: 3', 'Content-Length: 4'), 'conflicting-length'],
    ['the same length twice', head('Content-Length: 3', 'content-length: 3'), 'conflicting-length'],
    ['a list of lengths', head('Content-Length: 3, 3'), 'bad-content-length'],
    ['a negative length', head('Content-Length: -1'), 'bad-content-length'],
    ['a hexadecimal length', head('Content-Length: 0x10'), 'bad-content-length'],
    ['an empty length', head('Content-Length:'), 'bad-content-length'],
    ['a length past 2^53', head('Content-Length: 9007199254740993'), 'bad-content-length'],
    ['length and chunked', head('Content-Length: 3', 'Transfer-Encoding: chunked'), 'conflicting-length'],
    [
      'a coding that was not asked for',
      head('Transfer-Encoding: gzip, chunked'),
      'unsupported-transfer-encoding',
    ],
    [
      'chunked twice',
      head('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'),
      'unsupported-transfer-encoding',
    ],
  ];
  for (const [name, text, kind] of bad) {
    it(`refuses ${name} as ${kind}, whole or byte by byte`, () => {
      expect(parseText(text).error).toBe(kind);
      expect(parse([...bytes(text)].map((byte) => Buffer.from([byte]))).error).toBe(kind);
    });
  }

  it('judges a bad line when it is complete, however it is cut', () => {
    for (const text of ['HTTP/1.1 200 OK\r\nbad line', 'HTTP/1.1 999999', 'HTTP/1.1 200 OK\r\nA: b\0c']) {
      for (const pieces of [[bytes(text)], [...bytes(text)].map((byte) => Buffer.from([byte]))]) {
        expect(parse(pieces)).toMatchObject({ error: null, finish: 'truncated' });
        expect(parse([...pieces, bytes('\n')]).error).toMatch(/^bad-/);
      }
    }
  });

  it('takes a chunk size with many zeros for too long before it is too large, however it is cut', () => {
    const text = `${head('Transfer-Encoding: chunked')}${'0'.repeat(5000)}${'f'.repeat(20)}\r\n`;
    expect(parseText(text).error).toBe('chunk-line-too-long');
    expect(parse([...bytes(text)].map((byte) => Buffer.from([byte]))).error).toBe('chunk-line-too-long');
  });

  it('refuses a head beyond its limit even if it never ends', () => {
    const endless = `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(300)}`;
    expect(parseText(endless, { limits: { headBytes: 1000, headerCount: 1e6 } }).error).toBe(
      'head-too-large',
    );
    expect(parse(cutAt(bytes(endless), [7, 500, 1500]), { limits: { headBytes: 1000 } }).error).toBe(
      'head-too-large',
    );
    expect(parseText(`${endless}\r\n`, { limits: { headBytes: 1000, headerCount: 1e6 } }).error).toBe(
      'head-too-large',
    );
  });

  it('refuses more fields than its limit and takes as many', () => {
    const lines = Array.from({ length: 300 }, (_, i) => `X-${i}: ${i}`);
    expect(parseText(head(...lines)).error).toBe('too-many-headers');
    expect(parseText(head(...lines), { limits: { headerCount: 300 } }).heads[0]!.fields).toHaveLength(300);
  });
});

describe('body framing', () => {
  it('refuses interim responses without end, however they are cut', () => {
    const storm = bytes(`HTTP/1.1 100 Continue\r\n\r\n${'HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n'.repeat(99)}`);
    const final = bytes(head('Content-Length: 0'));
    const one = bytes('HTTP/1.1 102 Wait\r\n\r\n');
    expect(parse([storm, final]).ended).toEqual([true]);
    expect(parse([storm, one, final]).error).toBe('too-many-interim-responses');
    expect(parse([Buffer.concat([storm, one, final])]).error).toBe('too-many-interim-responses');
    expect(parse([storm], { limits: { interimResponses: 99 } }).error).toBe('too-many-interim-responses');
    expect(parse([final], { limits: { interimResponses: 0 } }).error).toBeNull();
    // The limit is one of each response, not of the connection.
    expect(parse([storm, final, storm, final], { pipelined: true }).ended).toEqual([true, true]);
  });

  it('skips interim responses', () => {
    const result = parseText(
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${head('Content-Length: 1')}!`,
    );
    expect(result.heads.map((h) => h.status)).toEqual([200]);
    expect(result.bodies).toEqual(['!']);
  });

  it('knows a content coding', () => {
    const isEncoded = (...lines: string[]): boolean => {
      let encoded = false;
      const visitor: ResponseVisitor = {
        onHead(parser) {
          encoded = parser.isEncoded;
        },
        onBody() {},
        onEnd() {},
      };
      new ResponseParser(visitor).push(bytes(head(...lines)), 0, head(...lines).length);
      return encoded;
    };
    expect(isEncoded('Content-Encoding: gzip')).toBe(true);
    expect(isEncoded('content-encoding: identity, BR')).toBe(true);
    expect(isEncoded('Content-Encoding: Identity')).toBe(false);
    expect(isEncoded('Content-Encoding:')).toBe(false);
    expect(isEncoded('Content-Encodings: gzip')).toBe(false);
  });

  it('ends after Content-Length bytes and leaves the rest', () => {
    const result = parseText(`${head('Content-Length: 5')}helloREST`);
    expect(result).toMatchObject({ bodies: ['hello'], ended: [true], rest: 4, finish: 'already-complete' });
  });

  it('reads pipelined responses one after another', () => {
    const one = `${head('Content-Length: 3')}one`;
    const two = `${head('Transfer-Encoding: chunked')}3\r\ntwo\r\n0\r\n\r\n`;
    expect(parseText(one + two + one, { pipelined: true }).bodies).toEqual(['one', 'two', 'one']);
  });

  it('reads chunks with extensions and trailers', () => {
    const body =
      '5;name="a b"\r\nhello\r\n0A ; x\r\n, my world\r\n000;last\r\nTrailer: 1\r\nOther: 2\r\n\r\n';
    const result = parseText(head('Transfer-Encoding: Chunked') + body);
    expect(result).toMatchObject({ bodies: ['hello, my world'], ended: [true], error: null });
  });

  const badChunks: [string, string, ResponseErrorKind][] = [
    ['no digits', '\r\n', 'bad-chunk-size'],
    ['a letter beyond f', '5g\r\n', 'bad-chunk-size'],
    ['a sign', '-5\r\n', 'bad-chunk-size'],
    ['LF alone after the size', '5\nhello\n0\n\n', 'bad-chunk-size'],
    ['CR without LF after the size', '5\rhello', 'bad-chunk-size'],
    ['LF alone after an extension', '5;a\nhello', 'bad-chunk-size'],
    ['a size past 2^53', '20000000000001\r\n', 'chunk-too-large'],
    ['too many zeros', `${'0'.repeat(5000)}5\r\n`, 'chunk-line-too-long'],
    ['an extension without end', `5;${'x'.repeat(5000)}`, 'chunk-line-too-long'],
    ['data longer than its size', '3\r\nhello\r\n', 'bad-chunk-end'],
    ['LF alone after the data', '5\r\nhello\n', 'bad-chunk-end'],
    ['a trailer without name', '0\r\n: x\r\n\r\n', 'bad-trailer'],
    ['CR without LF at the end', '0\r\n\rx', 'bad-trailer'],
    ['trailers without end', `0\r\n${'A: b\r\n'.repeat(20_000)}`, 'trailer-too-large'],
  ];
  for (const [name, text, kind] of badChunks) {
    it(`refuses a chunk with ${name} as ${kind}, whole or byte by byte`, () => {
      const whole = head('Transfer-Encoding: chunked') + text;
      expect(parseText(whole).error).toBe(kind);
      expect(parse([...bytes(whole)].map((byte) => Buffer.from([byte]))).error).toBe(kind);
    });
  }

  it('refuses a chunk beyond the limit asked for', () => {
    const text = `${head('Transfer-Encoding: chunked')}400\r\n`;
    expect(parseText(text, { limits: { chunkBytes: 0x400 } }).error).toBeNull();
    expect(parseText(text, { limits: { chunkBytes: 0x3ff } }).error).toBe('chunk-too-large');
  });

  it('ends a body without length by the end of the connection, which is not kept alive', () => {
    const result = parseText(`${head('Connection: keep-alive')}all of it`);
    expect(result).toMatchObject({ bodies: ['all of it'], finish: 'complete', ended: [false] });
  });

  it('expects no body after 204, 304 and HEAD, whatever the length says', () => {
    expect(parseText('HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n').ended).toEqual([true]);
    expect(parseText('HTTP/1.1 304 Not\r\nTransfer-Encoding: chunked\r\n\r\n').ended).toEqual([true]);
    expect(parseText(head('Content-Length: 9'), { toHead: true }).ended).toEqual([true]);
  });

  it('tells a truncated response from one that never began', () => {
    expect(parseText('').finish).toBe('nothing-received');
    expect(parseText('HTTP/1.1 200 O').finish).toBe('truncated');
    expect(parseText(`${head('Content-Length: 9')}eight by`).finish).toBe('truncated');
    expect(parseText(`${head('Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\n`).finish).toBe('truncated');
  });

  it('decides on keep-alive by version and Connection', () => {
    const kept = (version: string, ...lines: string[]): boolean =>
      parseText(`HTTP/${version} 200 OK\r\nContent-Length: 0\r\n${lines.map((l) => `${l}\r\n`).join('')}\r\n`)
        .ended[0]!;
    expect(kept('1.1')).toBe(true);
    expect(kept('1.1', 'Connection: CLOSE')).toBe(false);
    expect(kept('1.1', 'Connection: upgrade, close')).toBe(false);
    expect(kept('1.1', 'Connection: closed')).toBe(true);
    expect(kept('1.0')).toBe(false);
    expect(kept('1.0', 'Connection: Keep-Alive')).toBe(true);
  });

  it('goes silent when its visitor stops it', () => {
    let pieces = 0;
    const parser: ResponseParser = new ResponseParser({
      onHead() {},
      onBody() {
        pieces++;
        parser.stop();
      },
      onEnd() {
        pieces += 100;
      },
    });
    const text = bytes(`${head('Transfer-Encoding: chunked')}1\r\na\r\n1\r\nb\r\n0\r\n\r\n`);
    parser.push(text, 0, text.length);
    expect(pieces).toBe(1);
  });
});

describe('any split', () => {
  const body = fc
    .string({ unit: 'binary', maxLength: 60 })
    .map((text) => Buffer.from(text).toString('latin1'));
  const response = fc.oneof(
    body.map((text) => `${head(`Content-Length: ${text.length}`, 'A: b')}${text}`),
    fc
      .array(
        body.filter((text) => text !== ''),
        { maxLength: 5 },
      )
      .map((chunks) => {
        const coded = chunks.map((text) => `${text.length.toString(16)};x=y\r\n${text}\r\n`).join('');
        return `HTTP/1.1 100 Continue\r\n\r\n${head('Transfer-Encoding: chunked')}${coded}0\r\nT: u\r\n\r\n`;
      }),
  );

  it('gives the same responses as no split', () => {
    fc.assert(
      fc.property(
        fc.array(response, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (texts, cuts) => {
          const whole = bytes(texts.join(''));
          const unsplit = parse([whole], { pipelined: true });
          expect(unsplit.heads).toHaveLength(texts.length);
          expect(parse(cutAt(whole, cuts), { pipelined: true })).toEqual(unsplit);
        },
      ),
    );
  });

  it('never throws and keeps to one error for arbitrary bytes after a valid start', () => {
    const noise = fc.uint8Array({ maxLength: 200 });
    const start = fc.constantFrom(
      '',
      'HTTP/1.1 200 OK\r\n',
      head('Transfer-Encoding: chunked'),
      head('Content-Length: 50'),
    );
    fc.assert(
      fc.property(start, noise, fc.array(fc.nat(), { maxLength: 10 }), (prefix, tail, cuts) => {
        const result = parse(cutAt(Buffer.concat([bytes(prefix), tail]), cuts), { pipelined: true });
        expect(result.heads.length).toBeGreaterThanOrEqual(result.ended.length);
        expect(result.error === null).toBe(result.finish !== 'not-asked');
      }),
    );
  });
});
