import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bareRequest, listRequestVariants, optionalHeaders } from '../../src/http/request-variants.ts';

const REQUEST = Buffer.from(
  'POST /e HTTP/1.1\r\nHost: a\r\nAccept: x\r\nContent-Length: 3\r\nUser-Agent: y\r\nA: z\r\n\r\nabc',
);

describe('variants of a request', () => {
  it('leave out and add one header each, and keep what the request cannot do without', () => {
    const texts = listRequestVariants(REQUEST).map(({ bytes, ways }) => [
      ways.map(({ change, header }) => `${change} ${header}`).join(),
      bytes.toString('latin1').split('\r\n').slice(1).join('|'),
    ]);
    expect(texts).toEqual([
      ['whole null', 'Host: a|Accept: x|Content-Length: 3|User-Agent: y|A: z||abc'],
      ['without Accept', 'Host: a|Content-Length: 3|User-Agent: y|A: z||abc'],
      ['without User-Agent', 'Host: a|Accept: x|Content-Length: 3|A: z||abc'],
      ['without A', 'Host: a|Accept: x|Content-Length: 3|User-Agent: y||abc'],
      ['bare null', 'Host: a|Content-Length: 3||abc'],
      ['with Accept', 'Host: a|Accept: x|Content-Length: 3||abc'],
      ['with User-Agent', 'Host: a|Content-Length: 3|User-Agent: y||abc'],
      ['with A', 'Host: a|Content-Length: 3|A: z||abc'],
    ]);
  });

  it('of the same bytes are one: of two headers, without the one is bare with the other', () => {
    const variants = listRequestVariants(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nB: 1\r\nC: 2\r\n\r\n'));
    expect(variants.map(({ ways }) => ways.map(({ change, header }) => `${change} ${header}`))).toEqual([
      ['whole null'],
      ['without B', 'with C'],
      ['without C', 'with B'],
      ['bare null'],
    ]);
  });

  it('of a request without optional headers are itself alone', () => {
    const request = Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    expect(listRequestVariants(request)).toEqual([
      {
        bytes: request,
        ways: [
          { change: 'whole', header: null },
          { change: 'bare', header: null },
        ],
      },
    ]);
    expect(optionalHeaders(request)).toEqual([]);
  });

  it('hold for any headers and body: the whole one is the request, all others are shorter, none occurs twice', () => {
    const field = fc.tuple(
      fc.stringMatching(/^[A-Za-z-]{1,12}$/),
      fc.stringMatching(/^[!-~\xa1-\xff]{0,20}$/),
    );
    fc.assert(
      fc.property(fc.array(field, { maxLength: 8 }), fc.uint8Array({ maxLength: 30 }), (fields, body) => {
        const head = [
          'GET / HTTP/1.1',
          'Host: h',
          ...fields.map(([name, value]) => `${name}: ${value}`),
          '',
          '',
        ];
        const request = Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), body]);
        const [whole, ...others] = listRequestVariants(request);
        expect(whole!.bytes.equals(request)).toBe(true);
        for (const { bytes } of others) {
          expect(bytes.length).toBeLessThan(request.length);
          expect(bytes.subarray(bytes.length - body.length).equals(Buffer.from(body))).toBe(true);
        }
        const hexes = [whole!, ...others].map(({ bytes }) => bytes.toString('hex'));
        expect(new Set(hexes).size).toBe(hexes.length);
        expect(hexes).toContain(bareRequest(request).toString('hex'));
      }),
    );
  });
});
