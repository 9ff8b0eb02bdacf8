import type { WireStall } from '../model/wire.ts';
import type { ResponseScan } from './scan-response.ts';
import type { TcpPacket } from './tcp-packet.ts';

/** An end of a connection: the server is whoever has the port that is looked at. */
export type Side = 'client' | 'server';

/** Where a full-payload exchange with the same server put things; used where a short capture cannot see them. */
export interface ResponseLayout {
  status: number;
  headBytes: number;
  /** Offset in the response at which the first event begins. */
  firstEventAt: number;
}

/**
 * One request and its response. A request is a burst of client payload, first on its connection or after
 * server payload. Times are microseconds since the epoch, NaN while the thing has not happened.
 * Known limits: pipelined requests count as one, an answer to an unfinished body splits it in two.
 */
export interface Exchange {
  /** Frame number of the first request segment. */
  firstPacket: number;
  requestStartUs: number;
  /** Last request byte seen so far. */
  requestEndUs: number;
  requestBytes: number;
  firstByteUs: number;
  lastByteUs: number;
  /** First segment in which an event begins, seen in the captured bytes. */
  firstEventUs: number;
  /** First segment reaching the offset of the first event in the layout; NaN without layout. */
  layoutEventUs: number;
  response: ResponseScan;
}

/** One TCP connection to the server port, from its SYN. Times as in Exchange. */
export interface TcpFlow {
  clientPort: number;
  /** Frame number of the SYN. */
  firstPacket: number;
  synUs: number;
  /** The server answered the SYN with SYN-ACK. */
  accepted: boolean;
  /** First ACK of the client: the connection is established for it. */
  establishedUs: number;
  /** The SYN was answered with RST. */
  refused: boolean;
  synRetransmissions: number;
  requests: number;
  clientBytes: number;
  serverBytes: number;
  /** Data segments, and those of them that began below what had been sent already. */
  dataSegments: number;
  retransmissions: number;
  /** Segments that began above what had been sent: bytes missing from the capture. */
  holes: number;
  clientZeroWindows: number;
  serverZeroWindows: number;
  /** Frame numbers of the first of their kind; 0 where there was none. */
  retransmissionPacket: number;
  zeroWindowPacket: number;
  synAgainPacket: number;
  closePacket: number;
  /** The window field of the client's last segment. */
  clientWindow: number;
  /** When the client closed its window, NaN while it is open; and for how long it was closed before. */
  windowClosedUs: number;
  closedWindowUs: number;
  clientFinUs: number;
  serverFinUs: number;
  firstFin: Side | 'none';
  /** Sender of the first RST that did not answer a SYN, and its time. */
  firstRst: Side | 'none';
  resetUs: number;
  /**
   * Sender of that RST where no FIN came before it: the connection was aborted. After a FIN it only answers what
   * came too late: an event to a client that has closed, a request to a server that has.
   */
  resetBy: Side | 'none';
  /** First FIN or RST. */
  closedUs: number;
  /** What the response was when the server closed first; none where it did not, or no request was open. */
  serverCloseFound: 'none' | 'complete' | 'open' | 'undecidable';
  /** What the last response was at the connection's end, whoever ended it; none where none had begun. */
  endFound: 'none' | 'complete' | 'open' | 'undecidable';
  /** Last payload of either side. */
  lastPayloadUs: number;
  /** Time budget: waiting for the server, receiving, waiting for the client's next move; and what fits none. */
  serverWaitUs: number;
  transferUs: number;
  clientTurnUs: number;
  unattributedUs: number;
}

/** Receives evidence as it becomes final. Objects are valid during the call only. */
export interface FlowSink {
  /** The next request has begun, or the connection's evidence has ended. */
  onExchange?(exchange: Exchange, flow: TcpFlow): void;
  onFlow?(flow: TcpFlow): void;
  /** A request's payload in the order of the wire, once per byte. `gap` bytes before it are missing. */
  onRequestBytes?(exchange: Exchange, packet: TcpPacket, start: number, captured: number, gap: number): void;
  /** A response's first payload has come. */
  onResponseStart?(exchange: Exchange): void;
  /** New response bytes have come. `events` begin in those that were captured; `whole` when that is all of them. */
  onResponseSegment?(flow: TcpFlow, timeUs: number, events: number, whole: boolean): void;
  /** Time between two segments of one response. */
  onGap?(us: number): void;
  onStall?(stall: WireStall): void;
  /** A SYN was sent again. */
  onSynAgain?(timeUs: number): void;
}

export interface FlowTotals {
  /** Time of the first packet; NaN without one. */
  firstUs: number;
  flows: number;
  /** Connections that were open before the capture began, or left over from an earlier run: not counted anywhere. */
  flowsWithoutSyn: number;
  packetsWithoutSyn: number;
  /** Time of the last packet; NaN without one. */
  lastUs: number;
}

export interface FlowFold {
  visit(packet: TcpPacket): void;
  /** Hands every remaining flow to the sink. Call once. */
  end(): FlowTotals;
}
