import { known, type Reading, unknown } from '../../model/cell.ts';
import type { MetricId } from '../../model/metrics.ts';
import type { OutcomeRow } from '../../model/outcome.ts';
import type { LatencyDistribution, ToolOutput, ToolResult, ToolTrial } from '../../model/tool.ts';
import { QUANTILES, type Quantile, tooFewSamples } from '../../stats/quantiles.ts';
import {
  type LatencyCount,
  type LatencyReadings,
  noLatencies,
  readLatencies,
  valueAtRank,
} from '../latency-readings.ts';
import { asAmount, asCount, asObject, parseJsonObject } from '../read-json.ts';
import { silentResult } from '../silent-tool.ts';
import { parseWrkText } from './parse-text.ts';
import { WRK_REPORT_FILE } from './report-lua.ts';
import { undoCorrection } from './undo-correction.ts';

const RECORDED = 'corrected: none';
const CORRECTED = 'corrected: post-recording';

interface SocketErrors {
  connect: number;
  read: number;
  write: number;
  /** Responses that came, but later than --timeout. They are in `requests` and have no latency. */
  timeout: number;
}

/** One run of wrk, from its JSON report or, failing that, from its text report. */
interface WrkRun {
  requests: number;
  durationUs: number;
  bytes: Reading;
  statusErrors: number;
  errors: SocketErrors;
  /** As wrk reports them: with the samples that its correction added. */
  correctedUs: Partial<Record<Quantile | 'max' | 'mean', number>>;
  histogram?: LatencyCount[];
  /** Printed rate, where it is more exact than requests / duration. */
  requestsPerSec?: number;
}

/** wrk's figures in the common vocabulary. */
export function normalizeWrk(output: ToolOutput, trial: ToolTrial): ToolResult {
  const run = readReport(output.files[WRK_REPORT_FILE]) ?? readText(output.stdout);
  if (!run) return silentResult('wrk', output);
  const latencies = readRunLatencies(run, trial);
  return {
    metrics: {
      requests_per_sec: readRate(run, trial),
      bytes_received: run.bytes,
      ...latencies.readings,
    },
    outcomes: readOutcomes(run, trial),
    caveats: listCaveats(run, trial),
    distributions: latencies.distributions,
    extra: { requests: run.requests, socketErrors: run.errors, ...latencies.extra },
  };
}

function readReport(text: string | undefined): WrkRun | undefined {
  const report = parseJsonObject(text);
  const errors = asObject(report?.errors);
  const latency = asObject(report?.latency);
  if (!report || !errors || !latency) return undefined;
  const requests = asCount(report.requests);
  const durationUs = asCount(report.duration_us);
  const bytes = asCount(report.bytes);
  const status = asCount(errors.status);
  const [connect, read, write, timeout] = ['connect', 'read', 'write', 'timeout'].map((key) =>
    asCount(errors[key]),
  );
  if (requests === undefined || durationUs === undefined || bytes === undefined) return undefined;
  if (status === undefined || status > requests) return undefined;
  if (connect === undefined || read === undefined || write === undefined || timeout === undefined) {
    return undefined;
  }
  const histogram = readHistogram(report.histogram);
  const correctedUs: WrkRun['correctedUs'] = {};
  for (const key of ['p50', 'p90', 'p99', 'p999', 'max', 'mean'] as const) {
    const value = asAmount(latency[key]);
    if (value !== undefined) correctedUs[key] = value;
  }
  return {
    requests,
    durationUs,
    bytes: known(bytes),
    statusErrors: status,
    errors: { connect, read, write, timeout },
    correctedUs,
    // Without its highest value the histogram would still add up, to latencies that nobody measured.
    ...(histogram && (histogram.at(-1)?.[0] ?? 0) === correctedUs.max ? { histogram } : {}),
  };
}

function readHistogram(cells: unknown): LatencyCount[] | undefined {
  if (!Array.isArray(cells)) return undefined;
  const histogram: LatencyCount[] = [];
  for (const cell of cells) {
    const [value, count] = Array.isArray(cell) ? cell.map(asCount) : [];
    if (value === undefined || count === undefined || count === 0) return undefined;
    histogram.push([value, count]);
  }
  return histogram.sort(([a], [b]) => a - b);
}

function readText(stdout: string): WrkRun | undefined {
  const text = parseWrkText(stdout);
  if (!text || text.errors.status > text.requests) return undefined;
  const { status, ...errors } = text.errors;
  return {
    requests: text.requests,
    durationUs: text.durationS * 1e6,
    bytes:
      text.bytes === undefined
        ? unknown('not-collected', "wrk's text report had no byte count")
        : known(Math.round(text.bytes), { note: "rounded by wrk's text report" }),
    statusErrors: status,
    errors,
    correctedUs: text.latencyUs,
    ...(text.requestsPerSec === undefined ? {} : { requestsPerSec: text.requestsPerSec }),
  };
}

function readRate(run: WrkRun, trial: ToolTrial): Reading {
  if (trial.stream === 'endless') return unknown('not-observable', ENDLESS);
  if (run.requestsPerSec !== undefined && run.statusErrors === 0) return known(run.requestsPerSec);
  if (run.durationUs <= 0) return unknown('no-samples', 'wrk reports a run without duration');
  return known((run.requests - run.statusErrors) / (run.durationUs / 1e6));
}

/** Why wrk has nothing to count on a stream without an end. */
const ENDLESS = 'wrk counts only finished responses; an endless stream never finishes';

function readOutcomes(run: WrkRun, trial: ToolTrial): Partial<Record<OutcomeRow, Reading>> {
  return {
    completed:
      trial.stream === 'endless'
        ? unknown('not-observable', ENDLESS)
        : known(run.requests - run.statusErrors),
    'http-error': known(run.statusErrors),
  };
}

interface RunLatencies {
  readings: LatencyReadings;
  distributions: LatencyDistribution[];
  extra: Record<string, unknown>;
}

function readRunLatencies(run: WrkRun, trial: ToolTrial): RunLatencies {
  const samples = run.requests - run.errors.timeout;
  if (samples <= 0 || run.statusErrors === run.requests) {
    const reason = describeNoSamples(run);
    return {
      readings: noLatencies('stream_us', unknown('no-samples', reason)),
      distributions: [],
      extra: { undone: false, recoveredSamples: 0 },
    };
  }
  const correctedPercentiles = quantilesOf(run.correctedUs);
  const raw =
    run.histogram &&
    undoCorrection({
      durationUs: run.durationUs,
      requests: run.requests,
      timeouts: run.errors.timeout,
      connections: trial.connections,
      histogram: run.histogram,
    });
  const corrected: LatencyDistribution[] = run.histogram
    ? [{ base: 'stream_us', corrected: 'post-recording', counts: run.histogram }]
    : [];
  if (!raw) {
    return {
      readings: readCorrected(run, samples),
      distributions: corrected,
      extra: { undone: false, recoveredSamples: 0, correctedPercentiles },
    };
  }
  const rawPercentiles = Object.fromEntries(
    Object.entries(QUANTILES).map(([stat, { share }]) => [
      stat,
      valueAtRank(raw, Math.ceil(share * samples)),
    ]),
  );
  return {
    readings: readLatencies('stream_us', raw, noteErrors(run, RECORDED)),
    distributions: [{ base: 'stream_us', corrected: 'none', counts: raw }, ...corrected],
    extra: { undone: true, recoveredSamples: samples, rawPercentiles, correctedPercentiles, histogram: raw },
  };
}

function describeNoSamples(run: WrkRun): string {
  if (run.requests === 0) return 'wrk saw no response to its end';
  return run.statusErrors === run.requests
    ? 'every response had a status of 400 or above'
    : 'every response was slower than --timeout';
}

/** wrk does not keep the latencies of error responses apart. */
function noteErrors(run: WrkRun, note: string): string {
  return run.statusErrors === 0 ? note : `${note}; ${run.statusErrors} error responses included`;
}

/** wrk's own figures, marked: better than none, but samples that nobody measured are among them. */
function readCorrected(run: WrkRun, samples: number): LatencyReadings {
  const readings: LatencyReadings = {};
  for (const [stat, { needs }] of Object.entries(QUANTILES) as [Quantile, { needs: number }][]) {
    readings[`stream_us_${stat}`] =
      samples < needs ? unknown('no-samples', tooFewSamples(samples, stat)) : readOne(run, stat);
  }
  readings.stream_us_max = readOne(run, 'max');
  readings.stream_us_mean = readOne(run, 'mean');
  return readings;
}

function readOne(run: WrkRun, stat: keyof WrkRun['correctedUs']): Reading {
  const valueUs = run.correctedUs[stat];
  return valueUs === undefined
    ? unknown('not-collected', `wrk's report had no ${stat}`)
    : known(Math.round(valueUs), { note: noteErrors(run, CORRECTED) });
}

function quantilesOf(valuesUs: WrkRun['correctedUs']): Record<string, number> {
  const { max: _max, mean: _mean, ...quantiles } = valuesUs;
  return quantiles;
}

function listCaveats(run: WrkRun, trial: ToolTrial): string[] {
  const { connect, read, write, timeout } = run.errors;
  const caveats: string[] = [];
  if (trial.stream === 'endless') {
    caveats.push('wrk prints the same for a healthy, a stalled and a dead endless stream');
    if (run.requests > 0) {
      caveats.push(`wrk counted ${run.requests} finished responses although the stream should not end`);
    }
  } else {
    caveats.push('wrk counts a redirect as a success and drops the streams that are open when the run ends');
    if (run.requests === 0 && connect + read + write === 0) {
      caveats.push(
        'wrk saw no response: it prints the same for a stalled, a dead and a server slower than the run',
      );
    }
  }
  if (mayEndByClose(read, run.requests)) {
    caveats.push(
      `wrk's ${read} read errors for ${run.requests} responses may be what it prints when the end of the connection ends the body`,
    );
  }
  if (connect + read + write > 0) {
    caveats.push(
      `wrk counted socket errors (connect ${connect}, read ${read}, write ${write}) in its reconnect loop: resets, early closes and refusals are mixed in them`,
    );
  }
  if (timeout > 0) {
    caveats.push(`${timeout} responses were slower than wrk's --timeout: counted, but without a latency`);
  }
  return caveats;
}

/**
 * Read errors per response at which bodies that end with the connection may explain them. Unit: ratio. Reason: wrk 4.1
 * counts each of these as a response and as one read error (1063 of 1063); streams in flight at the end blur it. Doubt:
 * resets can come to the same number, which is why it only may be so.
 */
const ONE_ERROR_PER_RESPONSE = { from: 0.9, to: 1.1 };

function mayEndByClose(readErrors: number, requests: number): boolean {
  const { from, to } = ONE_ERROR_PER_RESPONSE;
  return requests > 0 && readErrors >= from * requests && readErrors <= to * requests;
}

/** What wrk can see at all. */
export const WRK_OBSERVES: ReadonlySet<MetricId | OutcomeRow> = new Set<MetricId | OutcomeRow>([
  'requests_per_sec',
  'bytes_received',
  'stream_us_p50',
  'stream_us_p90',
  'stream_us_p99',
  'stream_us_p999',
  'stream_us_max',
  'stream_us_mean',
  'completed',
  'http-error',
]);

/** Why wrk cannot see a metric or an outcome. */
export function whyNotWrk(id: MetricId | OutcomeRow): string {
  if (/^(connect|ttfb|ttfe)_us/.test(id)) return 'wrk times whole responses only';
  if (/^(gap_us|delivery_lag_us|events_per_sec)/.test(id)) return 'wrk does not parse events';
  if (id.startsWith('timeout_rate')) {
    return 'wrk never gives a stream up: its timeouts are responses that came late, and stuck streams do not show';
  }
  switch (id) {
    case 'attempted':
    case 'unaccounted':
    case 'failure_rate':
      return 'wrk does not say how many requests it sent';
    case 'reset':
    case 'closed-early':
    case 'protocol-error':
      return 'wrk has one count of read errors for resets, early closes, broken responses and bodies that end with the connection';
    case 'refused':
      return 'wrk counts refused connections as write errors, once per turn of its reconnect loop';
    case 'held':
    case 'stalled':
    case 'no-headers':
    case 'client-aborted':
    case 'hold_ratio':
      return 'wrk does not report streams that are open when the run ends';
    default:
      return 'wrk does not report it';
  }
}
