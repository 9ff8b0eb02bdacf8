import { known, type Reading, unknown } from '../../model/cell.ts';
import { LATENCIES, type LatencyBase, type MetricId } from '../../model/metrics.ts';
import { OUTCOMES, type OutcomeRow } from '../../model/outcome.ts';
import type { TesterReport, TesterTimeouts } from '../../model/tester-report.ts';
import type { ToolOutput, ToolResult, ToolTrial } from '../../model/tool.ts';
import { clopperPearson } from '../../stats/clopper-pearson.ts';
import { QUANTILES, type Quantile, tooFewSamples } from '../../stats/quantiles.ts';
import { type LatencyReadings, latencyIds, noLatencies } from '../latency-readings.ts';
import { asAmount, asCount, asObject, parseJsonObject } from '../read-json.ts';
import { silentResult } from '../silent-tool.ts';
import { readDistributions } from './read-distributions.ts';

const TIMEOUT_METRICS = {
  connect: 'timeout_rate_connect',
  headers: 'timeout_rate_headers',
  firstEvent: 'timeout_rate_first_event',
  idle: 'timeout_rate_idle',
  deadline: 'timeout_rate_deadline',
} as const satisfies Record<keyof TesterTimeouts, MetricId>;

/** What ends a stream before its time. */
const DEATHS = ['fin', 'rst', 'stall', 'protocol'] as const;

const LATENCY_BASES = Object.keys(LATENCIES) as LatencyBase[];

/** ssee-tester's report in the common vocabulary. */
export function normalizeSseeTester(output: ToolOutput, trial: ToolTrial): ToolResult {
  const report = readReport(output.stdout);
  if (!report) return silentResult('ssee-tester', output);
  const windowS = report.window.durationUs / 1e6;
  const metrics: ToolResult['metrics'] = {
    requests_per_sec: readRequestRate(report, trial, windowS),
    events_per_sec: perSecond(report.events, windowS),
    hold_ratio: known(Math.min(1, report.holdRatio)),
    bytes_received: known(report.bytesReceived),
    ...readTimeoutRates(report),
  };
  for (const base of LATENCY_BASES) Object.assign(metrics, readReportedLatency(base, report));
  return {
    metrics,
    outcomes: Object.fromEntries(
      (['attempted', ...OUTCOMES] as const).map((row) => [row, known(report.outcomes[row])]),
    ),
    caveats: report.interrupted
      ? ['ssee-tester was interrupted: its figures are of the time until then']
      : [],
    events: known(report.events),
    distributions: readDistributions(report),
    extra: {
      completedInWindow: report.completedInWindow,
      completedInDrain: report.completedInDrain,
      eventsTotal: report.eventsTotal,
      comments: report.comments,
      reads: report.reads,
      connectionsOpened: report.connectionsOpened,
      statusCodes: report.statusCodes,
      errors: report.errors,
      timeouts: report.timeouts,
      sequence: report.sequence,
      selfCheck: report.selfCheck,
      ...readLifetimes(report),
      ...(report.firstError === undefined ? {} : { firstError: report.firstError }),
    },
  };
}

/** How long streams lived, without the curve; nothing where none died, or where a figure of it is missing. */
function readLifetimes({ survival }: TesterReport): Record<string, unknown> {
  const given: Record<string, unknown> = asObject(survival) ?? {};
  const { lifetimes: count, deaths, clusters } = given;
  const died = asObject(deaths);
  const isCluster = (value: unknown): boolean => {
    const cluster = asObject(value);
    return ['ageMs', 'nominalMs', 'count', 'share', 'spreadMs'].every((key) => isAmount(cluster?.[key]));
  };
  if (!isCount(count) || !died || !DEATHS.every((death) => isCount(died[death]))) return {};
  if (!Array.isArray(clusters) || !clusters.every(isCluster)) return {};
  return { lifetimes: { count, deaths, clusters } };
}

/** The report, when every number that is read from it is one. Half a document is none. */
function readReport(stdout: string): TesterReport | undefined {
  const json = parseJsonObject(stdout.trim());
  if (json?.schema !== 'ssee-tester/1' || !hasOnlyAmounts(json)) return undefined;
  const counts = [json.events, json.eventsTotal, json.bytesReceived, json.completedInWindow];
  const window = asObject(json.window);
  const outcomes = asObject(json.outcomes);
  const timeouts = asObject(json.timeouts);
  const latencies = asObject(json.latencies);
  if (!counts.every(isCount) || !isAmount(window?.durationUs) || !isAmount(json.holdRatio)) return undefined;
  if (!outcomes || !['attempted', ...OUTCOMES].every((row) => isCount(outcomes[row]))) return undefined;
  if (!timeouts || !Object.keys(TIMEOUT_METRICS).every((part) => isCount(timeouts[part]))) return undefined;
  if (!latencies || !LATENCY_BASES.every((base) => isLatency(latencies[base]))) return undefined;
  return json as unknown as TesterReport;
}

/** No figure of the report may be negative or missing its value, whether we know its name or not. */
function hasOnlyAmounts(value: unknown): boolean {
  if (typeof value === 'number') return isAmount(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(hasOnlyAmounts);
}

function isCount(value: unknown): boolean {
  return asCount(value) !== undefined;
}

function isAmount(value: unknown): boolean {
  return asAmount(value) !== undefined;
}

function isLatency(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  const latency = asObject(value);
  const numbers = ['max', 'mean', ...Object.keys(QUANTILES)];
  return latency !== undefined && isCount(latency.count) && numbers.every((key) => isAmount(latency[key]));
}

function readRequestRate(report: TesterReport, trial: ToolTrial, windowS: number): Reading {
  if (trial.stream === 'endless' && report.completedInWindow === 0) {
    return unknown(
      'no-samples',
      'no stream ended, as is right for an endless one, so there is no response to count',
    );
  }
  return perSecond(report.completedInWindow, windowS);
}

function perSecond(count: number, windowS: number): Reading {
  return windowS > 0
    ? known(count / windowS)
    : unknown('no-samples', 'ssee-tester was ended before its measured time began');
}

function readTimeoutRates(report: TesterReport): ToolResult['metrics'] {
  const parts = Object.entries(TIMEOUT_METRICS) as [keyof TesterTimeouts, MetricId][];
  const total = parts.reduce((sum, [part]) => sum + report.timeouts[part], 0);
  return {
    timeout_rate: readRatio(total, report.outcomes.attempted),
    ...Object.fromEntries(
      parts.map(([part, id]) => [id, readRatio(report.timeouts[part], report.outcomes.attempted)]),
    ),
  };
}

function readRatio(count: number, attempted: number): Reading {
  if (attempted === 0) return unknown('no-samples', 'no stream was attempted');
  if (count > attempted) {
    return unknown('not-collected', `ssee-tester reports ${count} timeouts of ${attempted} streams`);
  }
  return known(count / attempted, { interval: clopperPearson(count, attempted) });
}

function readReportedLatency(base: LatencyBase, report: TesterReport): LatencyReadings {
  const latency = report.latencies[base];
  if (!latency || latency.count === 0) {
    return noLatencies(base, unknown('no-samples', 'no sample in this trial'));
  }
  const readings: LatencyReadings = {
    [`${base}_max`]: known(Math.round(latency.max)),
    [`${base}_mean`]: known(Math.round(latency.mean)),
  };
  for (const [stat, { needs }] of Object.entries(QUANTILES) as [Quantile, { needs: number }][]) {
    readings[`${base}_${stat}`] =
      latency.count < needs
        ? unknown('no-samples', tooFewSamples(latency.count, stat))
        : known(Math.round(latency[stat]));
  }
  return readings;
}

/** Everything: ssee-tester was made for it. The rest is measured beside the tools. */
export const SSEE_TESTER_OBSERVES: ReadonlySet<MetricId | OutcomeRow> = new Set<MetricId | OutcomeRow>([
  'requests_per_sec',
  'events_per_sec',
  'hold_ratio',
  'bytes_received',
  'timeout_rate',
  ...Object.values(TIMEOUT_METRICS),
  'failure_rate',
  ...LATENCY_BASES.flatMap(latencyIds),
  'attempted',
  ...OUTCOMES,
]);

/** Why ssee-tester does not report a metric itself. */
export function whyNotSseeTester(id: MetricId | OutcomeRow): string {
  return id === 'unaccounted'
    ? 'worked out from the outcomes, not reported by ssee-tester'
    : 'measured beside ssee-tester, not by it';
}
