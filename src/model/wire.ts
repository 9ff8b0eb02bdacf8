import type { Reading } from './cell.ts';
import { LATENCY_STATS, type LatencyStat } from './metrics.ts';

/** Latency bases of the wire; each becomes six ids, as those of tools do. */
export const WIRE_LATENCIES = {
  handshake_us: "SYN to the client's ACK",
  wire_ttfb_us: 'last request byte to first response byte',
  /** Needs payload, or head and event in one segment. */
  wire_ttfe_us: 'last request byte to the first segment with a data line',
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
      packets: number;
      receivedByFilter: number;
      droppedByKernel: number;
      /** The namespace held nothing else, so received == 2 x captured proves completeness on loopback. */
      isolated: boolean;
    };
