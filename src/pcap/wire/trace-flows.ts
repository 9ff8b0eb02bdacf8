import type { WireExample, WireExampleKind, WireTrace } from '../../model/wire.ts';
import type { TcpFlow } from '../tcp-flow.ts';

/** Entries kept of any list of single events; counts go on. */
export const LONGEST_LIST = 10_000;

const EXAMPLES = 3;

/** An unfinished response whose silence can be told when the end of the capture is known. */
export interface PendingResponse extends WireExample {
  sinceUs: number;
  untilUs: number;
  windowOpen: boolean;
  found: 'open' | 'undecidable';
}

/** A request without a response byte, whose wait can be told when the end of the capture is known. */
export interface PendingRequest extends WireExample {
  sinceUs: number;
  untilUs: number;
}

/** Keep a packet as an example of what can be looked up, the first few of each kind. */
export function addExample(
  trace: WireTrace,
  kind: WireExampleKind,
  packet: number,
  clientPort: number,
): void {
  const list = trace.examples[kind];
  if (!list) trace.examples[kind] = [{ packet, clientPort }];
  else if (list.length < EXAMPLES) list.push({ packet, clientPort });
}

/** Keep what a closed flow has to show. */
export function traceFlow(trace: WireTrace, flow: TcpFlow): void {
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
export function traceUnfinished(trace: WireTrace, pending: readonly PendingResponse[], lastUs: number): void {
  for (const { packet, clientPort, sinceUs, untilUs, windowOpen, found } of pending) {
    const silenceUs = Math.max(0, (Number.isNaN(untilUs) ? lastUs : untilUs) - sinceUs);
    trace.unfinished.push({ packet, clientPort, silenceUs, windowOpen, found });
  }
}

/** So does the wait of a request that nobody answered. */
export function traceUnanswered(trace: WireTrace, pending: readonly PendingRequest[], lastUs: number): void {
  for (const { packet, clientPort, sinceUs, untilUs } of pending) {
    const waitUs = Math.max(0, (Number.isNaN(untilUs) ? lastUs : untilUs) - sinceUs);
    trace.unanswered.push({ packet, clientPort, waitUs });
  }
}
