import {
  createResponseScan,
  resetResponseScan,
  responseState,
  scanSegment,
  skipMissing,
} from './scan-response.ts';
import type { Exchange, FlowFold, FlowSink, FlowTotals, ResponseLayout, Side, TcpFlow } from './tcp-flow.ts';
import { ACK, FIN, RST, SYN, type TcpPacket } from './tcp-packet.ts';

/**
 * Silence of the server towards everybody from which it is looked at. Unit: us. Reason: a busy machine delays by some
 * 10 ms. It is a matter of what is recorded: rules judge longer ones.
 */
const STALL_US = 100_000;

type Turn = 'idle' | 'request' | 'response';

/** A flow with what is only needed to follow it. */
interface TrackedFlow extends TcpFlow {
  next: TrackedFlow | undefined;
  client0: number;
  client1: number;
  client2: number;
  client3: number;
  server0: number;
  server1: number;
  server2: number;
  server3: number;
  withSyn: boolean;
  clientIsn: number;
  clientNext: number;
  serverNext: number;
  serverNextKnown: boolean;
  turn: Turn;
  exchange: Exchange;
}

/**
 * Fold packets into connections to `port`. A flow begins with its SYN; a SYN with another sequence number on
 * the same four-tuple is a new flow, the same number is a retransmission. Memory holds one flow per four-tuple:
 * finished ones are handed on when their port is used again.
 */
export function createFlowFold(port: number, sink: FlowSink, layout?: ResponseLayout): FlowFold {
  // Indexed by client port: a lookup is one array access, addresses only break ties.
  const byPort: (TrackedFlow | undefined)[] = new Array(65536).fill(undefined);
  const totals: FlowTotals = {
    firstUs: Number.NaN,
    flows: 0,
    flowsWithoutSyn: 0,
    packetsWithoutSyn: 0,
    lastUs: Number.NaN,
  };
  /** Last payload of the server to anybody. */
  let servedUs = Number.NaN;

  function visit(packet: TcpPacket): void {
    const fromClient = packet.destinationPort === port;
    if (!fromClient && packet.sourcePort !== port) return;
    if (Number.isNaN(totals.firstUs)) totals.firstUs = packet.timeUs;
    if (!(packet.timeUs <= totals.lastUs)) totals.lastUs = packet.timeUs;
    const bareSyn = (packet.flags & (SYN | ACK | RST)) === SYN;
    let flow = findFlow(packet, fromClient);
    if (fromClient && bareSyn) {
      if (flow?.withSyn && flow.clientIsn === packet.seq) {
        flow.synRetransmissions++;
        sink.onSynAgain?.(packet.timeUs);
        if (flow.synAgainPacket === 0) flow.synAgainPacket = packet.number;
        return;
      }
      if (flow) replaceFlow(flow, packet);
      else addFlow(packet, true, true);
      return;
    }
    flow ??= addFlow(packet, fromClient, false);
    if (!flow.withSyn) totals.packetsWithoutSyn++;
    else if (fromClient) visitClient(flow, packet);
    else visitServer(flow, packet);
  }

  function findFlow(packet: TcpPacket, fromClient: boolean): TrackedFlow | undefined {
    let flow = byPort[fromClient ? packet.sourcePort : packet.destinationPort];
    while (flow && !(fromClient ? isFromClientOf(flow, packet) : isFromServerOf(flow, packet))) {
      flow = flow.next;
    }
    return flow;
  }

  function addFlow(packet: TcpPacket, fromClient: boolean, withSyn: boolean): TrackedFlow {
    const flow = createFlow(packet, fromClient, withSyn);
    flow.next = byPort[flow.clientPort];
    byPort[flow.clientPort] = flow;
    if (withSyn) totals.flows++;
    else totals.flowsWithoutSyn++;
    return flow;
  }

  function replaceFlow(old: TrackedFlow, packet: TcpPacket): void {
    if (old.withSyn) finishFlow(old, packet.timeUs);
    let before = byPort[old.clientPort];
    if (before === old) byPort[old.clientPort] = old.next;
    else {
      while (before && before.next !== old) before = before.next;
      if (before) before.next = old.next;
    }
    addFlow(packet, true, true);
  }

  function visitClient(flow: TrackedFlow, packet: TcpPacket): void {
    const { flags, timeUs } = packet;
    if (flags & RST) {
      judgeSilence(packet, undefined);
      reset(flow, 'client', packet);
      return;
    }
    if (flow.firstRst !== 'none' || flow.refused) return;
    if (flags & ACK && Number.isNaN(flow.establishedUs)) flow.establishedUs = timeUs;
    flow.clientWindow = packet.window;
    if (packet.window === 0) {
      // It is held against the budget, which ends with the first FIN.
      if (Number.isNaN(flow.windowClosedUs) && Number.isNaN(flow.closedUs)) flow.windowClosedUs = timeUs;
      flow.clientZeroWindows++;
      if (flow.zeroWindowPacket === 0) flow.zeroWindowPacket = packet.number;
    } else endClosedWindow(flow, timeUs);
    if (packet.payloadLength > 0) takeClientPayload(flow, packet);
    if (flags & FIN && Number.isNaN(flow.clientFinUs)) {
      judgeSilence(packet, undefined);
      flow.clientFinUs = timeUs;
      close(flow, 'client', packet);
    }
  }

  function visitServer(flow: TrackedFlow, packet: TcpPacket): void {
    const { flags, timeUs } = packet;
    if (flags & RST) {
      if (!flow.accepted && Number.isNaN(flow.establishedUs)) flow.refused = true;
      else reset(flow, 'server', packet);
      return;
    }
    if (flags & SYN) {
      flow.accepted = true;
      flow.serverNext = (packet.seq + 1) | 0;
      flow.serverNextKnown = true;
      return;
    }
    if (flow.firstRst !== 'none') return;
    if (packet.window === 0) flow.serverZeroWindows++;
    if (packet.payloadLength > 0) takeServerPayload(flow, packet);
    if (flags & FIN && Number.isNaN(flow.serverFinUs)) {
      flow.serverFinUs = timeUs;
      close(flow, 'server', packet);
    }
  }

  function takeClientPayload(flow: TrackedFlow, packet: TcpPacket): void {
    const length = packet.payloadLength;
    const ahead = (packet.seq - flow.clientNext) | 0;
    if (isProbe(ahead, length)) return;
    countSegment(flow, ahead, packet.number);
    if (ahead + length <= 0) return;
    flow.lastPayloadUs = packet.timeUs;
    flow.clientNext = (packet.seq + length) | 0;
    const fresh = ahead < 0 ? length + ahead : length;
    flow.clientBytes += fresh;
    const { exchange } = flow;
    if (flow.turn === 'request') {
      flow.clientTurnUs += span(exchange.requestEndUs, packet.timeUs);
    } else {
      if (flow.turn === 'response') flow.clientTurnUs += span(exchange.lastByteUs, packet.timeUs);
      else flow.clientTurnUs += span(flow.establishedUs, packet.timeUs);
      if (flow.requests > 0) sink.onExchange?.(exchange, flow);
      beginExchange(exchange, packet);
      flow.requests++;
      flow.turn = 'request';
    }
    exchange.requestEndUs = packet.timeUs;
    exchange.requestBytes += fresh + Math.max(0, ahead);
    if (sink.onRequestBytes) {
      const skipped = length - fresh;
      const captured = Math.max(0, packet.payloadCaptured - skipped);
      sink.onRequestBytes(exchange, packet, packet.payloadStart + skipped, captured, Math.max(0, ahead));
    }
  }

  function takeServerPayload(flow: TrackedFlow, packet: TcpPacket): void {
    const length = packet.payloadLength;
    if (!flow.serverNextKnown) {
      flow.serverNext = packet.seq;
      flow.serverNextKnown = true;
    }
    const ahead = (packet.seq - flow.serverNext) | 0;
    if (isProbe(ahead, length)) return;
    countSegment(flow, ahead, packet.number);
    if (ahead + length <= 0) return;
    judgeSilence(packet, flow);
    flow.lastPayloadUs = packet.timeUs;
    flow.serverNext = (packet.seq + length) | 0;
    const fresh = ahead < 0 ? length + ahead : length;
    flow.serverBytes += fresh;
    // A server that talks before it is asked has no place in request and response.
    if (flow.turn === 'idle') return;
    const { exchange } = flow;
    const { timeUs } = packet;
    if (flow.turn === 'request') {
      flow.serverWaitUs += span(exchange.requestEndUs, timeUs);
      exchange.firstByteUs = timeUs;
      flow.turn = 'response';
      sink.onResponseStart?.(exchange);
    } else {
      const gapUs = span(exchange.lastByteUs, timeUs);
      flow.transferUs += gapUs;
      sink.onGap?.(gapUs);
    }
    exchange.lastByteUs = timeUs;
    const { response } = exchange;
    const skipped = length - fresh;
    if (ahead > 0) skipMissing(response, ahead);
    const captured = Math.max(0, packet.payloadCaptured - skipped);
    const eventsBefore = response.events;
    if (scanSegment(response, packet.bytes, packet.payloadStart + skipped, captured, fresh)) {
      exchange.firstEventUs = timeUs;
    }
    if (layout && Number.isNaN(exchange.layoutEventUs) && response.bytes > layout.firstEventAt) {
      exchange.layoutEventUs = timeUs;
    }
    sink.onResponseSegment?.(flow, timeUs, response.events - eventsBefore, captured === fresh);
  }

  /**
   * Called before payload of the server or an end by a client counts: has anybody had to wait since the server's last
   * payload? The end of a client is asked as well, because a server that says nothing any more is heard of no more.
   */
  function judgeSilence({ timeUs, number }: TcpPacket, served: TrackedFlow | undefined): void {
    const sinceUs = servedUs;
    servedUs = timeUs;
    if (!(timeUs - sinceUs > STALL_US) || !sink.onStall) return;
    let waiting = 0;
    let open = 0;
    let resumed = false;
    let beganUs = timeUs;
    for (let flow of byPort) {
      for (; flow; flow = flow.next) {
        if (!flow.withSyn || !Number.isNaN(flow.closedUs)) continue;
        const { exchange } = flow;
        if (flow.turn === 'request' && timeUs - exchange.requestEndUs > STALL_US) {
          waiting++;
          resumed ||= flow === served;
          beganUs = Math.min(beganUs, Math.max(sinceUs, exchange.requestEndUs));
        } else if (flow.turn === 'response' && responseState(exchange.response, 'none') === 'open') {
          open++;
          resumed ||= flow === served;
          beganUs = sinceUs;
        }
      }
    }
    const lengthUs = timeUs - beganUs;
    if (lengthUs > STALL_US) {
      sink.onStall({ atUs: beganUs - totals.firstUs, lengthUs, waiting, open, resumed, packet: number });
    }
  }

  function reset(flow: TrackedFlow, by: Side, { timeUs, number }: TcpPacket): void {
    if (flow.firstRst !== 'none' || flow.refused) return;
    flow.firstRst = by;
    flow.resetUs = timeUs;
    if (!Number.isNaN(flow.closedUs)) return;
    flow.resetBy = by;
    flow.closePacket = number;
    endBudget(flow, timeUs, by, 'reset');
  }

  function close(flow: TrackedFlow, by: Side, { timeUs, number }: TcpPacket): void {
    if (!Number.isNaN(flow.closedUs)) return;
    flow.firstFin = by;
    flow.closePacket = number;
    endBudget(flow, timeUs, by, 'close');
  }

  function finishFlow(flow: TrackedFlow, lastUs: number): void {
    if (Number.isNaN(flow.closedUs)) endBudget(flow, lastUs, 'none', 'none');
    if (flow.requests > 0) sink.onExchange?.(flow.exchange, flow);
    sink.onFlow?.(flow);
  }

  function end(): FlowTotals {
    for (let flow of byPort) {
      while (flow) {
        if (flow.withSyn) finishFlow(flow, totals.lastUs);
        flow = flow.next;
      }
    }
    return totals;
  }

  return { visit, end };
}

/** Account for the time from the last payload to the connection's first FIN or RST, or the capture's end. */
function endBudget(
  flow: TrackedFlow,
  timeUs: number,
  by: Side | 'none',
  ending: 'close' | 'reset' | 'none',
): void {
  if (by !== 'none') flow.closedUs = timeUs;
  endClosedWindow(flow, timeUs);
  const { exchange } = flow;
  if (flow.turn === 'idle') return;
  if (flow.turn === 'request') {
    flow.serverWaitUs += span(exchange.requestEndUs, timeUs);
    flow.endFound = 'open';
    if (by === 'server') flow.serverCloseFound = 'open';
    return;
  }
  const state = responseState(exchange.response, by === 'server' ? ending : 'none');
  flow.endFound = state;
  if (by === 'server') flow.serverCloseFound = state;
  const rest = span(exchange.lastByteUs, timeUs);
  if (state === 'complete') flow.clientTurnUs += rest;
  else if (state === 'open') flow.transferUs += rest;
  else flow.unattributedUs += rest;
}

function endClosedWindow(flow: TrackedFlow, timeUs: number): void {
  flow.closedWindowUs += span(flow.windowClosedUs, timeUs);
  flow.windowClosedUs = Number.NaN;
}

function countSegment(flow: TrackedFlow, ahead: number, packetNumber: number): void {
  flow.dataSegments++;
  if (ahead < 0) {
    flow.retransmissions++;
    if (flow.retransmissionPacket === 0) flow.retransmissionPacket = packetNumber;
  } else if (ahead > 0) flow.holes++;
}

/** Keep-alive and zero-window probes repeat one byte below what was sent: they are no retransmission. */
function isProbe(ahead: number, length: number): boolean {
  return length === 1 && ahead === -1;
}

/** Time between two moments; 0 where one is unknown or the clock went back, so that sums stay sums of what was seen. */
function span(fromUs: number, toUs: number): number {
  const us = toUs - fromUs;
  if (!(us > 0)) return 0;
  return us;
}

function beginExchange(exchange: Exchange, packet: TcpPacket): void {
  exchange.firstPacket = packet.number;
  exchange.requestStartUs = packet.timeUs;
  exchange.requestEndUs = packet.timeUs;
  exchange.requestBytes = 0;
  exchange.firstByteUs = Number.NaN;
  exchange.lastByteUs = Number.NaN;
  exchange.firstEventUs = Number.NaN;
  exchange.layoutEventUs = Number.NaN;
  resetResponseScan(exchange.response);
}

function isFromClientOf(flow: TrackedFlow, packet: TcpPacket): boolean {
  return (
    flow.client3 === packet.source3 &&
    flow.server3 === packet.destination3 &&
    flow.client2 === packet.source2 &&
    flow.server2 === packet.destination2 &&
    flow.client1 === packet.source1 &&
    flow.server1 === packet.destination1 &&
    flow.client0 === packet.source0 &&
    flow.server0 === packet.destination0
  );
}

function isFromServerOf(flow: TrackedFlow, packet: TcpPacket): boolean {
  return (
    flow.client3 === packet.destination3 &&
    flow.server3 === packet.source3 &&
    flow.client2 === packet.destination2 &&
    flow.server2 === packet.source2 &&
    flow.client1 === packet.destination1 &&
    flow.server1 === packet.source1 &&
    flow.client0 === packet.destination0 &&
    flow.server0 === packet.source0
  );
}

function createFlow(packet: TcpPacket, fromClient: boolean, withSyn: boolean): TrackedFlow {
  return {
    next: undefined,
    clientPort: fromClient ? packet.sourcePort : packet.destinationPort,
    client0: fromClient ? packet.source0 : packet.destination0,
    client1: fromClient ? packet.source1 : packet.destination1,
    client2: fromClient ? packet.source2 : packet.destination2,
    client3: fromClient ? packet.source3 : packet.destination3,
    server0: fromClient ? packet.destination0 : packet.source0,
    server1: fromClient ? packet.destination1 : packet.source1,
    server2: fromClient ? packet.destination2 : packet.source2,
    server3: fromClient ? packet.destination3 : packet.source3,
    withSyn,
    firstPacket: packet.number,
    synUs: packet.timeUs,
    accepted: false,
    establishedUs: Number.NaN,
    refused: false,
    synRetransmissions: 0,
    requests: 0,
    clientBytes: 0,
    serverBytes: 0,
    dataSegments: 0,
    retransmissions: 0,
    holes: 0,
    clientZeroWindows: 0,
    serverZeroWindows: 0,
    retransmissionPacket: 0,
    zeroWindowPacket: 0,
    synAgainPacket: 0,
    closePacket: 0,
    clientWindow: packet.window,
    windowClosedUs: Number.NaN,
    closedWindowUs: 0,
    clientFinUs: Number.NaN,
    serverFinUs: Number.NaN,
    firstFin: 'none',
    firstRst: 'none',
    resetUs: Number.NaN,
    resetBy: 'none',
    closedUs: Number.NaN,
    serverCloseFound: 'none',
    endFound: 'none',
    lastPayloadUs: packet.timeUs,
    serverWaitUs: 0,
    transferUs: 0,
    clientTurnUs: 0,
    unattributedUs: 0,
    clientIsn: packet.seq,
    clientNext: (packet.seq + 1) | 0,
    serverNext: 0,
    serverNextKnown: false,
    turn: 'idle',
    exchange: {
      firstPacket: packet.number,
      requestStartUs: Number.NaN,
      requestEndUs: Number.NaN,
      requestBytes: 0,
      firstByteUs: Number.NaN,
      lastByteUs: Number.NaN,
      firstEventUs: Number.NaN,
      layoutEventUs: Number.NaN,
      response: createResponseScan(),
    },
  };
}
