import type { UnknownReading } from '../../model/cell.ts';
import { type WireEvidence, type WireMetric, wireLatencyEntries } from '../../model/wire.ts';

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
