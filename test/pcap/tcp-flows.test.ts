import { describe, expect, test } from 'vitest';
import { decodePackets } from '../../src/pcap/decode-packets.ts';
import type { Exchange, FlowTotals, ResponseLayout, TcpFlow } from '../../src/pcap/tcp-flow.ts';
import { createFlowFold } from '../../src/pcap/tcp-flows.ts';
import { buildPcap, createConversation, type TestSegment } from '../helpers/pcap-writer.ts';

const REQUEST = 'GET /events HTTP/1.1\r\nHost: a\r\n\r\n';
const HEAD = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const EVENT = 'a\r\ndata: a\n\n\r\n';

interface Folded {
  flows: TcpFlow[];
  exchanges: Exchange[];
  totals: FlowTotals;
}

function fold(segments: TestSegment[], layout?: ResponseLayout): Folded {
  const flows: TcpFlow[] = [];
  const exchanges: Exchange[] = [];
  const folding = createFlowFold(
    8080,
    {
      onFlow: (flow) => flows.push({ ...flow }),
      onExchange: (exchange) => exchanges.push({ ...exchange, response: { ...exchange.response } }),
    },
    layout,
  );
  decodePackets([buildPcap(segments)], folding.visit);
  return { flows, exchanges, totals: folding.end() };
}

describe('connections', () => {
  test('two requests on one connection, closed by the client', () => {
    const talk = createConversation().open();
    talk.wait(100).client(REQUEST).wait(50).server(HEAD).wait(5).server(EVENT).server('0\r\n\r\n');
    talk.wait(30).client(REQUEST).wait(70).server(HEAD).server('0\r\n\r\n').wait(10).fin('client');
    talk.wait(10).fin('server');
    const { flows, exchanges, totals } = fold(talk.segments);
    expect(totals).toMatchObject({ flows: 1, flowsWithoutSyn: 0 });
    expect(flows[0]).toMatchObject({
      accepted: true,
      requests: 2,
      clientBytes: 2 * REQUEST.length,
      firstFin: 'client',
      resetBy: 'none',
      serverCloseFound: 'none',
      serverWaitUs: 120,
      transferUs: 5,
      clientTurnUs: 140,
      unattributedUs: 0,
    });
    expect(flows[0]!.establishedUs - flows[0]!.synUs).toBe(20);
    expect(exchanges.map((one) => one.firstByteUs - one.requestEndUs)).toEqual([50, 70]);
    expect(exchanges[0]!.firstEventUs - exchanges[0]!.requestEndUs).toBe(55);
    expect(exchanges[1]!.firstEventUs).toBeNaN();
  });

  test('a request in two segments is one, and ends with its last byte', () => {
    const talk = createConversation().open().client('GET / HTTP/1.1\r\n').wait(40).client('\r\n');
    const { exchanges } = fold(talk.wait(7).server(HEAD).segments);
    expect(exchanges).toHaveLength(1);
    expect(exchanges[0]!.requestBytes).toBe(18);
    expect(exchanges[0]!.firstByteUs - exchanges[0]!.requestEndUs).toBe(7);
  });

  test('the same SYN again is a retransmission, another one on the same ports a new connection', () => {
    const first = createConversation().syn().wait(1_000_000).syn().wait(5).accept().ack();
    const { flows: one } = fold(first.segments);
    expect(one).toHaveLength(1);
    expect(one[0]!.synRetransmissions).toBe(1);
    expect(one[0]!.establishedUs - one[0]!.synUs).toBe(1_000_005);
    const second = createConversation({ isn: 77, startUs: 1_700_000_010_000_000 }).open();
    const { flows: two } = fold([...first.segments, ...second.segments]);
    expect(two.map(({ synRetransmissions }) => synRetransmissions)).toEqual([1, 0]);
  });

  test('equal ports of different clients are different connections', () => {
    const a = createConversation({ address: '127.0.0.1' }).open().client(REQUEST);
    const b = createConversation({ address: '127.0.0.2' }).open();
    const c = createConversation({ address: '::1' }).open().client(REQUEST);
    const { flows } = fold([...a.segments, ...b.segments, ...c.segments]);
    expect(flows.map(({ requests }) => requests).sort()).toEqual([0, 1, 1]);
  });

  test('RST to a bare SYN is a refusal, not a reset', () => {
    const { flows } = fold(createConversation().syn().wait(3).refuse().segments);
    expect(flows[0]).toMatchObject({ refused: true, accepted: false, resetBy: 'none' });
    expect(flows[0]!.establishedUs).toBeNaN();
  });

  test('a connection without SYN is counted and left out', () => {
    const talk = createConversation().open().client(REQUEST).server(HEAD);
    const { flows, totals } = fold(talk.segments.slice(2));
    expect(flows).toEqual([]);
    expect(totals).toMatchObject({ flows: 0, flowsWithoutSyn: 1, packetsWithoutSyn: 3 });
  });

  test('packets of other ports are ignored', () => {
    const { flows } = fold(createConversation({ port: 9999 }).open().segments);
    expect(flows).toEqual([]);
  });

  test('sequence numbers wrap', () => {
    const talk = createConversation({ isn: 0xffffffff }).open().client(REQUEST).server(HEAD);
    expect(fold(talk.segments).flows[0]).toMatchObject({ requests: 1, retransmissions: 0, holes: 0 });
  });
});

describe('who closed and how', () => {
  test('FIN of the server in mid-response', () => {
    const talk = createConversation().open().client(REQUEST).server(HEAD).server(EVENT).fin('server');
    expect(fold(talk.fin('client').segments).flows[0]).toMatchObject({
      firstFin: 'server',
      resetBy: 'none',
      serverCloseFound: 'open',
    });
  });

  test('RST of the server in mid-response', () => {
    const talk = createConversation().open().client(REQUEST).server(HEAD).server(EVENT).rst('server');
    expect(fold(talk.segments).flows[0]).toMatchObject({
      firstFin: 'none',
      resetBy: 'server',
      serverCloseFound: 'open',
    });
  });

  test('FIN of the server after the last chunk', () => {
    const talk = createConversation().open().client(REQUEST).server(`${HEAD}${EVENT}0\r\n\r\n`);
    expect(fold(talk.fin('server').segments).flows[0]).toMatchObject({ serverCloseFound: 'complete' });
  });

  test('FIN of the server without an answer leaves a response open', () => {
    const talk = createConversation().open().client(REQUEST).wait(9).fin('server');
    expect(fold(talk.segments).flows[0]).toMatchObject({ serverCloseFound: 'open', serverWaitUs: 9 });
  });

  test('RST of a client that has closed and is sent one more event is no abort', () => {
    const talk = createConversation().open().client(REQUEST).server(HEAD).fin('client').server(EVENT);
    expect(fold(talk.rst('client').segments).flows[0]).toMatchObject({
      firstFin: 'client',
      firstRst: 'client',
      resetBy: 'none',
      serverCloseFound: 'none',
    });
  });

  test('RST of the server after the client has closed in mid-stream is no abort', () => {
    const talk = createConversation().open().client(REQUEST).server(HEAD).server(EVENT).fin('client');
    expect(fold(talk.rst('server').segments).flows[0]).toMatchObject({
      firstFin: 'client',
      firstRst: 'server',
      resetBy: 'none',
      serverCloseFound: 'none',
    });
  });

  test('RST in answer to a request that crossed the FIN of the server is no abort', () => {
    const talk = createConversation().open().client(REQUEST).server(`${HEAD}${EVENT}0\r\n\r\n`);
    expect(fold(talk.fin('server').client(REQUEST).rst('server').segments).flows[0]).toMatchObject({
      firstFin: 'server',
      firstRst: 'server',
      resetBy: 'none',
      serverCloseFound: 'complete',
    });
  });

  test('nothing after an RST counts, whether it aborted or came late', () => {
    const late = createConversation().open().client(REQUEST).server(HEAD).fin('client').rst('server');
    const aborted = createConversation().open().client(REQUEST).server(HEAD).rst('server');
    for (const talk of [late, aborted]) {
      expect(fold(talk.client(REQUEST).server(EVENT).segments).flows[0]).toMatchObject({
        requests: 1,
        serverBytes: HEAD.length,
      });
    }
  });

  test('only the first RST names the culprit', () => {
    const talk = createConversation().open().client(REQUEST).rst('client').rst('server');
    expect(fold(talk.segments).flows[0]).toMatchObject({ resetBy: 'client' });
  });
});

describe('segments out of line', () => {
  test('data sent again counts once as retransmission and never as new bytes', () => {
    const talk = createConversation().open().client(REQUEST);
    const seq = talk.serverSeq();
    talk.server(HEAD).wait(200_000).raw('server', 'PA', { seq, payload: HEAD }).server(EVENT);
    const { flows } = fold(talk.segments);
    expect(flows[0]).toMatchObject({
      retransmissions: 1,
      dataSegments: 4,
      serverBytes: HEAD.length + EVENT.length,
    });
  });

  test('a segment that repeats a part and goes on adds the new part', () => {
    const talk = createConversation().open().client(REQUEST);
    const seq = talk.serverSeq();
    talk
      .server(HEAD)
      .raw('server', 'PA', { seq, payload: HEAD + EVENT })
      .lose('server', EVENT.length);
    const { flows, exchanges } = fold(talk.server('0\r\n\r\n').fin('server').segments);
    expect(flows[0]).toMatchObject({
      retransmissions: 1,
      holes: 0,
      serverBytes: HEAD.length + EVENT.length + 5,
      serverCloseFound: 'complete',
    });
    expect(exchanges[0]!.response).toMatchObject({ events: 1, headBytes: HEAD.length });
  });

  test('a keep-alive probe of one old byte is neither data nor retransmission', () => {
    const talk = createConversation().open().client(REQUEST).server(HEAD);
    talk.raw('client', 'A', { seq: talk.clientSeq() - 1, payload: '\0' });
    expect(fold(talk.segments).flows[0]).toMatchObject({ requests: 1, retransmissions: 0, dataSegments: 2 });
  });

  test('a hole in the capture is counted and makes the first event undecidable', () => {
    const talk = createConversation().open().client(REQUEST).server(HEAD).lose('server', 30).server(EVENT);
    const { flows, exchanges } = fold(talk.segments);
    expect(flows[0]).toMatchObject({ holes: 1, retransmissions: 0 });
    expect(exchanges[0]!.response).toMatchObject({
      firstEvent: 'undecidable',
      bytes: HEAD.length + 30 + EVENT.length,
    });
  });

  test('zero windows are kept apart by side, those of RST are none', () => {
    const talk = createConversation().open().client(REQUEST).raw('client', 'A', { window: 0 });
    talk.raw('client', 'A', { window: 0 }).raw('server', 'A', { window: 0 }).rst('client');
    expect(fold(talk.segments).flows[0]).toMatchObject({ clientZeroWindows: 2, serverZeroWindows: 1 });
  });
});

test('the time with a closed window goes from its first segment to its opening, or to the end', () => {
  const talk = createConversation().open().client(REQUEST).raw('client', 'A', { window: 0 });
  talk.wait(40).raw('client', 'A', { window: 0 }).wait(60).raw('client', 'A', { window: 500 }).wait(1000);
  talk.raw('client', 'A', { window: 0 }).wait(7).rst('client');
  expect(fold(talk.segments).flows[0]).toMatchObject({ clientZeroWindows: 3, closedWindowUs: 107 });
});

test('a window that closes behind the first FIN is no part of the time that is accounted for', () => {
  const talk = createConversation().open().client(REQUEST).wait(10);
  talk
    .server(HEAD + EVENT)
    .wait(10)
    .fin('server')
    .raw('client', 'A', { window: 0 })
    .wait(70);
  talk.raw('client', 'A', { window: 500 }).wait(5).raw('client', 'A', { window: 0 }).wait(30).rst('client');
  expect(fold(talk.segments).flows[0]).toMatchObject({ clientZeroWindows: 2, closedWindowUs: 0 });
});

describe('time budget at the end', () => {
  test('silence in an unfinished response counts as receiving, up to the last packet of the capture', () => {
    const stalled = createConversation()
      .open()
      .wait(5)
      .client(REQUEST)
      .wait(10)
      .server(HEAD + EVENT);
    const other = createConversation({ clientPort: 40001 }).wait(5000).open();
    const { flows } = fold([...stalled.segments, ...other.segments]);
    const flow = flows.find(({ requests }) => requests === 1)!;
    expect(flow).toMatchObject({ serverWaitUs: 10, clientTurnUs: 5, transferUs: 4985 });
  });

  test('waiting for an answer that never comes is waiting for the server', () => {
    const talk = createConversation().open().client(REQUEST).wait(3000).rst('client');
    expect(fold(talk.segments).flows[0]).toMatchObject({ serverWaitUs: 3000, transferUs: 0 });
  });
});

test("a probe's layout places an event that the capture is too short to show", () => {
  const talk = createConversation().open().client(REQUEST).wait(10).server(HEAD).wait(25).server(EVENT);
  const layout = { status: 200, headBytes: HEAD.length, firstEventAt: HEAD.length + 3 };
  const { exchanges } = fold(talk.segments, layout);
  expect(exchanges[0]!.layoutEventUs - exchanges[0]!.requestEndUs).toBe(35);
});
