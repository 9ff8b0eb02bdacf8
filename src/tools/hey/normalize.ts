import { known, type Reading, unknown } from '../../model/cell.ts';
import { METRIC_IDS, type MetricId } from '../../model/metrics.ts';
import { OUTCOME_ROWS, type OutcomeRow } from '../../model/outcome.ts';
import type { ToolOutput, ToolResult, ToolTrial } from '../../model/tool.ts';
import { clopperPearson } from '../../stats/clopper-pearson.ts';
import { asksForEvents } from '../asks-for-events.ts';
import { countLatencies, latencyIds, readLatencies } from '../latency-readings.ts';
import { asAmount, asCount, parseJsonObject } from '../read-json.ts';
import { describeSilence, silentResult } from '../silent-tool.ts';
import { classifyHeyError, type HeyError } from './classify-error.ts';
import { requestTimeoutS } from './request-timeout.ts';

/** hey's timer fires a little before it looks at the clock: a latency this close to -t was cut by -t. */
const TIMER_SLACK_S = 0.005;

const BODY_UNVERIFIED = 'body integrity unverified by hey';
const ENDLESS = 'hey counts only finished responses; an endless stream never finishes';

/** One response with a head; seconds. */
interface HeyResponse {
  latS: number;
  /** Dial of a new connection; 0 on a reused one. */
  connS: number;
  /** Request written to first response byte. */
  delayS: number;
  /** First response byte to end of body, or to whatever ended the reading. */
  resS: number;
  code: number;
}

interface HeyRun {
  /** Responses with a head and errors together. */
  numRes: number;
  totalS: number;
  responses: HeyResponse[];
  errors: Record<HeyError, number>;
  errorTexts: string[];
  /** hey keeps the first million responses only. */
  truncated: boolean;
}

/** hey's figures in the common vocabulary. */
export function normalizeHey(output: ToolOutput, trial: ToolTrial): ToolResult {
  const run = readReport(output.stdout);
  if (!run) return trial.stream === 'endless' ? killedResult(output) : silentResult('hey', output);
  const limitS = requestTimeoutS(trial);
  const cut = run.responses.filter(({ latS }) => limitS > 0 && latS >= limitS - TIMER_SLACK_S);
  const whole = run.responses.filter(({ latS }) => limitS === 0 || latS < limitS - TIMER_SLACK_S);
  const wantsEvents = asksForEvents(trial.request);
  const isError = ({ code }: HeyResponse): boolean => (wantsEvents ? code !== 200 : code >= 400);
  const fine = whole.filter((response) => !isError(response));
  const httpErrors = run.responses.filter(isError).length;
  const otherwise = run.responses.filter(({ code }) => code < 400 && code !== 200);
  const claimed = countClaimed(run, fine.length, cut.length + httpErrors);
  const connects = countLatencies(
    run.responses.filter(({ connS }) => connS > 0).map(({ connS }) => connS * 1e6),
  );
  const firstBytes = countLatencies(
    run.responses.filter(hasPlausibleDelay).map(({ delayS }) => delayS * 1e6),
  );
  const streams = countLatencies(fine.map((response) => streamS(response) * 1e6));
  return {
    metrics: {
      requests_per_sec: readRate(run, trial, claimed),
      ...readLatencies(
        'connect_us',
        connects,
        noteTruncated(run, "as Go's client sees it, from asking for a connection"),
      ),
      ...readLatencies(
        'ttfb_us',
        firstBytes,
        noteTruncated(run, 'first byte of the head, not the first event'),
      ),
      ...readLatencies('stream_us', streams, noteTruncated(run, BODY_UNVERIFIED)),
      timeout_rate_connect: readRatio(run.errors['connect-timeout'], run.numRes, limitS),
      timeout_rate_headers: readRatio(run.errors['no-headers'], run.numRes, limitS),
    },
    outcomes: readOutcomes(run, httpErrors, claimed),
    caveats: listCaveats(run, trial, cut.length, limitS),
    distributions: [
      { base: 'connect_us', corrected: 'none', counts: connects },
      { base: 'ttfb_us', corrected: 'none', counts: firstBytes },
      { base: 'stream_us', corrected: 'none', counts: streams },
    ],
    extra: {
      bodyIntegrity: 'unverified',
      ...(claimed === undefined ? {} : { claimedResponses: claimed }),
      cutByTimeout: cut.length,
      requestTimeoutS: limitS,
      errors: run.errors,
      errorTexts: run.errorTexts,
      totalS: run.totalS,
    },
    ...(wantsEvents
      ? {
          answers: {
            total: run.responses.length,
            otherwise: otherwise.length,
            ...(otherwise[0] ? { first: `status ${otherwise[0].code}` } : {}),
          },
        }
      : {}),
  };
}

/** hey prints only after its last response, which an endless stream does not have. */
function killedResult(output: ToolOutput): ToolResult {
  const why =
    output.exit.sent.length > 0 ? `it was ended by ${output.exit.sent.at(-1)} at the deadline` : undefined;
  if (why === undefined) return silentResult('hey', output);
  const reading = unknown('not-observable', `${ENDLESS}, so ${why} and printed nothing`);
  const pick = <T extends MetricId | OutcomeRow>(ids: readonly T[]): Partial<Record<T, Reading>> =>
    Object.fromEntries(ids.filter((id) => HEY_OBSERVES.has(id)).map((id) => [id, reading])) as Partial<
      Record<T, Reading>
    >;
  return {
    metrics: pick(METRIC_IDS),
    outcomes: pick(OUTCOME_ROWS),
    caveats: ['hey has no end on an endless stream: it overran until the deadline and its figures were lost'],
    problem: describeSilence('hey', output),
  };
}

function readReport(stdout: string): HeyRun | undefined {
  const report = parseJsonObject(stdout.trim());
  const numRes = asCount(report?.numRes);
  const totalS = asAmount(report?.total_s);
  const errors = readErrors(report?.errors_hex);
  const responses = readResponses(report);
  if (numRes === undefined || totalS === undefined || !errors || !responses) return undefined;
  const failed = Object.values(errors.counts).reduce((sum, count) => sum + count, 0);
  const missing = numRes - failed - responses.length;
  if (missing < 0) return undefined;
  return {
    numRes,
    totalS,
    responses,
    errors: errors.counts,
    errorTexts: errors.texts,
    truncated: missing > 0,
  };
}

function readResponses(report: Record<string, unknown> | undefined): HeyResponse[] | undefined {
  const columns = ['lats', 'conn', 'delay', 'res', 'codes'].map((key) => report?.[key]);
  if (!columns.every((column) => Array.isArray(column))) return undefined;
  const [lats, conn, delay, res, codes] = columns as [unknown[], unknown[], unknown[], unknown[], unknown[]];
  const responses: HeyResponse[] = [];
  for (let i = 0; i < lats.length; i++) {
    const latS = asAmount(lats[i]);
    const connS = asAmount(conn[i]);
    const delayS = asAmount(delay[i]);
    const resS = asAmount(res[i]);
    const code = asAmount(codes[i]);
    if (latS === undefined || code === undefined) return undefined;
    if (connS === undefined || delayS === undefined || resS === undefined) return undefined;
    responses.push({ latS, connS, delayS, resS, code });
  }
  return responses;
}

function readErrors(hex: unknown): { counts: Record<HeyError, number>; texts: string[] } | undefined {
  if (typeof hex !== 'string') return undefined;
  const json = Buffer.from(hex, 'hex').toString('utf8');
  // A distribution without an error is `{}` in some versions of hey and `null` in others.
  const distribution = json === 'null' ? {} : parseJsonObject(json);
  if (!distribution) return undefined;
  const counts: Record<HeyError, number> = {
    refused: 0,
    'connect-timeout': 0,
    'no-headers': 0,
    reset: 0,
    closed: 0,
    malformed: 0,
    other: 0,
  };
  for (const [text, value] of Object.entries(distribution)) {
    const count = asCount(value);
    if (count === undefined) return undefined;
    counts[classifyHeyError(text)] += count;
  }
  return { counts, texts: Object.keys(distribution).slice(0, 5) };
}

/** Responses that hey takes for good; undefined where its list is cut and some of the known ones are not good. */
function countClaimed(run: HeyRun, fine: number, notFine: number): number | undefined {
  if (!run.truncated) return fine;
  if (notFine > 0) return undefined;
  return run.numRes - Object.values(run.errors).reduce((sum, count) => sum + count, 0);
}

function readRate(run: HeyRun, trial: ToolTrial, claimed: number | undefined): Reading {
  if (trial.stream === 'endless') return unknown('not-observable', ENDLESS);
  if (claimed === undefined) return unknown('not-observable', TRUNCATED_MIX);
  if (run.totalS <= 0) return unknown('no-samples', 'hey reports a run without duration');
  return known(claimed / run.totalS, { note: BODY_UNVERIFIED });
}

const TRUNCATED_MIX = 'hey lists the first million responses only, and not all of those were good';

/** Share of the streams attempted, with its interval. */
function readRatio(count: number, numRes: number, limitS: number): Reading {
  if (numRes === 0) return unknown('no-samples', 'hey attempted nothing');
  return known(count / numRes, {
    interval: clopperPearson(count, numRes),
    ...(limitS > 0 ? { note: `hey waited ${limitS} s` } : { note: 'hey waited for ever' }),
  });
}

function readOutcomes(
  run: HeyRun,
  httpErrors: number,
  claimed: number | undefined,
): Partial<Record<OutcomeRow, Reading>> {
  const { errors } = run;
  return {
    attempted: known(run.numRes),
    completed: unknown(
      'not-observable',
      `hey counts ${claimed ?? run.responses.length} responses but drops errors in reading their bodies, so it cannot tell which of them ended properly`,
    ),
    refused: known(errors.refused + errors['connect-timeout']),
    'no-headers': known(errors['no-headers']),
    'http-error': run.truncated ? unknown('not-observable', TRUNCATED_MIX) : known(httpErrors),
    reset: unknown('not-observable', hidden('reset', errors.reset)),
    'closed-early': unknown('not-observable', hidden('closed', errors.closed)),
    'protocol-error': unknown('not-observable', hidden('malformed', errors.malformed)),
  };
}

function hidden(kind: string, before: number): string {
  const seen = before > 0 ? `${before} ${kind} before the head; ` : '';
  return `${seen}hey drops every error in reading a body`;
}

/** A sample that outlasts its own request was timed against a clock that had not started. */
function hasPlausibleDelay({ delayS, latS }: HeyResponse): boolean {
  return delayS > 0 && delayS <= latS;
}

/** Request written to end of body: hey's own latency has the dial of new connections in it. */
function streamS(response: HeyResponse): number {
  return hasPlausibleDelay(response)
    ? Math.min(response.latS, response.delayS + response.resS)
    : response.latS;
}

function noteTruncated(run: HeyRun, note: string): string {
  return run.truncated ? `${note}; first ${run.responses.length} responses only` : note;
}

function listCaveats(run: HeyRun, trial: ToolTrial, cut: number, limitS: number): string[] {
  const caveats = [
    'hey counts a response as good when its head is: resets, truncation and timeouts in the body do not show',
  ];
  if (trial.stream === 'endless' && run.responses.length > 0) {
    caveats.push(`hey got ${run.responses.length} responses to an end although the stream should not end`);
  }
  if (cut > 0) caveats.push(`${cut} bodies were cut by hey's -t ${limitS}; hey lists them as good`);
  if (run.errors.other > 0) caveats.push(`${run.errors.other} errors of hey fit no outcome`);
  if (run.truncated) caveats.push(`hey kept ${run.responses.length} of ${run.numRes} results`);
  return caveats;
}

/** What hey can see at all. */
export const HEY_OBSERVES: ReadonlySet<MetricId | OutcomeRow> = new Set<MetricId | OutcomeRow>([
  'requests_per_sec',
  ...latencyIds('connect_us'),
  ...latencyIds('ttfb_us'),
  ...latencyIds('stream_us'),
  'timeout_rate_connect',
  'timeout_rate_headers',
  'attempted',
  'refused',
  'no-headers',
  'http-error',
]);

/** Why hey cannot see a metric or an outcome. */
export function whyNotHey(id: MetricId | OutcomeRow): string {
  if (/^(ttfe_us|gap_us|delivery_lag_us|events_per_sec)/.test(id)) return 'hey does not parse events';
  if (id.startsWith('timeout_rate')) {
    return 'hey has one timer for connect, head and body, and a body that it cuts counts as a success';
  }
  switch (id) {
    case 'completed':
    case 'failure_rate':
      return 'hey drops errors in reading bodies, so it cannot tell which responses ended properly';
    case 'reset':
    case 'closed-early':
    case 'protocol-error':
      return 'hey drops every error in reading a body';
    case 'unaccounted':
      return 'hey cannot tell how the bodies ended';
    case 'bytes_received':
      return 'hey adds up Content-Length headers, which streams do not have';
    case 'held':
    case 'stalled':
    case 'client-aborted':
    case 'hold_ratio':
      return 'hey waits for the end of every stream and does not say how it ended';
    default:
      return 'hey does not report it';
  }
}
