import { expect, test } from 'vitest';
import type { RawStrip } from '../../src/model/raw-strip.ts';
import { decodePackets } from '../../src/pcap/decode-packets.ts';
import { createStripCollector } from '../../src/pcap/strip-collector.ts';
import { createFlowFold } from '../../src/pcap/tcp-flows.ts';
import { buildPcap, createConversation, type TestSegment } from '../helpers/pcap-writer.ts';

const REQUEST = 'GET /events HTTP/1.1\r\nHost: a\r\n\r\n';
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const EVENT = '8\r\ndata: a\n\r\n1\r\n\n\r\n';
const END = '0\r\n\r\n';

function collect(segments: TestSegment[], snapLength?: number, maxMarks?: number): RawStrip {
  const inOrder = [...segments].sort((a, b) => a.timeUs - b.timeUs);
  const collector = createStripCollector(maxMarks);
  const fold = createFlowFold(8080, collector.sink);
  decodePackets([buildPcap(inOrder, snapLength ? { snapLength } : {})], fold.visit);
  fold.end();
  return collector.finish();
}

/** Marks and dots of one row in their order, times relative to the first packet. */
function story(raw: RawStrip, index = 0): string[] {
  const { dotsUs, marksUs, marks } = raw.rows[index]!;
  return [
    ...dotsUs.map((us) => [us, 'event'] as const),
    ...marksUs.map((us, at) => [us, marks[at]!] as const),
  ]
    .sort(([a], [b]) => a - b)
    .map(([us, what]) => `${Math.round(us - raw.firstUs)} ${what}`);
}

test('a connection that carries two responses and is closed by the client', () => {
  const talk = createConversation().open();
  for (let i = 0; i < 2; i++) {
    talk
      .wait(80)
      .client(REQUEST)
      .wait(100)
      .server(HEAD)
      .wait(50)
      .server(EVENT)
      .wait(50)
      .server(EVENT + END);
  }
  talk.wait(100).fin('client').wait(10).fin('server');
  expect(story(collect(talk.segments))).toEqual([
    '0 connect',
    '100 request',
    '200 first-byte',
    '250 event',
    '300 event',
    '300 response-end',
    '380 request',
    '480 first-byte',
    '530 event',
    '580 event',
    '580 response-end',
    '680 client-fin',
  ]);
});

test.each([
  ['server-reset', (talk: ReturnType<typeof createConversation>) => talk.rst('server')],
  ['client-reset', (talk: ReturnType<typeof createConversation>) => talk.rst('client')],
  ['server-fin', (talk: ReturnType<typeof createConversation>) => talk.fin('server')],
])('a response in the middle of which comes %s has no end of its own', (ended, end) => {
  const talk = createConversation()
    .open()
    .wait(80)
    .client(REQUEST)
    .wait(100)
    .server(HEAD + EVENT)
    .wait(50);
  end(talk);
  const raw = collect(talk.segments);
  expect(raw.rows[0]!.ended).toBe(ended);
  expect(raw.rows[0]!.marks).not.toContain('response-end');
  expect(raw.rows[0]!.marks).toContain(ended);
});

test('a refused connection is a row too', () => {
  const raw = collect(createConversation().syn().wait(5).refuse().segments);
  expect(raw.rows[0]).toMatchObject({ ended: 'refused', marks: ['connect', 'refused'] });
});

test('where the last chunk was not captured, the next request shows that the response had ended', () => {
  const long = `8\r\ndata: ${'a'.repeat(400)}\n\n\r\n${END}`;
  const talk = createConversation().open();
  for (let i = 0; i < 2; i++) talk.wait(80).client(REQUEST).wait(100).server(HEAD).wait(50).server(long);
  talk.wait(100).fin('client');
  const { marks } = collect(talk.segments, 128).rows[0]!;
  expect(marks.filter((mark) => mark === 'response-end')).toHaveLength(1);
});

test('segments stand for events where no event can be seen in what was captured', () => {
  const talk = createConversation().open().wait(80).client(REQUEST).wait(100).server(HEAD).wait(50);
  talk
    .server(`190\r\n: ${'x'.repeat(100)}\ndata: ${'a'.repeat(290)}\n\n\r\n`)
    .wait(50)
    .fin('client');
  const raw = collect(talk.segments, 128);
  expect(raw.dotsAre).toBe('segments');
  expect(raw.rows[0]!.dotsUs.length).toBeGreaterThan(0);
});

test('beyond the limit nothing is kept, and that is said', () => {
  const talk = createConversation().open().wait(80).client(REQUEST).wait(100).server(HEAD);
  for (let i = 0; i < 50; i++) talk.wait(10).server(EVENT);
  const raw = collect(talk.segments, undefined, 20);
  expect(raw.truncated).toBe(true);
  expect(raw.rows[0]!.dotsUs).toHaveLength(20);
  expect(collect(talk.segments).truncated).toBe(false);
});
