import { known, type Reading, unknown } from '../../model/cell.ts';
import type { MetricId } from '../../model/metrics.ts';
import { OUTCOME_ROWS, OUTCOMES, type Outcome, type OutcomeRow } from '../../model/outcome.ts';
import type { AnswerCount, ToolOutput, ToolResult, ToolTrial } from '../../model/tool.ts';
import { cleanText } from '../../report/clean-text.ts';
import { clopperPearson } from '../../stats/clopper-pearson.ts';
import { asksForEvents } from '../asks-for-events.ts';
import { countLatencies, latencyIds, readLatencies } from '../latency-readings.ts';
import { silentResult } from '../silent-tool.ts';
import { classifyTransfer, isEventStream, type TransferEnd } from './classify-transfer.ts';
import { type CurlTransfer, parseTransfers } from './parse-transfers.ts';

const ONE_SHOT = 'curl runs each stream once, so its rate is not a throughput';

/** What an answered stream that curl cut at the end of the run may have been. */
const OPEN_OUTCOMES: readonly Outcome[] = ['held', 'stalled', 'client-aborted'];

interface EndedTransfer {
  transfer: CurlTransfer;
  end: TransferEnd;
}

/** curl's transfers in the common vocabulary. */
export function normalizeCurl(output: ToolOutput, trial: ToolTrial): ToolResult {
  const transfers = parseTransfers(output.stdout).slice(0, trial.connections);
  if (transfers.length === 0) return silentResult('curl', output);
  const ended = transfers.map((transfer) => ({
    transfer,
    end: classifyTransfer(transfer, trial.request, trial.timeoutMs),
  }));
  const completed = ended.filter(({ end }) => end === 'completed').map(({ transfer }) => transfer);
  const missing = trial.connections - transfers.length;
  const connects = countLatencies(transfers.flatMap(({ connectUs }) => connectUs ?? []));
  const firstBytes = countLatencies(
    transfers.flatMap(({ firstByteUs, sentUs }) => diff(firstByteUs, sentUs)),
  );
  const streams = countLatencies(completed.flatMap(({ totalUs, sentUs }) => diff(totalUs, sentUs)));
  return {
    metrics: {
      ...readLatencies('connect_us', connects),
      ...readLatencies('ttfb_us', firstBytes, 'first byte of the head, not the first event'),
      ...readLatencies('stream_us', streams),
      ...readTimeoutRates(ended, trial, missing),
    },
    outcomes: readOutcomes(ended, trial, missing),
    caveats: listCaveats(ended, missing),
    distributions: [
      { base: 'connect_us', corrected: 'none', counts: connects },
      { base: 'ttfb_us', corrected: 'none', counts: firstBytes },
      { base: 'stream_us', corrected: 'none', counts: streams },
    ],
    ...(asksForEvents(trial.request) ? { answers: countAnswers(ended) } : {}),
    extra: {
      ends: countEnds(ended),
      bodyBytes: transfers.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0),
      headBytes: transfers.reduce((sum, { headBytes }) => sum + headBytes, 0),
    },
  };
}

/** curl does not look at the coding: of an event stream it may be wrong. */
function countAnswers(ended: readonly EndedTransfer[]): AnswerCount {
  const answered = ended.filter(({ transfer }) => transfer.httpCode > 0);
  const otherwise = answered.filter(({ end, transfer }) => end === 'http-error' && transfer.httpCode < 400);
  const first = otherwise[0]?.transfer;
  return {
    total: answered.length,
    otherwise: otherwise.length,
    ...(first ? { first: describeTransfer(first) } : {}),
  };
}

/** A server may send a type of any length. */
function describeTransfer({ httpCode, contentType }: CurlTransfer): string {
  if (httpCode !== 200 && isEventStream(contentType)) return `status ${httpCode}`;
  const type = cleanText(contentType ?? '').slice(0, 80);
  return `status ${httpCode} with ${type === '' ? 'no Content-Type' : `Content-Type ${type}`}`;
}

function diff(laterUs: number | undefined, earlierUs: number): number[] {
  return laterUs === undefined || laterUs < earlierUs ? [] : [laterUs - earlierUs];
}

function countEnds(ended: readonly EndedTransfer[]): Partial<Record<TransferEnd, number>> {
  const counts: Partial<Record<TransferEnd, number>> = {};
  for (const { end } of ended) counts[end] = (counts[end] ?? 0) + 1;
  return counts;
}

function readOutcomes(
  ended: readonly EndedTransfer[],
  trial: ToolTrial,
  missing: number,
): Partial<Record<OutcomeRow, Reading>> {
  if (missing > 0) {
    const reading = unknown('not-collected', describeMissing(missing));
    return Object.fromEntries(
      OUTCOME_ROWS.filter((row) => row !== 'unaccounted').map((row) => [row, reading]),
    );
  }
  const counts = countEnds(ended);
  const open = counts.open ?? 0;
  const outcomes: Partial<Record<OutcomeRow, Reading>> = { attempted: known(trial.connections) };
  for (const row of OUTCOMES) {
    outcomes[row] =
      open > 0 && mayBeOpen(row, ended)
        ? unknown(
            'not-observable',
            `curl cut ${open} open streams at the end of the run and does not see events`,
          )
        : known((counts[row] ?? 0) + (row === 'refused' ? (counts['connect-timeout'] ?? 0) : 0));
  }
  return outcomes;
}

/** An open stream without a head may also have been about to become one of the unanswered. */
function mayBeOpen(row: Outcome, ended: readonly EndedTransfer[]): boolean {
  if (OPEN_OUTCOMES.includes(row)) return true;
  return row === 'no-headers' && ended.some(({ end, transfer }) => end === 'open' && transfer.httpCode === 0);
}

function readTimeoutRates(
  ended: readonly EndedTransfer[],
  trial: ToolTrial,
  missing: number,
): Partial<Record<MetricId, Reading>> {
  if (missing > 0) {
    const reading = unknown('not-collected', describeMissing(missing));
    return {
      timeout_rate: reading,
      timeout_rate_connect: reading,
      timeout_rate_headers: reading,
      timeout_rate_deadline: reading,
    };
  }
  const counts = countEnds(ended);
  const connect = counts['connect-timeout'] ?? 0;
  const headers = counts['no-headers'] ?? 0;
  const open = counts.open ?? 0;
  const rate = (count: number): Reading =>
    known(count / ended.length, { interval: clopperPearson(count, ended.length) });
  const blurred = unknown(
    'not-observable',
    `curl cannot tell whether the ${open} streams that it cut at the end of the run were healthy`,
  );
  return {
    timeout_rate: open > 0 ? blurred : rate(connect + headers),
    timeout_rate_connect: rate(connect),
    timeout_rate_headers: mayBeOpen('no-headers', ended) ? blurred : rate(headers),
    timeout_rate_deadline: open > 0 || trial.stream === 'endless' ? blurred : rate(0),
  };
}

function describeMissing(missing: number): string {
  return `curl was ended before it had reported ${missing} of its streams`;
}

function listCaveats(ended: readonly EndedTransfer[], missing: number): string[] {
  const counts = countEnds(ended);
  const caveats = [ONE_SHOT];
  if (counts.open) {
    caveats.push(
      `${counts.open} streams were open when curl's time was over: healthy or stalled, curl cannot tell`,
    );
  }
  if (counts.other) {
    const errors = new Set(
      ended
        .filter(({ end }) => end === 'other')
        .map(({ transfer }) => `exit ${transfer.exitCode} ${transfer.error}`.trim()),
    );
    caveats.push(`${counts.other} transfers fit no outcome: ${[...errors].slice(0, 3).join('; ')}`);
  }
  if (missing > 0) caveats.push(describeMissing(missing));
  return caveats;
}

/** What curl can see at all. */
export const CURL_OBSERVES: ReadonlySet<MetricId | OutcomeRow> = new Set<MetricId | OutcomeRow>([
  ...latencyIds('connect_us'),
  ...latencyIds('ttfb_us'),
  ...latencyIds('stream_us'),
  'timeout_rate',
  'timeout_rate_connect',
  'timeout_rate_headers',
  'timeout_rate_deadline',
  'attempted',
  ...OUTCOMES,
]);

/** Why curl cannot see a metric or an outcome. */
export function whyNotCurl(id: MetricId | OutcomeRow): string {
  if (/^(ttfe_us|gap_us|delivery_lag_us|events_per_sec)/.test(id)) return 'curl does not parse events';
  if (id === 'timeout_rate_first_event' || id === 'timeout_rate_idle') {
    return 'curl does not parse events, so it cannot miss one';
  }
  switch (id) {
    case 'requests_per_sec':
      return ONE_SHOT;
    case 'bytes_received':
      return 'curl counts the body without its chunk framing';
    case 'hold_ratio':
      return 'curl opens each stream once and does not replace it';
    default:
      return 'curl does not report it';
  }
}
