import type { Unit } from './units.ts';

/** What one metric means. `definition` is quoted in every cell; bump its number when the formula changes. */
export interface MetricDefinition {
  unit: Unit;
  better: 'higher' | 'lower' | 'neither';
  definition: string;
  /** How it is computed, in one line. */
  formula: string;
}

/** Suffixes of every latency metric, e.g. `ttfe_us_p99`. */
export const LATENCY_STATS = ['p50', 'p90', 'p99', 'p999', 'max', 'mean'] as const;
export type LatencyStat = (typeof LATENCY_STATS)[number];

/** Latency bases; each becomes six metric ids. */
export const LATENCIES = {
  connect_us: 'connect() called to connection established',
  ttfb_us: 'request written to first response byte',
  ttfe_us: 'request written to first dispatched event',
  gap_us: 'event dispatched to next event dispatched on the same stream',
  stream_us: 'request written to end of body, of completed streams',
  delivery_lag_us: "server's timestamp in the event to its dispatch, same host only",
} as const;
export type LatencyBase = keyof typeof LATENCIES;
export type LatencyMetric = `${LatencyBase}_${LatencyStat}`;

const SCALARS = {
  requests_per_sec: def('1/s', 'higher', 'rps/1', 'responses completed properly / measured time'),
  events_per_sec: def('1/s', 'higher', 'eps/1', 'dispatched SSE events / measured time'),
  timeout_rate: def('ratio', 'lower', 'timeout/1', 'timed-out streams / attempted streams'),
  timeout_rate_connect: def(
    'ratio',
    'lower',
    'timeout-connect/1',
    'connects that timed out / attempted streams',
  ),
  timeout_rate_headers: def(
    'ratio',
    'lower',
    'timeout-headers/1',
    'streams without a head in time / attempted',
  ),
  timeout_rate_first_event: def(
    'ratio',
    'lower',
    'timeout-first-event/1',
    'head but no event in time / attempted',
  ),
  timeout_rate_idle: def(
    'ratio',
    'lower',
    'timeout-idle/1',
    'silent for longer than the timeout / attempted',
  ),
  timeout_rate_deadline: def(
    'ratio',
    'lower',
    'timeout-deadline/1',
    'finite streams cut by the end of the run / attempted',
  ),
  failure_rate: def('ratio', 'lower', 'failure/1', 'streams neither completed nor held / attempted'),
  hold_ratio: def('ratio', 'higher', 'hold/1', 'connection-seconds open / connection-seconds asked for'),
  bytes_received: def(
    'bytes',
    'neither',
    'bytes/1',
    'response bytes on the wire, heads and framing included',
  ),
  overrun_s: def('s', 'lower', 'overrun/1', 'wall time of the tool beyond the duration asked for'),
  tool_cpu_s: def(
    's',
    'lower',
    'tool-cpu/1',
    'user + system CPU of the load generator in the measured window',
  ),
  target_cpu_s: def('s', 'lower', 'target-cpu/1', 'user + system CPU of the target in the measured window'),
  tool_cpu_us_per_request: def('us', 'lower', 'tool-cpu-request/1', 'tool CPU / completed responses'),
  tool_cpu_us_per_event: def('us', 'lower', 'tool-cpu-event/1', 'tool CPU / events delivered to it'),
  tool_added_ttfb_us: def('us', 'lower', 'added-ttfb/1', "median TTFB reported by the tool minus the wire's"),
  tool_added_ttfe_us: def('us', 'lower', 'added-ttfe/1', "median TTFE reported by the tool minus the wire's"),
} satisfies Record<string, MetricDefinition>;

export type ScalarMetric = keyof typeof SCALARS;
export type MetricId = ScalarMetric | LatencyMetric;

function def(
  unit: Unit,
  better: MetricDefinition['better'],
  definition: string,
  formula: string,
): MetricDefinition {
  return { unit, better, definition, formula };
}

function latencyDefinitions(): Record<LatencyMetric, MetricDefinition> {
  const out: Partial<Record<LatencyMetric, MetricDefinition>> = {};
  for (const [base, formula] of Object.entries(LATENCIES) as [LatencyBase, string][]) {
    for (const stat of LATENCY_STATS) {
      const name = base.replace(/_us$/, '').replace('_', '-');
      out[`${base}_${stat}`] = def('us', 'lower', `${name}/1`, `${stat} of: ${formula}`);
    }
  }
  return out as Record<LatencyMetric, MetricDefinition>;
}

/** Every metric an arm can carry, by its public id. */
export const METRICS: Record<MetricId, MetricDefinition> = { ...SCALARS, ...latencyDefinitions() };
export const METRIC_IDS = Object.keys(METRICS) as MetricId[];

/** The latency id for a base and a statistic. */
export function latencyId(base: LatencyBase, stat: LatencyStat): LatencyMetric {
  return `${base}_${stat}`;
}
