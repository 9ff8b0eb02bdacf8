import { known, type Reading, unknown } from '../../model/cell.ts';
import { wireLatencyEntries } from '../../model/wire.ts';
import type { FlowTotals, ResponseLayout } from '../tcp-flow.ts';
import type { Tally } from './flow-tally.ts';
import { readBudget, readFirstEventShare, spreadBudget } from './read-budget.ts';
import {
  describeAttempts,
  readClientResets,
  readEventsPerSegment,
  readHttpErrors,
  readRequest,
  readServerClosed,
} from './read-counts.ts';
import { readLatency, readTtfe, spread } from './read-latency.ts';
import { type FlowReadings, withNote } from './reading.ts';

const FLAGS_ONLY = 'the capture kept only SYN, FIN and RST packets';

/** All that flows say; what a capture of SYN, FIN and RST alone cannot say is unknown. */
export function readFlows(
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
