import { known, type Reading, type UnknownReading, unknown } from '../model/cell.ts';
import { LATENCY_STATS, type LatencyStat } from '../model/metrics.ts';
import {
  type CaptureRecord,
  type WireEvidence,
  type WireExample,
  type WireExampleKind,
  type WireMetric,
  type WireTrace,
  wireLatencyEntries,
} from '../model/wire.ts';
import { QUANTILES, type Quantile, tooFewSamples } from '../stats/quantiles.ts';
import { sawAllSegments } from './capture-filter.ts';
import type { DecodeSummary } from './decode-packets.ts';
import { createRequestCollector } from './first-exchange.ts';
import { createLatencyRecord, type LatencyRecord } from './latency-record.ts';
import type { Exchange, FlowSink, FlowTotals, ResponseLayout, TcpFlow } from './tcp-flows.ts';

export type DoneCapture = Extract<CaptureRecord, { state: 'done' }>;

/**
 * A reading that rests on captured payload is given only when this share of its cases could be decided:
 * the undecided ones differ in kind (long segments), so a smaller share would describe a selection.
 */
const DECIDED_SHARE = 0.9;
/** Resets this close to the last packet are the tool stopping; tools close all connections within a few ms. */
const STOPPING_US = 100_000;

const FLAGS_ONLY = 'the capture kept only SYN, FIN and RST packets';

const WIRE_METRICS: Record<WireMetric, true> = {
  connections_opened: true,
  requests_sent: true,
  requests_per_connection: true,
  first_fin_by_client: true,
  first_fin_by_server: true,
  rst_by_client: true,
  rst_by_server: true,
  refused: true,
  syn_retransmissions: true,
  retransmissions: true,
  zero_windows: true,
  ...wireLatencyEntries('handshake_us', () => true as const),
  ...wireLatencyEntries('wire_ttfb_us', () => true as const),
  ...wireLatencyEntries('wire_ttfe_us', () => true as const),
  ...wireLatencyEntries('wire_gap_us', () => true as const),
  events_per_segment: true,
  request_bytes: true,
  server_wait_share: true,
  transfer_share: true,
  client_turn_share: true,
  captured_packets: true,
  dropped_by_kernel: true,
  capture_complete: true,
  observer_ratio: true,
  probe_connections: true,
  server_closed_mid_response: true,
  left_open: true,
  connect_attempts: true,
  unanswered_requests: true,
  longest_wait_us: true,
  first_event_share: true,
  segments_per_response: true,
  http_errors: true,
  stalls: true,
  longest_stall_us: true,
};

/** Wire evidence of a trial without a usable capture: every member says why. */
export function absentWireEvidence(absence: UnknownReading): WireEvidence {
  const members = Object.keys(WIRE_METRICS).map((metric) => [metric, absence]);
  return Object.fromEntries(members) as unknown as WireEvidence;
}

/** Counts over all flows of one capture, filled through `sink` while packets are folded. */
export interface WireSummary {
  sink: FlowSink;
  trace: WireTrace;
  finish(totals: FlowTotals, decoded: DecodeSummary): WireEvidence;
}

/**
 * Turn flows into the published wire evidence. `layout` comes from a full-payload probe of the same tool and
 * target: with it the first event can be placed by its offset where the capture is too short to show it.
 */
export function createWireSummary(capture: DoneCapture, layout?: ResponseLayout): WireSummary {
  const collector = createRequestCollector();
  const tally = createTally();
  const trace: WireTrace = { examples: {}, serverEnds: [], stalls: [], unfinished: [] };
  const sink: FlowSink = {
    onRequestBytes: collector.onRequestBytes,
    onResponseStart: collector.onResponseStart,
    onExchange: (exchange, flow) => addExchange(tally, trace, exchange, flow, layout),
    onFlow: (flow) => {
      addFlow(tally, flow);
      traceFlow(trace, flow);
    },
    onSynAgain(timeUs) {
      trace.synAgainUs ??= [];
      if (trace.synAgainUs.length < LONGEST_LIST) trace.synAgainUs.push(timeUs);
    },
    onGap: (us) => tally.gap.add(us),
    onStall(stall) {
      tally.stalls++;
      tally.longestStallUs = Math.max(tally.longestStallUs, stall.lengthUs);
      if (trace.stalls.length < LONGEST_LIST) trace.stalls.push(stall);
    },
  };
  return {
    sink,
    trace,
    finish(totals, decoded) {
      traceUnfinished(trace, tally.unfinished, totals.lastUs);
      if (decoded.tcpPackets === 0 && decoded.problem !== undefined) {
        return withCaptureFacts(
          absentWireEvidence(unknown('not-collected', decoded.problem)),
          capture,
          decoded,
        );
      }
      if (decoded.tcpPackets === 0 && decoded.packets > 0) {
        const detail = 'no captured packet holds a whole TCP header';
        return withCaptureFacts(absentWireEvidence(unknown('not-observable', detail)), capture, decoded);
      }
      const evidence = summarize(tally, totals, collector.result(), sawAllSegments(capture), layout);
      const partial = describeGaps(capture, decoded);
      if (partial !== undefined) addNotes(evidence, partial);
      return withCaptureFacts(evidence, capture, decoded);
    },
  };
}

/** Members that rest on flows; the others rest on the capture's record. */
type FlowReadings = Omit<
  WireEvidence,
  'captured_packets' | 'dropped_by_kernel' | 'capture_complete' | 'observer_ratio'
>;

type Tally = ReturnType<typeof createTally>;

function createTally() {
  return {
    opened: 0,
    firstFinByClient: 0,
    firstFinByServer: 0,
    rstByClientUs: [] as number[],
    rstByServer: 0,
    refused: 0,
    synRetransmissions: 0,
    dataSegments: 0,
    retransmissions: 0,
    clientZeroWindows: 0,
    serverZeroWindows: 0,
    requests: 0,
    flowsWithRequests: 0,
    unanswered: 0,
    probes: 0,
    leftOpen: 0,
    serverClosed: { complete: 0, open: 0, undecidable: 0 },
    serverWaitUs: 0,
    transferUs: 0,
    clientTurnUs: 0,
    unattributedUs: 0,
    handshake: createLatencyRecord(),
    ttfb: createLatencyRecord(),
    ttfe: createLatencyRecord(),
    gap: createLatencyRecord(),
    stalls: 0,
    longestStallUs: 0,
    longestWaitUs: 0,
    firstEventUs: 0,
    httpErrors: 0,
    statusesRead: 0,
    unfinished: [] as PendingResponse[],
    responses: 0,
    ttfeDecided: 0,
    ttfeByLayout: 0,
    responseSegments: 0,
    wholeSegments: 0,
    eventSegments: 0,
    events: 0,
  };
}

/** Entries kept of any list of single events; counts go on. */
const LONGEST_LIST = 10_000;
const EXAMPLES = 3;

/** An unfinished response whose silence can be told when the end of the capture is known. */
interface PendingResponse extends WireExample {
  sinceUs: number;
  untilUs: number;
  windowOpen: boolean;
}

function addExample(trace: WireTrace, kind: WireExampleKind, packet: number, clientPort: number): void {
  const list = trace.examples[kind];
  if (!list) trace.examples[kind] = [{ packet, clientPort }];
  else if (list.length < EXAMPLES) list.push({ packet, clientPort });
}

function traceFlow(trace: WireTrace, flow: TcpFlow): void {
  const { clientPort } = flow;
  if (flow.retransmissionPacket > 0)
    addExample(trace, 'retransmission', flow.retransmissionPacket, clientPort);
  if (flow.zeroWindowPacket > 0) addExample(trace, 'zero-window', flow.zeroWindowPacket, clientPort);
  if (flow.synAgainPacket > 0) addExample(trace, 'syn-again', flow.synAgainPacket, clientPort);
  if (flow.refused) addExample(trace, 'refused', flow.firstPacket, clientPort);
  const byServer = flow.firstFin === 'server' || flow.resetBy === 'server';
  if (!byServer || trace.serverEnds.length >= LONGEST_LIST) return;
  trace.serverEnds.push({
    how: flow.resetBy === 'server' ? 'reset' : 'fin',
    found: flow.serverCloseFound,
    ageUs: flow.closedUs - flow.synUs,
    idleUs: flow.closedUs - flow.lastPayloadUs,
    packet: flow.closePacket,
    clientPort,
  });
}

/** A silence lasts to the connection's end, or to that of the capture. */
function traceUnfinished(trace: WireTrace, pending: readonly PendingResponse[], lastUs: number): void {
  for (const { packet, clientPort, sinceUs, untilUs, windowOpen } of pending) {
    const silenceUs = Math.max(0, (Number.isNaN(untilUs) ? lastUs : untilUs) - sinceUs);
    trace.unfinished.push({ packet, clientPort, silenceUs, windowOpen });
  }
}

/** How slow a beginning must be to be shown as an example of one: five times what the capture has seen so far. */
const SLOW_FACTOR = 5;

function addExchange(
  tally: Tally,
  trace: WireTrace,
  exchange: Exchange,
  flow: TcpFlow,
  layout: ResponseLayout | undefined,
): void {
  const { response, requestEndUs } = exchange;
  if (response.bytes === 0) {
    tally.unanswered++;
    addExample(trace, 'unanswered', exchange.firstPacket, flow.clientPort);
    return;
  }
  const waitUs = exchange.firstByteUs - requestEndUs;
  if (waitUs > tally.longestWaitUs) {
    if (waitUs > SLOW_FACTOR * tally.longestWaitUs) {
      trace.examples['slow-first-byte'] = [{ packet: exchange.firstPacket, clientPort: flow.clientPort }];
    }
    tally.longestWaitUs = waitUs;
  }
  if (!Number.isNaN(response.status)) {
    tally.statusesRead++;
    if (response.status >= 400) {
      tally.httpErrors++;
      addExample(trace, 'http-error', exchange.firstPacket, flow.clientPort);
    }
  }
  const eventUs = Number.isNaN(exchange.firstEventUs) ? exchange.layoutEventUs : exchange.firstEventUs;
  if (eventUs > exchange.firstByteUs) {
    tally.firstEventUs += eventUs - exchange.firstByteUs;
    if (eventUs - exchange.firstByteUs > waitUs) {
      addExample(trace, 'slow-first-event', exchange.firstPacket, flow.clientPort);
    }
  }
  tally.responses++;
  tally.ttfb.add(exchange.firstByteUs - requestEndUs);
  tally.responseSegments += response.segments;
  tally.wholeSegments += response.wholeSegments;
  tally.eventSegments += response.eventSegments;
  tally.events += response.events;
  if (response.firstEvent !== 'undecidable') {
    tally.ttfeDecided++;
    tally.ttfe.add(exchange.firstEventUs - requestEndUs);
  } else if (layout && layout.status === response.status) {
    tally.ttfeDecided++;
    tally.ttfeByLayout++;
    tally.ttfe.add(exchange.layoutEventUs - requestEndUs);
  }
}

function addFlow(tally: Tally, flow: TcpFlow): void {
  const established = !Number.isNaN(flow.establishedUs);
  const bothFins = !Number.isNaN(flow.clientFinUs) && !Number.isNaN(flow.serverFinUs);
  const opened = flow.accepted || established;
  if (opened) tally.opened++;
  if (opened && !bothFins && flow.firstRst === 'none') tally.leftOpen++;
  if (established && isProbe(flow)) tally.probes++;
  if (flow.refused) tally.refused++;
  if (flow.firstFin === 'client') tally.firstFinByClient++;
  if (flow.firstFin === 'server') tally.firstFinByServer++;
  if (flow.resetBy === 'client') tally.rstByClientUs.push(flow.resetUs);
  if (flow.resetBy === 'server') tally.rstByServer++;
  if (flow.serverCloseFound !== 'none') tally.serverClosed[flow.serverCloseFound]++;
  tally.handshake.add(flow.establishedUs - flow.synUs);
  tally.synRetransmissions += flow.synRetransmissions;
  tally.dataSegments += flow.dataSegments;
  tally.retransmissions += flow.retransmissions;
  tally.clientZeroWindows += flow.clientZeroWindows;
  tally.serverZeroWindows += flow.serverZeroWindows;
  tally.requests += flow.requests;
  if (flow.requests > 0) tally.flowsWithRequests++;
  tally.serverWaitUs += flow.serverWaitUs;
  tally.transferUs += flow.transferUs;
  tally.clientTurnUs += flow.clientTurnUs;
  tally.unattributedUs += flow.unattributedUs;
  if (flow.endFound === 'open' || flow.endFound === 'undecidable') addUnfinished(tally, flow);
}

/** Responses that the server ended are no silence; those that a client cut, or nobody ended, may be one. */
function addUnfinished(tally: Tally, flow: TcpFlow): void {
  if (flow.firstFin === 'server' || flow.resetBy === 'server') return;
  if (flow.serverBytes === 0) {
    tally.longestWaitUs = Math.max(tally.longestWaitUs, flow.closedUs - flow.lastPayloadUs || 0);
  }
  if (flow.serverBytes === 0 || tally.unfinished.length >= LONGEST_LIST) return;
  tally.unfinished.push({
    packet: flow.firstPacket,
    clientPort: flow.clientPort,
    sinceUs: flow.lastPayloadUs,
    untilUs: flow.closedUs,
    windowOpen: flow.clientWindow > 0,
  });
}

/** Closed by the client without a byte from either side, as wrk's connect test is; the server had no part in it. */
function isProbe(flow: TcpFlow): boolean {
  const closedByClient = flow.firstFin === 'client' || flow.resetBy === 'client';
  return closedByClient && flow.firstRst !== 'server' && flow.clientBytes === 0 && flow.serverBytes === 0;
}

function summarize(
  tally: Tally,
  totals: FlowTotals,
  request: Buffer | string,
  allSegments: boolean,
  layout: ResponseLayout | undefined,
): FlowReadings {
  /** Readings that need more packets than those which open and end a connection. */
  const needsAll = <T>(read: () => Reading<T>): Reading<T> =>
    allSegments ? read() : unknown('not-observable', FLAGS_ONLY);
  const handshake = allSegments
    ? readLatency(tally.handshake, 'no handshake was completed')
    : spread(unknown('not-observable', FLAGS_ONLY));
  const ttfb = allSegments
    ? readLatency(tally.ttfb, 'no request was answered')
    : spread(unknown('not-observable', FLAGS_ONLY));
  const ttfe = allSegments ? readTtfe(tally, layout) : spread(unknown('not-observable', FLAGS_ONLY));
  const gap = allSegments
    ? readLatency(tally.gap, 'no response came in more than one segment')
    : spread(unknown('not-observable', FLAGS_ONLY));
  const budget = allSegments ? readBudget(tally) : spreadBudget(unknown('not-observable', FLAGS_ONLY));
  return {
    connections_opened: withNote(tally.opened, describeAttempts(tally, totals)),
    requests_sent: needsAll(() =>
      withNote(
        tally.requests,
        tally.unanswered > 0 ? `${tally.unanswered} without a response byte` : undefined,
      ),
    ),
    requests_per_connection: needsAll(() =>
      tally.flowsWithRequests === 0
        ? unknown('no-samples', 'no connection carried a request')
        : known(tally.requests / tally.flowsWithRequests),
    ),
    first_fin_by_client: known(tally.firstFinByClient),
    first_fin_by_server: known(tally.firstFinByServer),
    rst_by_client: readClientResets(tally, totals),
    rst_by_server: known(tally.rstByServer),
    refused: known(tally.refused),
    syn_retransmissions: known(tally.synRetransmissions),
    retransmissions: needsAll(() =>
      withNote(tally.retransmissions, `of ${tally.dataSegments} segments with payload`),
    ),
    zero_windows: needsAll(() =>
      withNote(
        tally.clientZeroWindows,
        tally.serverZeroWindows > 0 ? `by clients; ${tally.serverZeroWindows} more by the server` : undefined,
      ),
    ),
    ...wireLatencyEntries('handshake_us', (stat) => handshake[stat]),
    ...wireLatencyEntries('wire_ttfb_us', (stat) => ttfb[stat]),
    ...wireLatencyEntries('wire_ttfe_us', (stat) => ttfe[stat]),
    events_per_segment: needsAll(() => readEventsPerSegment(tally)),
    request_bytes: needsAll(() => readRequest(tally, request)),
    ...budget,
    probe_connections: needsAll(() => known(tally.probes)),
    server_closed_mid_response: needsAll(() => readServerClosed(tally)),
    left_open: known(tally.leftOpen),
    connect_attempts: known(totals.flows),
    unanswered_requests: needsAll(() => known(tally.unanswered)),
    longest_wait_us: needsAll(() =>
      tally.requests === 0
        ? unknown('no-samples', 'no request was captured')
        : known(Math.round(tally.longestWaitUs)),
    ),
    first_event_share: needsAll(() => readFirstEventShare(tally)),
    segments_per_response: needsAll(() =>
      tally.responses === 0
        ? unknown('no-samples', 'no request was answered')
        : known(tally.responseSegments / tally.responses),
    ),
    http_errors: needsAll(() => readHttpErrors(tally)),
    stalls: needsAll(() => known(tally.stalls)),
    longest_stall_us: needsAll(() =>
      tally.stalls === 0
        ? unknown('no-samples', 'the server was never silent to everybody')
        : known(Math.round(tally.longestStallUs)),
    ),
    ...wireLatencyEntries('wire_gap_us', (stat) => gap[stat]),
  };
}

function readFirstEventShare(tally: Tally): Reading {
  const attributed = tally.serverWaitUs + tally.transferUs + tally.clientTurnUs;
  if (attributed === 0 || tally.responses === 0) return unknown('no-samples', 'no request was answered');
  if (tally.ttfeDecided < DECIDED_SHARE * tally.responses) {
    return unknown('not-observable', 'the bytes that would show the first event were not captured');
  }
  return known(tally.firstEventUs / attributed);
}

function readHttpErrors(tally: Tally): Reading {
  if (tally.responses === 0) return unknown('no-samples', 'no request was answered');
  if (tally.statusesRead < DECIDED_SHARE * tally.responses) {
    const missing = tally.responses - tally.statusesRead;
    return unknown(
      'not-observable',
      `the status of ${missing} of ${tally.responses} responses was not captured`,
    );
  }
  return withNote(tally.httpErrors, `of ${tally.statusesRead} responses`);
}

type LatencyReadings = Record<LatencyStat, Reading>;

function spread(reading: Reading): LatencyReadings {
  return Object.fromEntries(LATENCY_STATS.map((stat) => [stat, reading])) as LatencyReadings;
}

function readLatency(record: LatencyRecord, whyNone: string, note?: string): LatencyReadings {
  const total = record.count();
  if (total === 0) return spread(unknown('no-samples', whyNone));
  const readQuantile = (stat: Quantile): Reading =>
    total < QUANTILES[stat].needs
      ? unknown('no-samples', tooFewSamples(total, stat))
      : withNote(record.percentile(100 * QUANTILES[stat].share), note);
  return {
    p50: readQuantile('p50'),
    p90: readQuantile('p90'),
    p99: readQuantile('p99'),
    p999: readQuantile('p999'),
    max: withNote(record.max(), note),
    mean: withNote(record.mean(), note),
  };
}

function readTtfe(tally: Tally, layout: ResponseLayout | undefined): LatencyReadings {
  if (tally.responses === 0) return spread(unknown('no-samples', 'no request was answered'));
  if (tally.ttfeDecided < DECIDED_SHARE * tally.responses) {
    const detail =
      `in ${tally.responses - tally.ttfeDecided} of ${tally.responses} responses the bytes that would show ` +
      'the first event were not captured';
    return spread(unknown('not-observable', detail));
  }
  const notes: string[] = [];
  if (tally.ttfeDecided < tally.responses) {
    notes.push(`decided for ${tally.ttfeDecided} of ${tally.responses} responses`);
  }
  if (layout && tally.ttfeByLayout > 0) {
    notes.push(
      `${tally.ttfeByLayout} placed by the probe's response, whose first event begins at byte ${layout.firstEventAt}`,
    );
  }
  const note = notes.length > 0 ? notes.join('; ') : undefined;
  return readLatency(tally.ttfe, 'no response held an event', note);
}

function readEventsPerSegment(tally: Tally): Reading {
  if (tally.responseSegments === 0) return unknown('no-samples', 'no request was answered');
  if (tally.wholeSegments < DECIDED_SHARE * tally.responseSegments) {
    const cut = tally.responseSegments - tally.wholeSegments;
    return unknown(
      'not-observable',
      `${cut} of ${tally.responseSegments} response segments were captured in part`,
    );
  }
  if (tally.eventSegments === 0) return unknown('no-samples', 'no response held an event');
  return known(tally.events / tally.eventSegments, {
    note: `over the ${tally.eventSegments} segments in which an event begins`,
  });
}

type BudgetReadings = Pick<WireEvidence, 'server_wait_share' | 'transfer_share' | 'client_turn_share'>;

function spreadBudget(reading: Reading): BudgetReadings {
  return { server_wait_share: reading, transfer_share: reading, client_turn_share: reading };
}

function readBudget(tally: Tally): BudgetReadings {
  const attributed = tally.serverWaitUs + tally.transferUs + tally.clientTurnUs;
  const total = attributed + tally.unattributedUs;
  if (total === 0) return spreadBudget(unknown('no-samples', 'no connection carried a request'));
  if (attributed < DECIDED_SHARE * total) {
    const percent = Math.round((100 * tally.unattributedUs) / total);
    const detail = `${percent} % of connection time lies after a last segment whose end was not captured`;
    return spreadBudget(unknown('not-observable', detail));
  }
  return {
    server_wait_share: known(tally.serverWaitUs / attributed),
    transfer_share: known(tally.transferUs / attributed),
    client_turn_share: known(tally.clientTurnUs / attributed),
  };
}

function readServerClosed(tally: Tally): Reading {
  const { complete, open, undecidable } = tally.serverClosed;
  const closes = complete + open + undecidable;
  if (closes - undecidable < DECIDED_SHARE * closes) {
    const detail = `at ${undecidable} of ${closes} closes by the server the end of the last response was not captured`;
    return unknown('not-observable', detail);
  }
  return withNote(open, undecidable > 0 ? `undecided for ${undecidable} of ${closes} closes` : undefined);
}

function readRequest(tally: Tally, request: Buffer | string): Reading<string> {
  if (typeof request !== 'string') return known(request.toString('base64'));
  return unknown(tally.requests === 0 ? 'no-samples' : 'not-observable', request);
}

function readClientResets(tally: Tally, totals: FlowTotals): Reading {
  const resets = tally.rstByClientUs;
  const atEnd = resets.filter((us) => totals.lastUs - us <= STOPPING_US).length;
  const note = `${atEnd} within the last ${STOPPING_US / 1000} ms of the capture: the tool stopping`;
  return withNote(resets.length, atEnd > 0 ? note : undefined);
}

function describeAttempts(tally: Tally, totals: FlowTotals): string | undefined {
  const notes: string[] = [];
  if (totals.flows !== tally.opened) notes.push(`of ${totals.flows} attempts`);
  if (totals.flowsWithoutSyn > 0) {
    notes.push(`${totals.flowsWithoutSyn} connections from before the capture are left out`);
  }
  return notes.length > 0 ? notes.join('; ') : undefined;
}

function withNote(value: number, note: string | undefined): Reading {
  return note === undefined ? known(value) : known(value, { note });
}

/** What is known to be missing from the capture, or undefined. */
function describeGaps(capture: DoneCapture, decoded: DecodeSummary): string | undefined {
  if (capture.droppedByKernel > 0) return `partial: the kernel dropped ${capture.droppedByKernel} packets`;
  if (decoded.problem !== undefined) return `partial: ${decoded.problem}`;
  if (decoded.truncated) return 'partial: the capture file is cut short';
  return undefined;
}

function addNotes(evidence: FlowReadings, note: string): void {
  for (const reading of Object.values(evidence) as Reading<unknown>[]) {
    if (reading.known) reading.note = reading.note === undefined ? note : `${reading.note}; ${note}`;
  }
}

function withCaptureFacts(
  evidence: FlowReadings,
  capture: DoneCapture,
  decoded: DecodeSummary,
): WireEvidence {
  return {
    ...evidence,
    captured_packets: known(capture.packets),
    dropped_by_kernel: known(capture.droppedByKernel),
    capture_complete: readCompleteness(capture, decoded),
    observer_ratio: unknown('not-collected', 'needs the rates of the measured trials beside this one'),
  };
}

function readCompleteness(capture: DoneCapture, decoded: DecodeSummary): Reading<boolean> {
  const { packets, receivedByFilter, droppedByKernel } = capture;
  if (droppedByKernel > 0) return known(false, { note: `the kernel dropped ${droppedByKernel} packets` });
  if (decoded.packets !== packets || decoded.truncated) {
    return known(false, { note: `the file holds ${decoded.packets} of ${packets} captured packets` });
  }
  if (!capture.isolated) {
    const detail = 'on shared loopback the count of received packets includes other traffic';
    return unknown('not-observable', detail);
  }
  // On loopback every packet passes the filter twice, going out and coming in; one of the two is kept.
  if (receivedByFilter === 2 * packets) return known(true);
  return known(false, {
    note: `${receivedByFilter} packets passed the filter, not twice the ${packets} captured`,
  });
}
