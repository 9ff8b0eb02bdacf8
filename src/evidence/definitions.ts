import type { GoRuntimeCounters, TrialEvidence } from '../model/evidence.ts';
import type { LatencyStat } from '../model/metrics.ts';
import { OUTCOME_MEANING, OUTCOMES, type OutcomeRow } from '../model/outcome.ts';
import type { ProcessRecord } from '../model/run-record.ts';
import type { Unit } from '../model/units.ts';
import { WIRE_LATENCIES, type WireLatency, type WireMetric, wireLatencyEntries } from '../model/wire.ts';

/** Unit, definition id and text of a published figure that is not in `METRICS`. */
export interface FigureDefinition {
  unit: Unit;
  /** Bump the number when the meaning changes. */
  definition: string;
  text: string;
}

/** Counts of streams: sums over the measured rounds, while metrics are medians over them. */
export const OUTCOME_DEFINITIONS: Record<OutcomeRow, FigureDefinition> = {
  attempted: count('attempted/1', 'streams begun, summed over the measured rounds'),
  ...(Object.fromEntries(
    OUTCOMES.map((row) => [
      row,
      count(`${row}/1`, `${OUTCOME_MEANING[row]}; summed over the measured rounds`),
    ]),
  ) as Record<(typeof OUTCOMES)[number], FigureDefinition>),
  unaccounted: count('unaccounted/1', 'attempted minus the sum of all outcomes'),
};

export const WIRE_DEFINITIONS: Record<WireMetric, FigureDefinition> = {
  connections_opened: count(
    'wire-connections/1',
    "connections begun by a SYN, the tool's own tests included",
  ),
  probe_connections: count('wire-probes/1', 'connections opened and closed without a byte'),
  requests_sent: count('wire-requests/1', 'requests seen on the wire'),
  requests_per_connection: ratio('wire-reuse/1', 'requests per connection that carried any'),
  first_fin_by_client: count('wire-fin-client/1', "connections on which the client's FIN came first"),
  first_fin_by_server: count('wire-fin-server/1', "connections on which the server's FIN came first"),
  rst_by_client: count('wire-rst-client/1', 'connections reset by the client'),
  rst_by_server: count('wire-rst-server/1', 'connections reset by the server after they were established'),
  server_closed_mid_response: count(
    'wire-closed-early/1',
    'connections that the server closed while a response was unfinished',
  ),
  refused: count('wire-refused/1', 'connects answered by RST'),
  left_open: count('wire-left-open/1', 'connections still open when the capture ended'),
  syn_retransmissions: count('wire-syn-again/1', 'SYNs sent again'),
  retransmissions: count('wire-retransmissions/1', 'data segments sent again'),
  zero_windows: count('wire-zero-window/1', 'segments that advertise a receive window of 0'),
  ...latency('handshake_us', 'wire-handshake/1'),
  ...latency('wire_ttfb_us', 'wire-ttfb/1'),
  ...latency('wire_ttfe_us', 'wire-ttfe/1'),
  ...latency('wire_gap_us', 'wire-gap/1'),
  connect_attempts: count('wire-attempts/1', 'connects begun by a SYN, whatever became of them'),
  unanswered_requests: count('wire-unanswered/1', 'requests without a response byte'),
  longest_wait_us: us('wire-longest-wait/1', 'longest time from a request to its first response byte'),
  first_event_share: ratio(
    'wire-first-event/1',
    "share of connection time between a response's first byte and its first event",
  ),
  segments_per_response: ratio('wire-segments/1', 'data segments per response'),
  http_errors: count('wire-http-errors/1', 'responses with a status of 400 or above'),
  stalls: count(
    'wire-stalls/1',
    'silences of the server towards everybody above 100 ms while something was due',
  ),
  longest_stall_us: us('wire-longest-stall/1', 'the longest of these silences'),
  events_per_segment: ratio('wire-bunching/1', 'events per data segment'),
  server_wait_share: ratio('wire-budget/1', 'share of connection time between request and response'),
  transfer_share: ratio('wire-budget/1', 'share of connection time inside responses'),
  client_turn_share: ratio('wire-budget/1', 'share of connection time between response and next request'),
  observer_ratio: ratio('observer/1', 'rate in the evidence trial / median rate of the measured trials'),
  captured_packets: count('wire-packets/1', 'packets in the capture'),
  dropped_by_kernel: count('wire-dropped/1', 'packets the kernel dropped for want of buffer'),
  capture_complete: {
    unit: 'boolean',
    definition: 'wire-complete/1',
    text: 'nothing is missing in the capture',
  },
  request_bytes: { unit: 'base64', definition: 'wire-request/1', text: 'the exact first request' },
};

/** A figure of `ProcessRecord` under its published id; `scale` turns the stored number into the unit. */
export interface ProcessFigure extends FigureDefinition {
  key: keyof ProcessRecord;
  scale: number;
  /** Why what was observed has it not; undefined where nobody observed. @default nobody observed */
  whyNot?(seen: Partial<Record<keyof ProcessRecord, number>>): string | undefined;
}

export const PROCESS_DEFINITIONS: Record<string, ProcessFigure> = {
  window_s: { key: 'windowMs', scale: 1e-3, unit: 's', definition: 'window/1', text: 'time observed' },
  cpus: { key: 'cpus', scale: 1, ...count('cpus/1', 'CPUs of the machine') },
  tool_cpu_s: {
    key: 'toolCpuS',
    scale: 1,
    unit: 's',
    definition: 'tool-cpu/1',
    text: 'CPU time of the tool',
  },
  tool_cpu_share: {
    key: 'toolCpuShare',
    scale: 1,
    ...ratio('tool-cpu-share/1', 'CPU time of the tool / (window x CPUs it may use)'),
  },
  tool_busiest_thread: {
    key: 'toolBusiestThread',
    scale: 1,
    ...ratio('tool-thread/1', "CPU share of the tool's busiest thread"),
  },
  tool_rss_max: {
    key: 'toolRssMaxBytes',
    scale: 1,
    unit: 'bytes',
    definition: 'tool-rss/1',
    text: 'peak memory of the tool',
  },
  target_cpu_s: {
    key: 'targetCpuS',
    scale: 1,
    unit: 's',
    definition: 'target-cpu/1',
    text: 'CPU time of the target',
  },
  target_cpu_share: {
    key: 'targetCpuShare',
    scale: 1,
    ...ratio('target-cpu-share/1', 'CPU time of the target / (window x CPUs it may use)'),
  },
  target_busiest_thread: {
    key: 'targetBusiestThread',
    scale: 1,
    ...ratio('target-thread/1', "CPU share of the target's busiest thread"),
  },
  target_rss_max: {
    key: 'targetRssMaxBytes',
    scale: 1,
    unit: 'bytes',
    definition: 'target-rss/1',
    text: 'peak memory of the target',
  },
  idle: { key: 'idle', scale: 1, ...ratio('idle/1', 'share of all CPU time that was idle') },
  softirq: { key: 'softirq', scale: 1, ...ratio('softirq/1', 'share of all CPU time in soft interrupts') },
  steal: { key: 'steal', scale: 1, ...ratio('steal/1', 'share of all CPU time taken by the hypervisor') },
  busiest_cpu: {
    key: 'busiestCpu',
    scale: 1,
    ...ratio('busiest-cpu/1', 'busy share of the busiest single CPU'),
  },
  tool_run_queue: {
    key: 'toolRunQueueShare',
    scale: 1,
    ...ratio('run-queue/1', 'time that threads of the tool were ready and waited for a CPU / window, summed'),
  },
  target_run_queue: {
    key: 'targetRunQueueShare',
    scale: 1,
    ...ratio(
      'run-queue/1',
      'time that threads of the target were ready and waited for a CPU / window, summed',
    ),
  },
  tool_context_switches: {
    key: 'toolContextSwitches',
    scale: 1,
    unit: '1/s',
    definition: 'switches/1',
    text: 'context switches of the tool per second',
  },
  target_context_switches: {
    key: 'targetContextSwitches',
    scale: 1,
    unit: '1/s',
    definition: 'switches/1',
    text: 'context switches of the target per second',
  },
  tool_open_files: {
    key: 'toolOpenFiles',
    scale: 1,
    ...count('open-files/1', 'most open descriptors of a process of the tool'),
  },
  tool_open_file_limit: {
    key: 'toolOpenFileLimit',
    scale: 1,
    ...count('open-file-limit/1', 'its soft limit of open descriptors'),
  },
  target_open_files: {
    key: 'targetOpenFiles',
    scale: 1,
    ...count('open-files/1', 'most open descriptors of a process of the target'),
  },
  target_open_file_limit: {
    key: 'targetOpenFileLimit',
    scale: 1,
    ...count('open-file-limit/1', 'its soft limit of open descriptors'),
  },
  target_close_wait: {
    key: 'targetCloseWait',
    scale: 1,
    ...count('close-wait/1', 'connections that the client has closed and the target has not, at the end'),
  },
  target_close_wait_per_s: {
    key: 'targetCloseWaitPerSec',
    scale: 1,
    unit: '1/s',
    definition: 'close-wait-slope/1',
    text: 'growth of these: slope of the least-squares line through looks 0.5 s apart or more',
    whyNot: (seen) => (seen.targetCloseWait === undefined ? undefined : 'fewer than ten looks'),
  },
  target_close_wait_fit: {
    key: 'targetCloseWaitFit',
    scale: 1,
    ...ratio('close-wait-fit/1', 'share of their variation that this line explains'),
    whyNot(seen) {
      if (seen.targetCloseWaitPerSec !== undefined) return 'their number never changed';
      return seen.targetCloseWait === undefined ? undefined : 'fewer than ten looks';
    },
  },
  target_stopped_s: {
    key: 'targetStoppedMs',
    scale: 1e-3,
    unit: 's',
    definition: 'stopped/1',
    text: 'time in which the target was stopped by a signal',
  },
  tool_throttled: {
    key: 'toolThrottled',
    scale: 1,
    ...ratio('throttled/1', 'periods of its CPU quota in which the tool had to stop / all periods'),
  },
  target_throttled: {
    key: 'targetThrottled',
    scale: 1,
    ...ratio('throttled/1', 'periods of its CPU quota in which the target had to stop / all periods'),
  },
  unaccounted: {
    key: 'unaccounted',
    scale: 1,
    ...ratio('foreign-cpu/1', 'share of all CPU time used by neither tool nor target nor soft interrupts'),
  },
};

/** What a target said of itself, by its counters and by its runtime. */
export type TargetWord = Pick<TrialEvidence, 'truth' | 'goRuntime'>;

/** A figure of `TargetWord` under its published id. */
export interface TruthFigure extends FigureDefinition {
  /** How the rounds are put together: counts are added up, quantiles cannot be. @default sum */
  over?: 'median';
  /** Why the target has not said it. @default what is known of its counters */
  whyNot?(said: TargetWord): string;
  read(said: TargetWord): number | undefined;
}

/** The program's own log, of which each round has one: its figures are no sums. */
function goRuntime(key: keyof GoRuntimeCounters): Pick<TruthFigure, 'read' | 'over' | 'whyNot'> {
  return {
    read: (said) => said.goRuntime?.[key],
    over: 'median',
    whyNot: (said) =>
      said.goRuntime
        ? 'not every round has lines of the collector that can be read, nor GODEBUG=gctrace=1 to ask for them'
        : 'the target printed no lines of a Go runtime with GODEBUG=schedtrace=100,gctrace=1',
  };
}

export const TRUTH_DEFINITIONS: Record<string, TruthFigure> = {
  connections: {
    read: ({ truth }) => truth?.connections,
    ...count('truth-connections/2', 'connections the target accepted, those of the harness left out'),
  },
  requests: {
    read: ({ truth }) => truth?.requests,
    ...count('truth-requests/1', 'requests the target took, those of the harness left out'),
  },
  streams_completed: {
    read: ({ truth }) => truth?.streamsCompleted,
    ...count('truth-completed/1', 'streams the target wrote to their end'),
  },
  streams_client_closed: {
    read: ({ truth }) => truth?.streamsClientClosed,
    ...count('truth-client-closed/1', 'streams that the client left'),
  },
  streams_reset: {
    read: ({ truth }) => truth?.streamsReset,
    ...count('truth-reset/1', 'streams that the target reset'),
  },
  streams_closed_early: {
    read: ({ truth }) => truth?.streamsClosedEarly,
    ...count('truth-closed-early/1', 'streams that the target closed unfinished'),
  },
  streams_write_error: {
    read: ({ truth }) => truth?.streamsWriteError,
    ...count('truth-write-error/1', 'streams that ended in a failed write'),
  },
  streams_stalled: {
    read: ({ truth }) => truth?.streamsStalled,
    ...count('truth-stalled/1', 'streams that the target let stall'),
  },
  events: { read: ({ truth }) => truth?.events, ...count('truth-events/1', 'events the target wrote') },
  body_bytes: {
    read: ({ truth }) => truth?.bodyBytes,
    unit: 'bytes',
    definition: 'truth-bytes/1',
    text: 'body bytes the target wrote',
  },
  header_parse_us_p50: {
    read: ({ truth }) => truth?.headerParse?.p50Us,
    over: 'median',
    ...us('header-parse/1', 'p50 of: first request byte to handler, interpolated inside a histogram bucket'),
  },
  header_parse_us_p99: {
    read: ({ truth }) => truth?.headerParse?.p99Us,
    over: 'median',
    ...us('header-parse/1', 'p99 of: first request byte to handler, interpolated inside a histogram bucket'),
  },
  header_parse_us_mean: {
    read: ({ truth }) => truth?.headerParse?.meanUs,
    over: 'median',
    ...us('header-parse/1', 'mean of: first request byte to handler'),
  },
  go_procs: {
    ...goRuntime('procs'),
    ...count('go-procs/1', 'GOMAXPROCS in force, by schedtrace'),
  },
  go_idle_procs: {
    ...goRuntime('idleProcsMean'),
    ...count('go-idle-procs/1', 'Ps without work, mean over the lines of schedtrace'),
  },
  go_threads_max: {
    ...goRuntime('threadsMax'),
    ...count('go-threads/1', 'most threads of a line of schedtrace'),
  },
  go_run_queue: {
    ...goRuntime('runQueueMean'),
    ...count('go-run-queue/1', 'goroutines ready and without a P, mean over the lines of schedtrace'),
  },
  go_run_queue_max: {
    ...goRuntime('runQueueMax'),
    ...count('go-run-queue/1', 'goroutines ready and without a P, most of a line of schedtrace'),
  },
  gc_cycles: {
    ...goRuntime('gcCycles'),
    ...count('gc-cycles/1', 'collections in one round, by gctrace'),
  },
  gc_pause_us_max: {
    ...goRuntime('gcPauseMaxUs'),
    ...us('gc-pause/1', 'longest stop of the world of a collection, by gctrace'),
  },
  gc_stopped_share: {
    ...goRuntime('gcStoppedShare'),
    ...ratio('gc-stopped/1', 'time in which collections had stopped the world / time observed'),
  },
  gc_cpu_s: {
    ...goRuntime('gcCpuS'),
    unit: 's',
    definition: 'gc-cpu/1',
    text: 'CPU time of the collector in one round, that of idle workers left out, by gctrace',
  },
};

/** Figures of header ablation that no other part has. */
export const ABLATION_DEFINITIONS = {
  rate_ratio: ratio(
    'ablation-ratio/1',
    'median over rounds of: rate / rate with the request that it is held against, in the same round; its interval is the lowest and the highest round, of six rounds 96.9 %',
  ),
  header_parse_us_p50: us(
    'ablation-parse-p50/1',
    'median over rounds of the p50 of: first request byte to handler, interpolated inside a histogram bucket',
  ),
  header_parse_us_mean: us(
    'ablation-parse-mean/1',
    'mean over all requests of all rounds of: first request byte to handler',
  ),
} as const satisfies Record<string, FigureDefinition>;

function count(definition: string, text: string): FigureDefinition {
  return { unit: 'count', definition, text };
}

function ratio(definition: string, text: string): FigureDefinition {
  return { unit: 'ratio', definition, text };
}

function latency<B extends WireLatency>(
  base: B,
  definition: string,
): Record<`${B}_${LatencyStat}`, FigureDefinition> {
  return wireLatencyEntries(base, (stat) => us(definition, `${stat} of: ${WIRE_LATENCIES[base]}`));
}

function us(definition: string, text: string): FigureDefinition {
  return { unit: 'us', definition, text };
}
