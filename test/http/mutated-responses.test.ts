import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutAt, cutEverywhere, readPieces } from '../helpers/read-pieces.ts';

const EVENTS = [
  ': hi\n\nid: 1\ndata: {"seq":1}\n\nevent: ping\nid: 2\ndata: a\ndata: b\nretry: 3000\n\n',
  '\ufeffid: 7\r\ndata: ä€漢🚀\r\n\r\ndata\rdata:x\r\rretry: no\n\n:\n',
  // Enough for the search for line ends that takes many bytes at a time.
  Array.from({ length: 20 }, (_, index) => `id: ${index}\r\ndata: ${'x'.repeat(index * 3)}\n\n: hb\r\r`).join(
    '',
  ),
];

function response(head: string[], body: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), Buffer.from(body)]);
}

function chunked(body: string, size: number): string {
  const bytes = Buffer.from(body);
  let text = '';
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    text += `${part.length.toString(16)};x="y"\r\n${part.toString('latin1')}\r\n`;
  }
  return `${text}0\r\nTrailer: 1\r\n\r\n`;
}

const STREAM = ['HTTP/1.1 200 OK', 'Content-Type: text/event-stream', 'Cache-Control: no-cache'];
const VALID = EVENTS.flatMap((events) => [
  response([...STREAM, 'Transfer-Encoding: chunked'], Buffer.from(chunked(events, 7), 'latin1')),
  response([...STREAM, 'Transfer-Encoding: chunked'], Buffer.from(chunked(events, 1000), 'latin1')),
  response([...STREAM, `Content-Length: ${Buffer.byteLength(events)}`], events),
  response(['HTTP/1.0 200', 'Content-Type: text/event-stream; charset=utf-8'], events),
  response(
    ['HTTP/1.1 103 Early', 'Link: x', '', 'HTTP/1.1 100', '', ...STREAM, 'Content-Length: 3'],
    ':\n\n',
  ),
  response(['HTTP/1.1 503 No', 'Content-Type: text/plain', 'Content-Length: 5', 'Retry-After: 1'], 'busy\n'),
  response(['HTTP/1.1 204 Nothing', 'Content-Length: 4'], ''),
]);

/** Bytes that mean something to one of the parsers, and some that mean nothing. */
const telling = fc.constantFrom(...Buffer.from('\r\n: ;\t\0,09aAfFgHxX-\x7f\x80\xbf\xff\xef\xbb', 'latin1'));
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 6 }),
  fc.array(telling, { minLength: 1, maxLength: 6 }).map((bytes) => Uint8Array.from(bytes)),
  fc
    .constantFrom(
      ...[
        '\r\n\r\n',
        '\n\n',
        '0\r\n\r\n',
        'FFFFFFFFFFFFFFFF\r\n',
        'Content-Length: 1\r\n',
        ' folded\r\n',
        '\r\r\n',
      ],
      ...[
        'Transfer-Encoding: chunked\r\n',
        'HTTP/1.1 100\r\n\r\n',
        'Content-Encoding: gzip\r\n',
        'data: x\r\n\r\n',
      ],
      ...[
        'Content-Length: -1\r\n',
        'HTTP/1.1 101 Up\r\n\r\n',
        'data:',
        '\ufeff',
        'retry: 9999999999999999999999\n',
      ],
    )
    .map((text) => Buffer.from(text)),
);
const place = fc.nat({ max: 100_000 });
const mutation = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), place, byte: fc.oneof(telling, fc.nat({ max: 255 })) }),
  fc.record({ kind: fc.constant('insert' as const), place, piece }),
  fc.record({ kind: fc.constant('remove' as const), place, length: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('repeat' as const), place, length: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ kind: fc.constant('end' as const), place }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Uint8Array, change: Mutation): Uint8Array {
  const at = change.place % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (change.kind) {
    case 'flip':
      return Buffer.concat([before, Uint8Array.of(change.byte), after.subarray(1)]);
    case 'insert':
      return Buffer.concat([before, change.piece, after]);
    case 'remove':
      return Buffer.concat([before, after.subarray(change.length)]);
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, change.length), after]);
    case 'end':
      return before;
  }
}

const mutated = fc
  .tuple(fc.constantFrom(...VALID), fc.array(mutation, { maxLength: 4 }))
  .map(([bytes, changes]) => changes.reduce(mutate, bytes));
/** Small ones, so that they are met. */
const limits = fc.constantFrom(
  {},
  {
    response: { headBytes: 120, headerCount: 4, interimResponses: 1, chunkLineBytes: 6, chunkBytes: 0xfff },
    events: { lineBytes: 20, eventBytes: 24 },
  },
);

describe('a response with bytes flipped, cut, doubled and inserted', () => {
  it('is read to an end without a throw, alike in one piece, in any pieces and byte by byte', () => {
    fc.assert(
      fc.property(mutated, fc.array(place, { maxLength: 8 }), limits, (bytes, places, limits) => {
        const whole = readPieces([bytes], limits);
        expect(readPieces(cutAt(bytes, places), limits)).toEqual(whole);
        expect(readPieces(cutEverywhere(bytes), limits)).toEqual(whole);
      }),
      { numRuns: 15000 },
    );
  });

  it('has a beginning that is never judged otherwise than the whole, once it is judged bad', () => {
    fc.assert(
      fc.property(mutated, place, limits, (bytes, length, limits) => {
        const beginning = readPieces([bytes.subarray(0, length % (bytes.length + 1))], limits);
        if (beginning.error === undefined) return;
        expect(readPieces([bytes], limits)).toEqual(beginning);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('the valid responses', () => {
  it('are read alike at every single cut, and byte by byte', () => {
    for (const bytes of VALID) {
      const whole = readPieces([bytes]);
      expect([whole.error, whole.rest]).toEqual([undefined, 0]);
      expect(whole.finish).toMatch(/complete$/);
      for (let at = 0; at <= bytes.length; at++) expect(readPieces(cutAt(bytes, [at]))).toEqual(whole);
    }
  });
});
