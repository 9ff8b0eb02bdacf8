import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WIRE_DEFINITIONS } from '../../src/evidence/definitions.ts';
import type { DoneCapture } from '../../src/model/wire.ts';
import { type WireEvidence, type WireTrace, wireLatencyEntries } from '../../src/model/wire.ts';
import { captureFilter } from '../../src/pcap/capture-filter.ts';
import {
  firstRequestBytes,
  readProbeExchange,
  readWireFromChunks,
  wireEvidenceFromChunks,
} from '../../src/pcap/read-wire-evidence.ts';
import { plainReadings } from '../helpers/known-exchanges.ts';
import { buildPcap, createConversation, type TestSegment } from '../helpers/pcap-writer.ts';

const REQUEST = 'GET /events HTTP/1.1\r\nHost: a\r\n\r\n';
const HEAD =
  'HTTP/1.1 200 OK\r\nCache-Control: no-cache\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const EVENT = 'a\r\ndata: a\n\n\r\n';
const END = '0\r\n\r\n';

function describeCapture(packets: number, change: Partial<DoneCapture> = {}): DoneCapture {
  return {
    state: 'done',
    file: 'capture.pcap',
    filter: captureFilter('full', 8080),
    snapLength: 0,
    port: 8080,
    packets,
    receivedByFilter: 2 * packets,
    droppedByKernel: 0,
    isolated: true,
    ...change,
  };
}

function evidenceOf(
  segments: TestSegment[],
  options: {
    snapLength?: number;
    capture?: Partial<DoneCapture>;
    layout?: Parameters<typeof wireEvidenceFromChunks>[2];
  } = {},
): WireEvidence {
  const inOrder = [...segments].sort((a, b) => a.timeUs - b.timeUs);
  const file = buildPcap(inOrder, options.snapLength ? { snapLength: options.snapLength } : {});
  return wireEvidenceFromChunks([file], describeCapture(segments.length, options.capture), options.layout);
}

function keepAlive(clientPort: number): TestSegment[] {
  const talk = createConversation({ clientPort }).open();
  for (let request = 0; request < 3; request++) {
    talk
      .wait(100)
      .client(REQUEST)
      .wait(200)
      .server(HEAD)
      .wait(50)
      .server(EVENT)
      .wait(150)
      .server(EVENT + END);
  }
  return talk.wait(100).fin('client').wait(10).fin('server').segments;
}

describe('a healthy run with every byte captured', () => {
  const probe = createConversation({ clientPort: 39999 }).open().wait(5).fin('client').fin('server');
  const evidence = evidenceOf([...probe.segments, ...keepAlive(40000), ...keepAlive(40001)]);

  test('every reading is known, but the one that needs the measured trials and those that need more samples', () => {
    expect(plainReadings(evidence)).toEqual({
      connections_opened: 3,
      requests_sent: 6,
      requests_per_connection: 3,
      first_fin_by_client: 3,
      first_fin_by_server: 0,
      rst_by_client: 0,
      rst_by_server: 0,
      refused: 0,
      syn_retransmissions: 0,
      retransmissions: 0,
      zero_windows: 0,
      handshake_us_p50: 20,
      handshake_us_p90: 'no-samples',
      handshake_us_p99: 'no-samples',
      handshake_us_p999: 'no-samples',
      handshake_us_max: 20,
      handshake_us_mean: 20,
      wire_ttfb_us_p50: 200,
      wire_ttfb_us_p90: 'no-samples',
      wire_ttfb_us_p99: 'no-samples',
      wire_ttfb_us_p999: 'no-samples',
      wire_ttfb_us_max: 200,
      wire_ttfb_us_mean: 200,
      wire_ttfe_us_p50: 250,
      wire_ttfe_us_p90: 'no-samples',
      wire_ttfe_us_p99: 'no-samples',
      wire_ttfe_us_p999: 'no-samples',
      wire_ttfe_us_max: 250,
      wire_ttfe_us_mean: 250,
      events_per_segment: 1,
      request_bytes: Buffer.from(REQUEST).toString('base64'),
      server_wait_share: 600 / 1600,
      transfer_share: 600 / 1600,
      client_turn_share: 400 / 1600,
      captured_packets: 5 + 2 * 17,
      dropped_by_kernel: 0,
      capture_complete: true,
      observer_ratio: 'not-collected',
      probe_connections: 1,
      server_closed_mid_response: 0,
      left_open: 0,
      connect_attempts: 3,
      unanswered_requests: 0,
      longest_wait_us: 200,
      first_event_share: (3 * 50) / 1600,
      segments_per_response: 3,
      http_errors: 0,
      stalls: 0,
      longest_stall_us: 'no-samples',
      ...wireLatencyEntries('wire_gap_us', () => 'no-samples'),
      wire_gap_us_p50: 50,
      wire_gap_us_p90: 150,
      wire_gap_us_max: 150,
      wire_gap_us_mean: 100,
    });
  });
});

describe('single events behind the counts', () => {
  const traceOf = (segments: TestSegment[], snapLength?: number): WireTrace => {
    const inOrder = [...segments].sort((a, b) => a.timeUs - b.timeUs);
    const file = buildPcap(inOrder, snapLength === undefined ? {} : { snapLength });
    return readWireFromChunks([file], describeCapture(segments.length)).trace;
  };
  const streams = (
    count: number,
    live: (talk: ReturnType<typeof createConversation>) => void,
  ): TestSegment[] =>
    Array.from({ length: count }, (_, index) => {
      const talk = createConversation({ clientPort: 40_000 + index }).open();
      talk.wait(10).client(REQUEST).wait(100).server(HEAD).server(EVENT);
      live(talk);
      return talk.segments;
    }).flat();

  test('a silence towards everybody that ends with data for those who waited is a pause that was resumed', () => {
    const segments = streams(3, (talk) =>
      talk
        .wait(300_000)
        .server(EVENT + END)
        .wait(10)
        .fin('client')
        .fin('server'),
    );
    const { stalls } = traceOf(segments);
    expect(stalls).toHaveLength(1);
    expect(stalls[0]).toMatchObject({ lengthUs: 300_000, open: 3, waiting: 0, resumed: true });
  });

  test('a silence that ends with the clients leaving was not resumed, and the responses are unfinished', () => {
    const segments = streams(3, (talk) => talk.wait(300_000).fin('client').fin('server'));
    const { stalls, unfinished, serverEnds } = traceOf(segments);
    expect(stalls).toMatchObject([{ lengthUs: 300_000, open: 3, resumed: false }]);
    expect(unfinished).toHaveLength(3);
    for (const { silenceUs, windowOpen, found } of unfinished) {
      expect(silenceUs).toBe(300_000);
      expect(windowOpen).toBe(true);
      expect(found).toBe('open');
    }
    expect(serverEnds).toEqual([]);
  });

  test('where the end of a response is not captured, a silence behind it is undecidable', () => {
    const segments = streams(2, (talk) =>
      talk.wait(300).server(EVENT.repeat(40)).wait(300_000).fin('client').fin('server'),
    );
    const { unfinished } = traceOf(segments, 68);
    expect(unfinished).toMatchObject([{ found: 'undecidable' }, { found: 'undecidable' }]);
  });

  test('a request without an answer waits to the end of its connection or of the capture', () => {
    const left = createConversation({ clientPort: 40_000 })
      .open()
      .wait(10)
      .client(REQUEST)
      .wait(700)
      .fin('client');
    const kept = createConversation({ clientPort: 40_001 }).open().wait(10).client(REQUEST);
    const last = createConversation({ clientPort: 40_002 }).wait(5000).open();
    const { unanswered } = traceOf([...left.segments, ...kept.segments, ...last.segments]);
    expect(unanswered).toMatchObject([
      { clientPort: 40_000, waitUs: 700 },
      { clientPort: 40_001, waitUs: expect.closeTo(5000, -2) },
    ]);
  });

  test('one hundred milliseconds of silence are no stall', () => {
    expect(traceOf(streams(3, (talk) => talk.wait(100_000).server(END).fin('client'))).stalls).toEqual([]);
  });

  test('time in which nothing was due is no stall', () => {
    const talk = createConversation().open();
    talk
      .client(REQUEST)
      .wait(50)
      .server(HEAD + EVENT + END)
      .wait(500_000);
    talk
      .client(REQUEST)
      .wait(50)
      .server(HEAD + EVENT + END)
      .fin('client');
    expect(traceOf(talk.segments).stalls).toEqual([]);
  });

  test('an end by the server has its age, its silence and what it cut', () => {
    const segments = streams(1, (talk) => talk.wait(400_000).fin('server'));
    const { serverEnds } = traceOf(segments);
    expect(serverEnds).toMatchObject([{ how: 'fin', found: 'open', idleUs: 400_000, clientPort: 40_000 }]);
    expect(serverEnds[0]!.ageUs).toBeGreaterThan(400_000);
    expect(serverEnds[0]!.packet).toBe(segments.length);
  });

  test('a status below 400 other than 200 is counted, and the first is named', () => {
    const talk = createConversation().open();
    talk.client(REQUEST).wait(50).server('HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n').wait(50);
    talk
      .client(REQUEST)
      .wait(50)
      .server(HEAD + EVENT + END)
      .fin('client');
    expect(traceOf(talk.segments).otherStatuses).toEqual({ count: 1, of: 2, first: 302 });
    expect(traceOf(streams(1, (stream) => stream.server(EVENT + END))).otherStatuses).toBeUndefined();
  });

  test('an interim status behind which the capture was cut is no status of the answer', () => {
    const answer =
      'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n\r\n';
    const talk = createConversation().open();
    talk.client(REQUEST).wait(50).server(answer).fin('client');
    const file = buildPcap(talk.segments, { snapLength: 90 });
    const read = readWireFromChunks([file], describeCapture(talk.segments.length));
    expect(read.trace.otherStatuses).toBeUndefined();
    expect(read.evidence.http_errors).toMatchObject({ known: false });
  });

  test('an error status is counted and shown by its request', () => {
    const talk = createConversation().open();
    talk.client(REQUEST).wait(50).server('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n').fin('client');
    const read = readWireFromChunks([buildPcap(talk.segments)], describeCapture(talk.segments.length));
    expect(read.evidence.http_errors).toMatchObject({ known: true, value: 1 });
    expect(read.trace.examples['http-error']).toEqual([{ packet: 4, clientPort: 40_000 }]);
  });

  test('behind a proxy both its sides are read from one file', () => {
    const front = streams(1, (talk) => talk.wait(50).server(END).fin('client'));
    const packets = front.length;
    const capture = describeCapture(packets, {
      upstreamPort: 9090,
      filter: captureFilter('headers', 8080, 9090),
    });
    const { evidence, upstream } = readWireFromChunks([buildPcap(front)], capture);
    expect(evidence.requests_sent).toMatchObject({ value: 1 });
    expect(upstream?.requests_sent).toMatchObject({ value: 0 });
  });
});

describe('latencies', () => {
  /** One connection on which the nth response comes n microseconds after its request. */
  function answers(count: number): WireEvidence {
    const talk = createConversation().open();
    for (let us = 1; us <= count; us++)
      talk
        .wait(10)
        .client(REQUEST)
        .wait(us)
        .server(HEAD + END);
    return evidenceOf(talk.segments);
  }

  test('have all six statistics where there are enough samples for them', () => {
    expect(plainReadings(answers(1000))).toMatchObject({
      wire_ttfb_us_p50: 500,
      wire_ttfb_us_p90: 900,
      wire_ttfb_us_p99: 990,
      wire_ttfb_us_p999: 999,
      wire_ttfb_us_max: 1000,
      wire_ttfb_us_mean: 501,
    });
  });

  test.each([
    ['p90', 10],
    ['p99', 100],
    ['p999', 1000],
  ] as const)('have a %s from %i samples on', (stat, needs) => {
    expect(answers(needs)[`wire_ttfb_us_${stat}`]).toMatchObject({ known: true });
    expect(answers(needs - 1)[`wire_ttfb_us_${stat}`]).toEqual({
      known: false,
      why: 'no-samples',
      detail: `${needs - 1} samples are too few for ${stat}, which needs ${needs}`,
    });
  });
});

describe('a capture of headers', () => {
  const segments = keepAlive(40000);

  test('counts and times are those of the full capture; a cut head leaves the first event undecided', () => {
    const short = plainReadings(evidenceOf(segments, { snapLength: 128 }));
    expect(short).toEqual({
      ...plainReadings(evidenceOf(segments)),
      ...wireLatencyEntries('wire_ttfe_us', () => 'not-observable'),
      events_per_segment: 'not-observable',
      first_event_share: 'not-observable',
    });
  });

  test("the probe's layout places the first event, and the note says so", () => {
    const { layout } = readProbeExchange([buildPcap(segments)], 8080);
    expect(layout).toEqual({ status: 200, headBytes: HEAD.length, firstEventAt: HEAD.length + 3 });
    const evidence = evidenceOf(segments, { snapLength: 128, layout });
    expect(evidence.wire_ttfe_us_p50).toEqual({
      known: true,
      value: 250,
      note: `3 placed by the probe's response, whose first event begins at byte ${HEAD.length + 3}`,
    });
  });

  test('a layout of another status is not used', () => {
    const layout = { status: 503, headBytes: 10, firstEventAt: 12 };
    expect(evidenceOf(segments, { snapLength: 128, layout }).wire_ttfe_us_p50.known).toBe(false);
  });

  test('a request longer than the snapshot is not given in part', () => {
    const talk = createConversation()
      .open()
      .client(`GET / HTTP/1.1\r\nX: ${'x'.repeat(90)}\r\n\r\n`);
    expect(evidenceOf(talk.server(HEAD).segments, { snapLength: 128 }).request_bytes).toEqual({
      known: false,
      why: 'not-observable',
      detail: 'the first request has 113 bytes, of which 62 were captured',
    });
  });

  test('whether the server closed in mid-response stays open when the last segment was cut', () => {
    const talk = createConversation()
      .open()
      .client(REQUEST)
      .server(HEAD)
      .server(`64\r\ndata: ${'x'.repeat(92)}\n\n\r\n`);
    const evidence = evidenceOf(talk.fin('server').segments, { snapLength: 128 });
    expect(evidence.server_closed_mid_response).toMatchObject({ known: false, why: 'not-observable' });
    expect(evidence.first_fin_by_server).toEqual({ known: true, value: 1 });
  });
});

describe('faults', () => {
  test('refusals are attempts, not connections', () => {
    const segments = [1, 2, 3].flatMap(
      (n) =>
        createConversation({ clientPort: 40000 + n })
          .syn()
          .wait(5)
          .refuse().segments,
    );
    const evidence = evidenceOf(segments);
    expect(evidence.connections_opened).toEqual({ known: true, value: 0, note: 'of 3 attempts' });
    expect(evidence.refused).toEqual({ known: true, value: 3 });
    expect(plainReadings(evidence)).toMatchObject({
      requests_per_connection: 'no-samples',
      wire_ttfb_us_p50: 'no-samples',
      handshake_us_p50: 'no-samples',
      server_wait_share: 'no-samples',
      request_bytes: 'no-samples',
      rst_by_server: 0,
    });
  });

  test('streams cut by FIN and by RST are closed in mid-response', () => {
    const cut = (clientPort: number) =>
      createConversation({ clientPort }).open().client(REQUEST).server(HEAD).server(EVENT);
    const segments = [
      ...cut(40000).fin('server').segments,
      ...cut(40001).rst('server').segments,
      ...cut(40002).server(END).fin('server').segments,
      ...cut(40003).rst('client').segments,
    ];
    expect(plainReadings(evidenceOf(segments))).toMatchObject({
      server_closed_mid_response: 2,
      first_fin_by_server: 2,
      rst_by_server: 1,
      rst_by_client: 1,
    });
  });

  test('resets of the client at the very end are named as the tool stopping', () => {
    const early = createConversation().open().client(REQUEST).server(HEAD).rst('client');
    const late = createConversation({ clientPort: 40001 }).open().wait(900_000).client(REQUEST).rst('client');
    expect(evidenceOf([...early.segments, ...late.segments]).rst_by_client).toEqual({
      known: true,
      value: 2,
      note: '1 within the last 100 ms of the capture: the tool stopping',
    });
  });

  test('a connection on which only the client said FIN is still open', () => {
    const talk = createConversation().open().client(REQUEST).server(HEAD).fin('client');
    expect(evidenceOf(talk.segments).left_open).toEqual({ known: true, value: 1 });
  });

  test('resets that only answer what came after a close are none, and leave no connection open', () => {
    const streaming = (clientPort: number) =>
      createConversation({ clientPort }).open().client(REQUEST).server(HEAD).server(EVENT);
    const segments = [
      ...streaming(40000).fin('client').rst('server').segments,
      ...streaming(40001).fin('client').server(EVENT).rst('client').segments,
      ...streaming(40002).server(END).fin('server').client(REQUEST).rst('server').segments,
    ];
    expect(plainReadings(evidenceOf(segments))).toMatchObject({
      rst_by_server: 0,
      rst_by_client: 0,
      first_fin_by_client: 2,
      first_fin_by_server: 1,
      server_closed_mid_response: 0,
      left_open: 0,
    });
  });

  test('only a client that closes first and without a byte has probed', () => {
    const idle = (clientPort: number) => createConversation({ clientPort }).open().wait(5);
    const probes = [idle(40000).fin('client').fin('server'), idle(40001).rst('client')];
    const others = [
      idle(40002).rst('server'),
      idle(40003).fin('server').fin('client'),
      idle(40004).fin('client').rst('server'),
      idle(40005),
    ];
    const segments = [...probes, ...others].flatMap((talk) => talk.segments);
    expect(plainReadings(evidenceOf(segments))).toMatchObject({
      connections_opened: 6,
      probe_connections: 2,
      rst_by_server: 1,
      left_open: 1,
    });
  });

  test('unanswered requests are named', () => {
    const talk = createConversation().open().client(REQUEST).wait(1000).fin('client');
    const evidence = evidenceOf(talk.segments);
    expect(evidence.requests_sent).toEqual({ known: true, value: 1, note: '1 without a response byte' });
    expect(evidence.server_wait_share).toEqual({ known: true, value: 1 });
  });

  test('events bunched into one segment show as events per segment', () => {
    const talk = createConversation()
      .open()
      .client(REQUEST)
      .server(HEAD + EVENT.repeat(5) + END);
    expect(evidenceOf(talk.segments).events_per_segment).toMatchObject({ known: true, value: 5 });
  });
});

describe('completeness', () => {
  const segments = keepAlive(40000);
  test.each([
    {
      name: 'twice as many received as captured proves it',
      capture: {},
      expected: { known: true, value: true },
    },
    {
      name: 'drops disprove it',
      capture: { droppedByKernel: 4 },
      expected: { known: true, value: false, note: 'the kernel dropped 4 packets' },
    },
    {
      name: 'any other count received disproves it',
      capture: { receivedByFilter: 60 },
      expected: {
        known: true,
        value: false,
        note: '60 packets passed the filter, not twice the 17 captured',
      },
    },
    {
      name: 'fewer packets in the file than counted disprove it',
      capture: { packets: 30, receivedByFilter: 60 },
      expected: { known: true, value: false, note: 'the file holds 17 of 30 captured packets' },
    },
    {
      name: 'shared loopback leaves it open',
      capture: { isolated: false },
      expected: {
        known: false,
        why: 'not-observable',
        detail: 'on shared loopback the count of received packets includes other traffic',
      },
    },
  ])('$name', ({ capture, expected }) => {
    expect(segments).toHaveLength(17);
    expect(evidenceOf(segments, { capture }).capture_complete).toEqual(expected);
  });

  test('drops mark every figure as partial', () => {
    const evidence = evidenceOf(segments, { capture: { droppedByKernel: 4 } });
    expect(evidence.requests_sent).toEqual({
      known: true,
      value: 3,
      note: 'partial: the kernel dropped 4 packets',
    });
  });

  test('a capture of flags alone says nothing about payload', () => {
    const kept = segments.filter(({ flags }) => /[SFR]/.test(flags));
    const evidence = evidenceOf(kept, { capture: { filter: captureFilter('flags', 8080) } });
    expect(plainReadings(evidence)).toMatchObject({
      connections_opened: 1,
      first_fin_by_client: 1,
      left_open: 0,
      requests_sent: 'not-observable',
      handshake_us_p50: 'not-observable',
      wire_ttfb_us_p50: 'not-observable',
      probe_connections: 'not-observable',
      server_wait_share: 'not-observable',
      capture_complete: true,
    });
  });

  test.each([
    { state: 'off', reason: 'capture is off in the scenario' },
    { state: 'failed', reason: 'no rights' },
  ] as const)('a capture that is $state gives its reason for every member', (capture) => {
    const evidence = wireEvidenceFromChunks([], capture);
    expect(new Set(Object.values(evidence).map((reading) => JSON.stringify(reading)))).toEqual(
      new Set([JSON.stringify({ known: false, why: 'not-collected', detail: capture.reason })]),
    );
    expect(Object.keys(evidence).sort()).toEqual(Object.keys(WIRE_DEFINITIONS).sort());
  });

  test('an empty file is no evidence of nothing', () => {
    const evidence = wireEvidenceFromChunks([], describeCapture(40));
    expect(evidence.connections_opened).toEqual({
      known: false,
      why: 'not-collected',
      detail: 'the file is empty',
    });
    expect(evidence.capture_complete).toMatchObject({ known: true, value: false });
  });

  test('snapshots too short for a TCP header give no counts', () => {
    expect(evidenceOf(segments, { snapLength: 40 }).connections_opened).toMatchObject({
      known: false,
      why: 'not-observable',
    });
  });
});

describe('the first request of a full-payload probe', () => {
  test('is put together from its segments, without what was sent twice', () => {
    const talk = createConversation().open();
    const seq = talk.clientSeq();
    talk.client('GET / HTTP/1.1\r\n').raw('client', 'PA', { seq, payload: 'GET / HTTP/1.1\r\n' });
    talk.client('Host: a\r\n\r\n').server(HEAD).client('GET /second HTTP/1.1\r\n\r\n');
    expect(firstRequestBytes([buildPcap(talk.segments)], 8080)?.toString()).toBe(
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    );
  });

  test('is taken after a connection that carried nothing', () => {
    const test = createConversation().open().fin('client').fin('server');
    const talk = createConversation({ clientPort: 40001 }).open().client(REQUEST).server(HEAD);
    const file = buildPcap([...test.segments, ...talk.segments]);
    expect(firstRequestBytes([file], 8080)?.toString()).toBe(REQUEST);
  });

  test('is whole without an answer when its blank line was sent', () => {
    const sent = createConversation().open().client(REQUEST);
    const cut = createConversation().open().client(REQUEST.slice(0, -2));
    expect(firstRequestBytes([buildPcap(sent.segments)], 8080)?.toString()).toBe(REQUEST);
    expect(firstRequestBytes([buildPcap(cut.segments)], 8080)).toBeUndefined();
  });

  test('is undefined with a hole in it', () => {
    const talk = createConversation().open().client('GET ').lose('client', 5).client('\r\n\r\n').server(HEAD);
    expect(firstRequestBytes([buildPcap(talk.segments)], 8080)).toBeUndefined();
  });
});

test('for any bytes in a capture every known number is finite and not negative', () => {
  const good = buildPcap([...keepAlive(40000), ...keepAlive(40001)]);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 40 }),
      fc.integer({ min: 0, max: good.length }),
      (writes, length) => {
        const broken = Buffer.from(good.subarray(0, length));
        if (length > 0) for (const [at, value] of writes) broken[at % length] = value;
        const evidence = wireEvidenceFromChunks([broken], describeCapture(34));
        for (const reading of Object.values(evidence)) {
          if (reading.known && typeof reading.value === 'number') {
            expect(Number.isFinite(reading.value) && reading.value >= 0).toBe(true);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('the evidence does not depend on where the file is split', () => {
  const file = buildPcap([...keepAlive(40000), ...keepAlive(40001)]);
  const whole = wireEvidenceFromChunks([file], describeCapture(34));
  fc.assert(
    fc.property(fc.array(fc.nat({ max: file.length }), { maxLength: 10 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), file.length];
      const chunks = at.slice(1).map((end, index) => file.subarray(at[index], end));
      expect(wireEvidenceFromChunks(chunks, describeCapture(34))).toEqual(whole);
    }),
    { numRuns: 50 },
  );
});
