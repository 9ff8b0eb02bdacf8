import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createResponseScan,
  type ResponseScan,
  responseState,
  scanSegment,
  skipMissing,
} from '../../src/pcap/scan-response.ts';

const CHUNKED = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const EOF_DELIMITED = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n';

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

function scan(...segments: (string | { text: string; captured: number })[]): ResponseScan {
  const state = createResponseScan();
  for (const segment of segments) {
    const { text, captured } =
      typeof segment === 'string' ? { text: segment, captured: segment.length } : segment;
    scanSegment(state, Buffer.from(text, 'latin1'), 0, captured, text.length);
  }
  return state;
}

describe('events', () => {
  test.each([
    {
      name: 'flushed one by one',
      segments: [CHUNKED, chunk('data: a\n\n'), chunk('id: 1\ndata: b\n\n')],
      events: 2,
      eventSegments: 2,
    },
    {
      name: 'bunched in one segment with the head',
      segments: [CHUNKED + chunk('data: a\n\n') + chunk('data: b\n\ndata: c\n\n')],
      events: 3,
      eventSegments: 1,
    },
    {
      name: 'of several data lines',
      segments: [CHUNKED, chunk('data: a\ndata: b\n\n')],
      events: 1,
      eventSegments: 1,
    },
    {
      name: 'one line per chunk',
      segments: [CHUNKED, chunk('data: a\n'), chunk('data: b\n'), chunk('\n'), chunk('data: c\n\n')],
      events: 2,
      eventSegments: 2,
    },
    {
      name: 'with CRLF',
      segments: [EOF_DELIMITED, 'data: a\r\n\r\ndata: b\r\n\r\n'],
      events: 2,
      eventSegments: 1,
    },
    {
      name: 'with bare CR',
      segments: [EOF_DELIMITED, 'data: a\r\rdata: b\r\r'],
      events: 2,
      eventSegments: 1,
    },
    {
      name: 'that are comments only',
      segments: [CHUNKED, chunk(': ping\n\n'), chunk(':data: x\n\n')],
      events: 0,
      eventSegments: 0,
    },
    { name: 'with the field name in mid-line', segments: [CHUNKED, chunk('x data: a\n\n')], events: 0 },
    {
      name: 'with the field name in capitals',
      segments: [CHUNKED, chunk('DATA: a\n\n')],
      events: 0,
    },
  ])('$name', ({ segments, events, eventSegments = 0 }) => {
    expect(scan(...segments)).toMatchObject({ events, eventSegments });
  });

  test('are counted alike however the bytes are split into segments', () => {
    const text = CHUNKED + chunk(': x\n\n') + chunk('event: e\ndata: a\n\n') + chunk('data: b\r\n\r\n');
    fc.assert(
      fc.property(fc.array(fc.nat({ max: text.length }), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        const parts = at.slice(1).map((end, index) => text.slice(at[index], end));
        const state = scan(...parts.filter((part) => part.length > 0));
        expect(state).toMatchObject({
          events: 2,
          firstEvent: 'found',
          firstEventAt: text.indexOf('event: e'),
          headBytes: CHUNKED.length,
          framing: 'chunked',
          bytes: text.length,
        });
      }),
    );
  });
});

describe('the first event', () => {
  test('a header named like a field is none', () => {
    const head = 'HTTP/1.1 200 OK\r\nid: 7\r\ndata: x\r\n\r\n';
    expect(scan(head)).toMatchObject({ firstEvent: 'pending', headBytes: head.length });
  });

  test('begins with its id line', () => {
    expect(scan(CHUNKED, chunk('id: 1\ndata: b\n\n')).firstEventAt).toBe(CHUNKED.length + 3);
  });

  test('is undecidable once a head was cut', () => {
    const state = scan({ text: CHUNKED, captured: 62 }, chunk('data: a\n\n'));
    expect(state).toMatchObject({ firstEvent: 'undecidable', headBytes: Number.NaN, status: 200 });
  });

  test('is undecidable once a segment is missing', () => {
    const state = scan(CHUNKED);
    skipMissing(state, 10);
    expect(state).toMatchObject({ firstEvent: 'undecidable', bytes: CHUNKED.length + 10 });
  });

  test('found before the cut stays found', () => {
    const text = CHUNKED + chunk('data: long line\n\n');
    expect(scan({ text, captured: text.length - 8 }).firstEvent).toBe('found');
  });
});

describe('the end of a response', () => {
  const event = chunk('data: a\n\n');
  test.each([
    {
      name: 'last chunk in a segment of its own',
      segments: [CHUNKED, event, '0\r\n\r\n'],
      state: 'complete',
    },
    { name: 'last chunk behind an event', segments: [CHUNKED, `${event}0\r\n\r\n`], state: 'complete' },
    {
      name: 'last chunk byte by byte',
      segments: [CHUNKED, event, ...'0\r\n\r\n'],
      state: 'complete',
    },
    { name: 'no last chunk', segments: [CHUNKED, event], state: 'open' },
    { name: 'trailers', segments: [CHUNKED, event, '0\r\nX-T: 1\r\nX-U: 2\r\n\r\n'], state: 'complete' },
    {
      name: 'trailers without their blank line',
      segments: [CHUNKED, event, '0\r\nX-T: 1\r\n'],
      state: 'open',
    },
    {
      name: 'last chunk of several zeros',
      segments: [CHUNKED, event, '00000000\r\n\r\n'],
      state: 'complete',
    },
    {
      name: 'last chunk with an extension',
      segments: [CHUNKED, event, '0;a="b"\r\n\r\n'],
      state: 'complete',
    },
    {
      name: 'chunks with extensions and capital digits',
      segments: [CHUNKED, '0A;a=b\r\ndata: abcd\r\n', '0 \r\n\r\n'],
      state: 'complete',
    },
    { name: 'part of a chunk', segments: [CHUNKED, 'ff\r\ndata: a'], state: 'open' },
    { name: 'chunk of lines that end in CRLF', segments: [CHUNKED, chunk('data: a\r\n\r\n')], state: 'open' },
    {
      name: 'chunk whose data is a last chunk',
      segments: [CHUNKED, chunk('data: a\n0\r\n\r\n')],
      state: 'open',
    },
    {
      name: 'part of a chunk that looks like an end',
      segments: [CHUNKED, 'ff\r\nx\n0\r\n\r\n'],
      state: 'open',
    },
    {
      name: 'long event in part and then the last chunk',
      segments: [CHUNKED, { text: chunk('x'.repeat(90)), captured: 62 }, '0\r\nX-T: 1\r\n\r\n'],
      state: 'complete',
    },
    {
      name: 'long event in part and nothing more',
      segments: [CHUNKED, { text: chunk('x'.repeat(90)), captured: 62 }],
      state: 'open',
    },
    {
      name: 'last segment in part, which may hold the last chunk',
      segments: [CHUNKED, { text: `${chunk('x'.repeat(90))}0\r\n\r\n`, captured: 62 }],
      state: 'undecidable',
    },
    {
      name: 'trailers after a cut head',
      segments: [{ text: CHUNKED, captured: 62 }, event, '0\r\nX-T: 1\r\n\r\n'],
      state: 'complete',
    },
    {
      name: 'blank line that may end trailers, of which the start is missing',
      segments: [
        { text: CHUNKED, captured: 62 },
        event,
        { text: `0\r\n${'X'.repeat(70)}`, captured: 62 },
        '\r\n\r\n',
      ],
      state: 'undecidable',
    },
    {
      name: 'chunk whose data ends in a zero and a line end',
      segments: [CHUNKED, chunk('data: 10\r\n')],
      state: 'open',
    },
    {
      name: 'last chunk after a cut head',
      segments: [{ text: CHUNKED, captured: 62 }, event, '0\r\n\r\n'],
      state: 'complete',
    },
    {
      name: 'event after a cut head: the chunk size shows the framing',
      segments: [{ text: CHUNKED, captured: 62 }, event],
      state: 'open',
    },
    {
      name: 'long event after a cut head',
      segments: [
        { text: CHUNKED, captured: 62 },
        { text: chunk('x'.repeat(90)), captured: 62 },
      ],
      state: 'undecidable',
    },
    { name: 'nothing but a cut head', segments: [{ text: CHUNKED, captured: 62 }], state: 'undecidable' },
    { name: 'half a head', segments: ['HTTP/1.1 200 OK\r\nDate'], state: 'open' },
    {
      name: 'body of the stated length',
      segments: ['HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 5\r\n\r\nhello'],
      state: 'complete',
    },
    {
      name: 'body short of the stated length',
      segments: ['HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello'],
      state: 'open',
    },
    {
      name: 'stated length, last part not captured',
      segments: ['HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n', { text: 'x'.repeat(90), captured: 62 }],
      state: 'complete',
    },
    { name: 'until close, closed', segments: [EOF_DELIMITED, 'data: a\n\n'], state: 'complete' },
    {
      name: 'body of 5 bytes that look like a last chunk',
      segments: ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', '0\r\n\r\n'],
      state: 'open',
    },
    {
      name: 'head after an interim response',
      segments: ['HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
      state: 'complete',
    },
  ])('$name is $state', ({ segments, state }) => {
    expect(responseState(scan(...segments), 'close')).toBe(state);
  });

  const chunks = fc.array(
    fc.record({
      data: fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', '0', ':', '\r', '\n') }),
      zeros: fc.constantFrom('', '0', '000'),
      extension: fc.constantFrom('', ';', ';n=v', ';n="0"'),
    }),
    { maxLength: 6 },
  );
  const ends = fc.constantFrom('0\r\n\r\n', '000\r\n\r\n', '0;n=v\r\n\r\n', '0\r\nA: 0\r\nB: 1\r\n\r\n');

  test('with every byte captured is told exactly, wherever the server stops and however it is split', () => {
    fc.assert(
      fc.property(chunks, ends, fc.nat(), fc.array(fc.nat(), { maxLength: 8 }), (parts, end, stop, cuts) => {
        const body = parts.map(
          ({ data, zeros, extension }) => `${zeros}${data.length.toString(16)}${extension}\r\n${data}\r\n`,
        );
        const text = CHUNKED + body.join('') + end;
        const sent = text.slice(0, CHUNKED.length + (stop % (text.length - CHUNKED.length + 1)));
        const at = [0, ...cuts.map((cut) => cut % sent.length).sort((a, b) => a - b), sent.length];
        const segments = at.slice(1).map((to, index) => sent.slice(at[index], to));
        const state = scan(...segments.filter((segment) => segment !== ''));
        expect(responseState(state, 'close')).toBe(sent === text ? 'complete' : 'open');
      }),
    );
  });

  test('is never told wrong where a server writes chunk by chunk and only the start of each is captured', () => {
    const lines = chunks.map((parts) =>
      parts.map(({ data }) => chunk(`data: ${data.replaceAll('\r', 'x')}\n\n`)),
    );
    fc.assert(
      fc.property(lines, ends, fc.nat(), fc.integer({ min: 1, max: 200 }), (body, end, count, snap) => {
        const writes = [CHUNKED, ...body, end];
        const sent = writes.slice(0, 1 + (count % writes.length));
        const state = scan(...sent.map((text) => ({ text, captured: Math.min(snap, text.length) })));
        const wrong = sent.length === writes.length ? 'open' : 'complete';
        expect(responseState(state, 'close')).not.toBe(wrong);
      }),
    );
  });

  test('a response until close is open while the connection is, and when it was reset', () => {
    const state = scan(EOF_DELIMITED, 'data: a\n\n');
    expect([responseState(state, 'none'), responseState(state, 'reset')]).toEqual(['open', 'open']);
  });
});
