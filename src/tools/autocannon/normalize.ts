import { known, type Reading, unknown } from '../../model/cell.ts';
import type { MetricId } from '../../model/metrics.ts';
import type { OutcomeRow } from '../../model/outcome.ts';
import type { ToolOutput, ToolResult, ToolTrial } from '../../model/tool.ts';
import { QUANTILES, type Quantile, tooFewSamples } from '../../stats/quantiles.ts';
import { asksForEvents } from '../asks-for-events.ts';
import { type LatencyReadings, noLatencies } from '../latency-readings.ts';
import { asAmount, asCount, asObject, parseJsonObject } from '../read-json.ts';
import { silentResult } from '../silent-tool.ts';
import { readWholeMs } from '../whole-milliseconds.ts';

const ENDLESS = 'autocannon counts only finished responses; an endless stream never finishes';

/** autocannon's names of the percentiles. */
const KEYS = { p50: 'p50', p90: 'p90', p99: 'p99', p999: 'p99_9' } as const satisfies Record<
  Quantile,
  string
>;

interface AutocannonRun {
  /** Requests written, those on connections that were never made included. */
  sent: number;
  /** Responses that its parser took for complete. */
  total: number;
  /** Socket errors of every kind and timeouts. */
  errors: number;
  timeouts: number;
  durationS: number;
  /** Of `total`: good statuses, those that are errors, and no status at all. Of an event stream only 200 is good. */
  fine: number;
  httpErrors: number;
  /** Of `httpErrors`: below 400, with the first of those. */
  otherwise: number;
  firstOtherwise?: string;
  /** 2xx that are among `httpErrors`: their latencies are among the others. */
  mixedErrors: number;
  nameless: number;
  /** Whole milliseconds, of 2xx responses. */
  latencyMs: Partial<Record<Quantile | 'max', number>>;
  latencyCount: number;
}

/** autocannon's figures in the common vocabulary. */
export function normalizeAutocannon(output: ToolOutput, trial: ToolTrial): ToolResult {
  const wantsEvents = asksForEvents(trial.request);
  const run = readReport(output.stdout, wantsEvents);
  if (!run) return silentResult('autocannon', output);
  const doubt = explainDoubt(run, trial);
  return {
    metrics: {
      requests_per_sec: readRate(run, trial, doubt),
      ...(doubt === undefined
        ? readLatencies(run)
        : noLatencies('stream_us', unknown('not-observable', doubt))),
    },
    outcomes: readOutcomes(run, trial, doubt),
    caveats: listCaveats(run, trial, doubt),
    extra: {
      sent: run.sent,
      claimed: run.total,
      statusless: run.nameless,
      errors: run.errors,
      timeouts: run.timeouts,
      durationS: run.durationS,
    },
    ...(wantsEvents && doubt === undefined
      ? {
          answers: {
            total: run.total,
            otherwise: run.otherwise,
            ...(run.firstOtherwise === undefined ? {} : { first: run.firstOtherwise }),
          },
        }
      : {}),
  };
}

function readReport(stdout: string, wantsEvents: boolean): AutocannonRun | undefined {
  const report = parseJsonObject(stdout.trim());
  const requests = asObject(report?.requests);
  const latency = asObject(report?.latency);
  const statuses = readStatuses(report?.statusCodeStats, wantsEvents);
  const sent = asCount(requests?.sent);
  const total = asCount(requests?.total);
  const errors = asCount(report?.errors);
  const timeouts = asCount(report?.timeouts);
  const durationS = asAmount(report?.duration);
  if (!statuses || !latency || sent === undefined || total === undefined) return undefined;
  if (errors === undefined || timeouts === undefined || durationS === undefined) return undefined;
  if (statuses.fine + statuses.httpErrors + statuses.nameless !== total) return undefined;
  const latencyMs: AutocannonRun['latencyMs'] = {};
  for (const [stat, key] of [...Object.entries(KEYS), ['max', 'max']] as [Quantile | 'max', string][]) {
    const value = asCount(latency[key]);
    if (value !== undefined) latencyMs[stat] = value;
  }
  return {
    sent,
    total,
    errors,
    timeouts,
    durationS,
    ...statuses,
    latencyMs,
    latencyCount: asCount(latency.totalCount) ?? 0,
  };
}

type Statuses = Pick<
  AutocannonRun,
  'fine' | 'httpErrors' | 'otherwise' | 'firstOtherwise' | 'mixedErrors' | 'nameless'
>;

function readStatuses(stats: unknown, wantsEvents: boolean): Statuses | undefined {
  const byCode = asObject(stats);
  if (!byCode) return undefined;
  const counts: Statuses = { fine: 0, httpErrors: 0, otherwise: 0, mixedErrors: 0, nameless: 0 };
  for (const [code, value] of Object.entries(byCode)) {
    const count = asCount(asObject(value)?.count);
    if (count === undefined) return undefined;
    if (!/^[1-5]\d\d$/.test(code)) counts.nameless += count;
    else if (Number(code) >= 400) counts.httpErrors += count;
    else if (wantsEvents && code !== '200') {
      counts.httpErrors += count;
      counts.otherwise += count;
      if (count > 0) counts.firstOtherwise ??= `status ${code}`;
      if (code.startsWith('2')) counts.mixedErrors += count;
    } else counts.fine += count;
  }
  return counts;
}

/**
 * Why its count of responses proves nothing, or undefined where it does.
 *
 * autocannon 9 goes on with the parser of the last connection on the next one (lib/httpClient.js: `_connect` makes no
 * new one). After a stream that was cut in its body the next head is taken for the end of that body, and a response is
 * counted that no server completed. A close by the server is no error to it: it connects again without a word, and
 * forgets the response that the close had ended. Each connection has one request on its way at most, so every request
 * beyond that which is neither answered nor failed is one of those.
 */
function explainDoubt(run: AutocannonRun, { connections }: ToolTrial): string | undefined {
  const { sent, total, errors, nameless } = run;
  if (nameless > 0) {
    return `${nameless} of autocannon's responses have no status: it goes on with a used parser after a connection that was cut`;
  }
  if (errors > 0 && total > 0) {
    return 'autocannon goes on with a used parser after an error, and then counts responses that no server completed';
  }
  const lost = sent - total - errors - connections;
  if (lost > 0) {
    return `autocannon lost ${lost} of its requests without an error: it does not notice that a server closes, and then neither counts right nor times right`;
  }
  return undefined;
}

function readRate(run: AutocannonRun, trial: ToolTrial, doubt: string | undefined): Reading {
  if (trial.stream === 'endless') return unknown('not-observable', ENDLESS);
  if (doubt !== undefined) return unknown('not-observable', doubt);
  if (run.durationS <= 0) return unknown('no-samples', 'autocannon reports a run without duration');
  return known(run.fine / run.durationS);
}

function readOutcomes(
  run: AutocannonRun,
  trial: ToolTrial,
  doubt: string | undefined,
): Partial<Record<OutcomeRow, Reading>> {
  const doubted = doubt === undefined ? undefined : unknown('not-observable', doubt);
  return {
    // A response that never was lets autocannon send a request more on a connection that is busy.
    attempted: doubted && run.total > 0 ? doubted : known(run.sent),
    completed: trial.stream === 'endless' ? unknown('not-observable', ENDLESS) : (doubted ?? known(run.fine)),
    'http-error': doubted ?? known(run.httpErrors),
  };
}

function readLatencies(run: AutocannonRun): LatencyReadings {
  const samples = run.latencyCount;
  if (run.mixedErrors > 0) {
    return noLatencies(
      'stream_us',
      unknown(
        'not-observable',
        `autocannon does not keep the latencies of its ${run.mixedErrors} answers with another status of 2xx apart`,
      ),
    );
  }
  const reason =
    run.total === 0 ? 'autocannon saw no response to its end' : 'no response had a status of 2xx';
  if (samples === 0) return noLatencies('stream_us', unknown('no-samples', reason));
  const readings: LatencyReadings = { stream_us_max: readWholeMs('autocannon', run.latencyMs.max) };
  for (const [stat, { needs }] of Object.entries(QUANTILES) as [Quantile, { needs: number }][]) {
    readings[`stream_us_${stat}`] =
      samples < needs
        ? unknown('no-samples', tooFewSamples(samples, stat))
        : readWholeMs('autocannon', run.latencyMs[stat]);
  }
  return readings;
}

function listCaveats(run: AutocannonRun, trial: ToolTrial, doubt: string | undefined): string[] {
  const caveats = [
    'autocannon says nothing of the streams that are open when its time is over, and does not notice a close',
  ];
  if (trial.stream === 'endless' && run.total > 0) {
    caveats.push(`autocannon counted ${run.total} finished responses although the stream should not end`);
  }
  if (run.errors > 0) {
    caveats.push(
      `${run.errors} errors of autocannon are refusals, resets and ${run.timeouts} timeouts in one count`,
    );
  }
  if (doubt !== undefined && run.total > 0) {
    caveats.push(`autocannon's ${run.total} responses are not published: ${doubt}`);
  }
  return caveats;
}

/** What autocannon can see at all. */
export const AUTOCANNON_OBSERVES: ReadonlySet<MetricId | OutcomeRow> = new Set<MetricId | OutcomeRow>([
  'requests_per_sec',
  'stream_us_p50',
  'stream_us_p90',
  'stream_us_p99',
  'stream_us_p999',
  'stream_us_max',
  'attempted',
  'completed',
  'http-error',
]);

/** Why autocannon cannot see a metric or an outcome. */
export function whyNotAutocannon(id: MetricId | OutcomeRow): string {
  if (/^(connect|ttfb|ttfe)_us/.test(id)) return 'autocannon times whole responses only';
  if (/^(gap_us|delivery_lag_us|events_per_sec)/.test(id)) return 'autocannon does not parse events';
  if (id.startsWith('timeout_rate')) {
    return 'the timeout of autocannon runs from the start of a request whatever arrives, so it is set beyond the run';
  }
  switch (id) {
    case 'stream_us_mean':
      return 'the mean of autocannon is one of latencies that were cut to whole milliseconds';
    case 'bytes_received':
      return 'autocannon counts the bytes of finished responses only';
    case 'refused':
    case 'reset':
    case 'protocol-error':
      return 'autocannon has one count for all socket errors';
    case 'closed-early':
      return 'autocannon does not notice that a server closes';
    case 'held':
    case 'stalled':
    case 'no-headers':
    case 'client-aborted':
    case 'unaccounted':
    case 'failure_rate':
    case 'hold_ratio':
      return 'autocannon does not report streams that are open when the run ends';
    default:
      return 'autocannon does not report it';
  }
}
