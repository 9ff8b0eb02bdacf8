import type { WireTrace } from '../../model/wire.ts';
import { createLatencyRecord } from '../latency-record.ts';
import type { Exchange, ResponseLayout, TcpFlow } from '../tcp-flow.ts';
import { addExample, LONGEST_LIST, type PendingRequest, type PendingResponse } from './trace-flows.ts';

/** Counts and times over all flows of one capture, in microseconds. */
export type Tally = ReturnType<typeof createTally>;

/** A tally of nothing yet. */
export function createTally() {
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
    closedWindowUs: 0,
    handshake: createLatencyRecord(),
    ttfb: createLatencyRecord(),
    ttfe: createLatencyRecord(),
    gap: createLatencyRecord(),
    stalls: 0,
    longestStallUs: 0,
    longestWaitUs: 0,
    firstEventUs: 0,
    httpErrors: 0,
    otherStatuses: 0,
    firstOtherStatus: 0,
    statusesRead: 0,
    unfinished: [] as PendingResponse[],
    pending: [] as PendingRequest[],
    responses: 0,
    ttfeDecided: 0,
    ttfeByLayout: 0,
    responseSegments: 0,
    wholeSegments: 0,
    eventSegments: 0,
    events: 0,
  };
}

/** How slow a beginning must be to be shown as an example of one: five times what the capture has seen so far. */
const SLOW_FACTOR = 5;

/** Count one request and what answered it. */
export function addExchange(
  tally: Tally,
  trace: WireTrace,
  exchange: Exchange,
  flow: TcpFlow,
  layout: ResponseLayout | undefined,
): void {
  const { response, requestEndUs } = exchange;
  if (response.bytes === 0) {
    tally.unanswered++;
    if (tally.pending.length < LONGEST_LIST) {
      tally.pending.push({
        packet: exchange.firstPacket,
        clientPort: flow.clientPort,
        sinceUs: requestEndUs,
        untilUs: flow.closedUs,
      });
    }
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
  // Below 200 the head that counts was not captured: the scan keeps the status of an interim one alone when that was cut.
  if (response.status >= 200) {
    tally.statusesRead++;
    if (response.status >= 400) {
      tally.httpErrors++;
      addExample(trace, 'http-error', exchange.firstPacket, flow.clientPort);
    } else if (response.status !== 200) {
      if (tally.otherStatuses === 0) tally.firstOtherStatus = response.status;
      tally.otherStatuses++;
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

/** Count one flow that is over, or that the capture ends in. */
export function addFlow(tally: Tally, flow: TcpFlow): void {
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
  tally.closedWindowUs += flow.closedWindowUs;
  if (flow.endFound === 'open' || flow.endFound === 'undecidable') addUnfinished(tally, flow, flow.endFound);
}

/** Responses that the server ended are no silence; those that a client cut, or nobody ended, may be one. */
function addUnfinished(tally: Tally, flow: TcpFlow, found: PendingResponse['found']): void {
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
    found,
  });
}

/** Closed by the client without a byte from either side, as wrk's connect test is; the server had no part in it. */
function isProbe(flow: TcpFlow): boolean {
  const closedByClient = flow.firstFin === 'client' || flow.resetBy === 'client';
  return closedByClient && flow.firstRst !== 'server' && flow.clientBytes === 0 && flow.serverBytes === 0;
}
