import type { Reading } from './cell.ts';
import { LATENCY_STATS, type LatencyStat } from './metrics.ts';

/** Latency bases of the wire; each becomes six ids, as those of tools do. */
export const WIRE_LATENCIES = {
  handshake_us: "SYN to the client's ACK",
  wire_ttfb_us: 'last request byte to first response byte',
  /** Needs payload, or head and event in one segment. */
  wire_ttfe_us: 'last request byte to the first segment with a data line',
  wire_gap_us: 'segment to next segment inside one response',
} as const;
export type WireLatency = keyof typeof WIRE_LATENCIES;
type WireLatencyMetric = `${WireLatency}_${LatencyStat}`;

/** What a capture of one trial says. Every figure is derived from packets alone. */
export interface WireEvidence extends Record<WireLatencyMetric, Reading> {
  connections_opened: Reading;
  requests_sent: Reading;
  requests_per_connection: Reading;
  /** Connections on which the client's / server's FIN came first. */
  first_fin_by_client: Reading;
  first_fin_by_server: Reading;
  /** Connections aborted by the client / server: RST that answers no SYN and comes before any FIN. */
  rst_by_client: Reading;
  rst_by_server: Reading;
  /** RST in answer to a bare SYN. */
  refused: Reading;
  syn_retransmissions: Reading;
  retransmissions: Reading;
  zero_windows: Reading;
  events_per_segment: Reading;
  /** The exact first request, base64. */
  request_bytes: Reading<string>;
  /** Shares of connection time: waiting for the server, receiving, waiting for the client's next move. Sum 1. */
  server_wait_share: Reading;
  transfer_share: Reading;
  client_turn_share: Reading;
  captured_packets: Reading;
  dropped_by_kernel: Reading;
  capture_complete: Reading<boolean>;
  /** Rate in the evidence trial / median rate in the measured trials. Filled in by evidence/, not by pcap/. */
  observer_ratio: Reading;
  /** Connections that the client opened and closed without a byte (wrk's connect test). */
  probe_connections: Reading;
  /** Server closed (FIN or RST first) while a response was unfinished, as far as the packets can say. */
  server_closed_mid_response: Reading;
  /** Connections still open when the capture ended. */
  left_open: Reading;
  /** Connects tried, refused and unanswered ones included. */
  connect_attempts: Reading;
  /** Requests without a response byte, and the longest time that any request waited for its first. */
  unanswered_requests: Reading;
  longest_wait_us: Reading;
  /** Share of connection time between a response's first byte and its first event. */
  first_event_share: Reading;
  segments_per_response: Reading;
  /** Responses with a status of 400 or above. */
  http_errors: Reading;
  /** Stretches in which the server sent nothing to anybody although something was due. */
  stalls: Reading;
  longest_stall_us: Reading;
}

/** Where on the wire something was seen: Wireshark's frame number and the client's port. */
export interface WireExample {
  packet: number;
  clientPort: number;
}

/** A connection that the server ended. Times in microseconds. */
export interface ServerEnd extends WireExample {
  how: 'fin' | 'reset';
  /** What the response was then; `none` where no request was open. */
  found: 'none' | 'complete' | 'open' | 'undecidable';
  /** Since the SYN. */
  ageUs: number;
  /** Since the last payload of either side. */
  idleUs: number;
}

/** A stretch in which nobody got anything although something was due. */
export interface WireStall {
  /** Since the first packet. */
  atUs: number;
  lengthUs: number;
  /** Connections that waited for a response's first byte, and those inside an unfinished response. */
  waiting: number;
  open: number;
  /** It ended with data for one of those that had waited; otherwise with a client's end or a new request's answer. */
  resumed: boolean;
  packet: number;
}

/** A response that was unfinished at its connection's end or that of the capture. */
export interface UnfinishedResponse extends WireExample {
  /** Since its last byte. */
  silenceUs: number;
  /** The client could have received more. */
  windowOpen: boolean;
  /** Whether the packets prove that the response was unfinished, or cannot tell where it ended. */
  found: 'open' | 'undecidable';
}

/** A request without a response byte. */
export interface UnansweredRequest extends WireExample {
  /** From its last byte to its connection's end or that of the capture. */
  waitUs: number;
}

export type WireExampleKind =
  | 'retransmission'
  | 'zero-window'
  | 'refused'
  | 'syn-again'
  | 'unanswered'
  | 'slow-first-byte'
  | 'slow-first-event'
  | 'http-error';

/** Single events behind the counts: input of rules that need more than a count, and of `explain`. Lists are bounded. */
export interface WireTrace {
  examples: Partial<Record<WireExampleKind, WireExample[]>>;
  serverEnds: ServerEnd[];
  stalls: WireStall[];
  unfinished: UnfinishedResponse[];
  unanswered: UnansweredRequest[];
  /** Connection time in which clients had their receive window closed, of all; absent where none closed one. */
  closedWindows?: { closedUs: number; wholeUs: number };
  /** Unix times in microseconds at which SYNs were sent again, the first ten thousand; absent where none was. */
  synAgainUs?: number[];
}
export type WireMetric = keyof WireEvidence;

/** The six ids of a latency of the wire, each with what `of` makes of its statistic. */
export function wireLatencyEntries<B extends WireLatency, T>(
  base: B,
  of: (stat: LatencyStat) => T,
): Record<`${B}_${LatencyStat}`, T> {
  return Object.fromEntries(LATENCY_STATS.map((stat) => [`${base}_${stat}`, of(stat)])) as Record<
    `${B}_${LatencyStat}`,
    T
  >;
}

/** How a capture ended; stored in the trial's record. */
export type CaptureRecord =
  | { state: 'off'; reason: string }
  | { state: 'failed'; reason: string }
  | {
      state: 'done';
      /** Base name in the trial's folder. */
      file: string;
      filter: string;
      snapLength: number;
      port: number;
      /** Port of the target behind a proxy, whose packets are in the file too. */
      upstreamPort?: number;
      packets: number;
      receivedByFilter: number;
      droppedByKernel: number;
      /** The namespace held nothing else, so received == 2 x captured proves completeness on loopback. */
      isolated: boolean;
    };
/** A capture that was made. */
export type DoneCapture = Extract<CaptureRecord, { state: 'done' }>;
