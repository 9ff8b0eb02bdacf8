import type { WireEvidence } from '../../src/model/wire.ts';

/** The first request that known-exchanges.mjs sends. */
export const KNOWN_REQUEST = 'GET /ok HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

/** What known-exchanges.mjs does, in the terms of the wire. Retransmissions are up to the kernel and the machine's load. */
export const KNOWN_COUNTS = {
  connections_opened: 9,
  requests_sent: 3 * 4 + 2 + 2 + 1,
  requests_per_connection: 17 / 8,
  first_fin_by_client: 3 + 1,
  first_fin_by_server: 2,
  rst_by_client: 1,
  rst_by_server: 2,
  refused: 2,
  zero_windows: 0,
  probe_connections: 1,
  server_closed_mid_response: 4,
  left_open: 0,
  dropped_by_kernel: 0,
};

/** Values of known readings, and `why` of the others. */
export function plainReadings(evidence: WireEvidence): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(evidence).map(([name, reading]) => [name, reading.known ? reading.value : reading.why]),
  );
}
