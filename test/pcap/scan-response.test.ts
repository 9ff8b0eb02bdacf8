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

  test('a response until close is open while the connection is, and when it was reset', () => {
    const state = scan(EOF_DELIMITED, 'data: a\n\n');
    expect([responseState(state, 'none'), responseState(state, 'reset')]).toEqual(['open', 'open']);
  });
});
