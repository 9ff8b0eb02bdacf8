import { known, type Reading, type UnknownReading, unknown } from '../../model/cell.ts';
import { METRIC_IDS, type MetricId } from '../../model/metrics.ts';
import { OUTCOME_ROWS, type OutcomeRow } from '../../model/outcome.ts';
import type { ToolOutput, ToolResult, ToolTrial } from '../../model/tool.ts';
import { QUANTILES, tooFewSamples } from '../../stats/quantiles.ts';
import type { LatencyReadings } from '../latency-readings.ts';
import { silentResult } from '../silent-tool.ts';
import { readWholeMs } from '../whole-milliseconds.ts';
import { type AbText, findAbAbort, parseAbText } from './parse-text.ts';

/** What `-e` writes: one line per percent with milliseconds to three decimals. */
export const AB_PERCENTILES_FILE = 'ab.csv';

const ENDLESS = 'ab counts only finished responses; an endless stream never finishes';
const BODY_UNVERIFIED =
  'ab speaks HTTP/1.0, where the end of the connection ends a body, so it takes a stream that was cut for a whole one';

/** ab's figures in the common vocabulary. */
export function normalizeAb(output: ToolOutput, trial: ToolTrial): ToolResult {
  const text = parseAbText(output.stdout);
  const left = text && text.complete - text.failed - text.non2xx;
  // An error status counts when its head has come: when time is up one response per connection may not have ended.
  if (!text || left === undefined || left < -trial.connections) {
    const abort = findAbAbort(output.stderr);
    return abort === undefined ? silentResult('ab', output) : abortedResult(abort);
  }
  const claimed = Math.max(0, left);
  return {
    metrics: {
      requests_per_sec: readRate(text, trial, claimed),
      bytes_received: known(text.transferredBytes),
      ttfb_us_p50: readWaiting(text, 'median'),
      ttfb_us_max: readWaiting(text, 'max'),
      ...readStreamLatencies(text, output.files[AB_PERCENTILES_FILE]),
    },
    outcomes: {
      completed: unknown(
        'not-observable',
        trial.stream === 'endless' ? ENDLESS : `${BODY_UNVERIFIED}: it counts ${claimed} responses`,
      ),
      'http-error': known(text.non2xx, text.non2xx > 0 ? { note: 'redirects included' } : {}),
    },
    caveats: listCaveats(text, output, trial),
    extra: {
      bodyIntegrity: 'unverified',
      claimedResponses: claimed,
      rejectedResponses: text.non2xx,
      failed: text.failed,
      timeTakenS: text.timeTakenS,
    },
  };
}

/** ab gives up at the first socket error and prints nothing but that. So it must: this is no failed trial. */
function abortedResult(abort: string): ToolResult {
  const reading = unknown(
    'not-observable',
    `ab gives up at its first socket error and prints no figure: ${abort}`,
  );
  const pick = <T extends MetricId | OutcomeRow>(ids: readonly T[]): Partial<Record<T, UnknownReading>> =>
    Object.fromEntries(ids.filter((id) => AB_OBSERVES.has(id)).map((id) => [id, reading])) as Partial<
      Record<T, UnknownReading>
    >;
  return {
    metrics: pick(METRIC_IDS),
    outcomes: pick(OUTCOME_ROWS),
    caveats: [`ab gave the whole run up: ${abort}`],
    extra: { abort },
  };
}

function readRate(text: AbText, trial: ToolTrial, claimed: number): Reading {
  if (trial.stream === 'endless') return unknown('not-observable', ENDLESS);
  if (text.timeTakenS <= 0) return unknown('no-samples', 'ab reports a run without duration');
  return known(claimed / text.timeTakenS, { note: 'over HTTP/1.0; body integrity unverified by ab' });
}

function readWaiting({ waitingMs }: AbText, stat: 'median' | 'max'): Reading {
  if (!waitingMs) return unknown('no-samples', 'ab saw no response to its end');
  const reading = readWholeMs('ab', waitingMs[stat]);
  return reading.known
    ? known(reading.value, { note: `${reading.note}; first byte of the head, of finished responses` })
    : reading;
}

/** From the file of percentiles: the text has whole milliseconds. Responses of every status are in it. */
function readStreamLatencies(text: AbText, csv: string | undefined): LatencyReadings {
  const byPercent = readPercentiles(csv);
  const readings: LatencyReadings = {};
  for (const [stat, percent] of [
    ['p50', 50],
    ['p90', 90],
    ['p99', 99],
    ['max', 100],
  ] as const) {
    const needs = stat === 'max' ? 1 : QUANTILES[stat].needs;
    const valueMs = byPercent.get(percent);
    if (text.complete === 0) {
      readings[`stream_us_${stat}`] = unknown('no-samples', 'ab saw no response to its end');
    } else if (text.failed + text.non2xx > 0) {
      readings[`stream_us_${stat}`] = unknown(
        'not-observable',
        'ab does not keep the latencies of failed and error responses apart',
      );
    } else if (text.complete < needs) {
      readings[`stream_us_${stat}`] = unknown(
        'no-samples',
        stat === 'max' ? 'no sample in this trial' : tooFewSamples(text.complete, stat),
      );
    } else if (valueMs === undefined) {
      readings[`stream_us_${stat}`] = unknown('not-collected', 'ab left no file of percentiles');
    } else {
      readings[`stream_us_${stat}`] = known(Math.round(valueMs * 1000), {
        note: 'with the connect, of which ab needs one for each stream; body integrity unverified by ab',
      });
    }
  }
  return readings;
}

function readPercentiles(csv: string | undefined): Map<number, number> {
  const values = new Map<number, number>();
  for (const line of (csv ?? '').split('\n')) {
    const [, percent, ms] = /^(\d{1,3}),(\d{1,12}\.\d+)$/.exec(line) ?? [];
    if (percent !== undefined && ms !== undefined) values.set(Number(percent), Number(ms));
  }
  return values;
}

function listCaveats(text: AbText, output: ToolOutput, trial: ToolTrial): string[] {
  const caveats = [
    'ab speaks HTTP/1.0: servers answer it without chunks and close, so that each stream is a connection of its own',
  ];
  if (output.exit.overran) caveats.push('ab did not end by itself: its figures are of the time until SIGINT');
  if (text.failed > 0)
    caveats.push(`ab counts ${text.failed} failures, one failed request up to three times`);
  if (trial.stream === 'endless' && text.complete > 0) {
    caveats.push(`ab counted ${text.complete} finished responses although the stream should not end`);
  }
  return caveats;
}

/** What ab can see at all. */
export const AB_OBSERVES: ReadonlySet<MetricId | OutcomeRow> = new Set<MetricId | OutcomeRow>([
  'requests_per_sec',
  'bytes_received',
  'ttfb_us_p50',
  'ttfb_us_max',
  'stream_us_p50',
  'stream_us_p90',
  'stream_us_p99',
  'stream_us_max',
  'http-error',
  'completed',
]);

/** Why ab cannot see a metric or an outcome. */
export function whyNotAb(id: MetricId | OutcomeRow): string {
  if (id.startsWith('connect_us')) return 'ab prints the time to connect in whole milliseconds only';
  if (id.startsWith('ttfb_us')) return 'ab prints median and maximum of the time to the first byte only';
  if (/^(ttfe_us|gap_us|delivery_lag_us|events_per_sec)/.test(id)) return 'ab does not parse events';
  if (id.startsWith('timeout_rate')) {
    return 'ab gives the whole run up when nothing arrives on any connection, and never gives up one stream';
  }
  switch (id) {
    case 'stream_us_p999':
      return 'ab has percentiles of whole percents only';
    case 'stream_us_mean':
      return 'ab prints the mean in whole milliseconds only';
    case 'attempted':
    case 'unaccounted':
    case 'failure_rate':
      return 'ab does not say how many requests it sent';
    case 'refused':
    case 'reset':
    case 'closed-early':
    case 'protocol-error':
      return 'ab gives the whole run up at its first socket error, and takes a close for the end of a body';
    case 'held':
    case 'stalled':
    case 'no-headers':
    case 'client-aborted':
    case 'hold_ratio':
      return 'ab does not report streams that are open when the run ends';
    default:
      return 'ab does not report it';
  }
}
