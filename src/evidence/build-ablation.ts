import type { Ablation, AblationPlan, AblationRate, AblationRow, RequestChange } from '../model/ablation.ts';
import { type Absence, known, type Reading, unknown } from '../model/cell.ts';
import type { AblationRecord } from '../model/run-record.ts';
import { formatPercent, formatUs } from '../stats/format-figure.ts';
import { median } from '../stats/median.ts';

/** What one slice gave; members are absent where the slice has no such figure. */
export interface SliceFigures {
  /** Index in the record's requests. */
  request: number;
  round: number;
  eventsPerSec?: number;
  requestsPerSec?: number;
  ttfbUsP50?: number;
  headerParse?: { count: number; p50Us: number; meanUs: number };
}

export interface AblationInput {
  trialId: string;
  plan: AblationPlan;
  /** Undefined where the trial did not get so far. */
  record: AblationRecord | undefined;
  slices: readonly SliceFigures[];
  /** Why there is no record. */
  reason?: string;
}

const ORDER: readonly RequestChange[] = ['whole', 'without', 'bare', 'with'];

/** What each header of a request does, from the slices of an ablation trial. */
export function buildAblation({ trialId, plan, record, slices, reason }: AblationInput): Ablation {
  const metric: AblationRate = slices.some(({ eventsPerSec }) => (eventsPerSec ?? 0) > 0)
    ? 'events_per_sec'
    : 'requests_per_sec';
  const base = { trial: trialId, ...plan, metric };
  if (!record || slices.length === 0) {
    return { ...base, sentence: `no header was left out: ${reason ?? 'the trial has no result'}`, rows: [] };
  }
  const find = (wanted: RequestChange): number =>
    record.requests.findIndex(({ ways }) => ways.some(({ change }) => change === wanted));
  const rateOf = (slice: SliceFigures): number | undefined =>
    metric === 'events_per_sec' ? slice.eventsPerSec : slice.requestsPerSec;
  const ratesOf = (request: number): Map<number, number> =>
    new Map(
      slices.flatMap((slice) => {
        const rate = slice.request === request ? rateOf(slice) : undefined;
        return rate === undefined ? [] : [[slice.round, rate] as const];
      }),
    );
  // As in the request, also where the same bytes were listed for another header before.
  const headers = record.requests.flatMap(({ ways }) =>
    ways.flatMap(({ change, header }) => (change === 'without' ? [header] : [])),
  );
  const placeOf = (header: string | null): number => headers.indexOf(header);
  const rows = record.requests
    .flatMap(({ bytes, ways }, request) => ways.map((way) => ({ ...way, bytes, request })))
    .sort(
      (a, b) => ORDER.indexOf(a.change) - ORDER.indexOf(b.change) || placeOf(a.header) - placeOf(b.header),
    )
    .map(({ change, header, bytes, request }): AblationRow => {
      const own = slices.filter((slice) => slice.request === request);
      const rates = ratesOf(request);
      return {
        change,
        header,
        bytes,
        rate: medianOf([...rates.values()], 'no slice of this request has a rate'),
        ...(change === 'whole'
          ? {}
          : { rate_ratio: ratioOf(rates, ratesOf(find(change === 'with' ? 'bare' : 'whole'))) }),
        ttfb_us_p50: medianOf(
          own.flatMap(({ ttfbUsP50 }) => ttfbUsP50 ?? []),
          'no slice of this request had a response',
        ),
        header_parse_us_p50: medianOf(
          own.flatMap(({ headerParse }) => headerParse?.p50Us ?? []),
          NO_PARSE,
          'not-collected',
        ),
        header_parse_us_mean: meanParse(own),
      };
    });
  return { ...base, sentence: writeSentence(rows), rows };
}

const NO_PARSE = 'the target exports no times of header parsing, or was not asked';

function medianOf(values: readonly number[], detail: string, why: Absence = 'no-samples'): Reading {
  const value = median(values);
  return value === undefined ? unknown(why, detail) : known(value);
}

/** Fewer paired rounds than this have extremes that are no interval to rest anything on. */
const LEAST_ROUNDS = 6;

/** Round by round, so that what slows a round down is in both; the extremes of six rounds are an interval of 96.9 %. */
function ratioOf(rates: ReadonlyMap<number, number>, base: ReadonlyMap<number, number>): Reading {
  const ratios = [...rates].flatMap(([round, rate]) => {
    const other = base.get(round);
    return other === undefined || other <= 0 ? [] : [rate / other];
  });
  const ratio = median(ratios);
  if (ratio === undefined) return unknown('no-samples', 'no round has both rates');
  if (ratios.length < LEAST_ROUNDS) return known(ratio);
  return known(ratio, { interval: [Math.min(...ratios), Math.max(...ratios)] });
}

/** Over all requests of all slices. */
function meanParse(slices: readonly SliceFigures[]): Reading {
  const parses = slices.flatMap(({ headerParse }) => headerParse ?? []);
  const count = parses.reduce((sum, parse) => sum + parse.count, 0);
  if (count === 0) return unknown('not-collected', NO_PARSE);
  return known(parses.reduce((sum, parse) => sum + parse.count * parse.meanUs, 0) / count);
}

/**
 * A header has an effect where leaving it out and adding it both move the rate, in opposite directions and in every
 * round: of a dozen comparisons one would do so by chance alone in every third trial, of both together none.
 */
function writeSentence(rows: readonly AblationRow[]): string {
  const ratios = new Map(
    rows.map((row) => [
      `${row.change} ${row.header ?? ''}`,
      row.rate_ratio?.known ? row.rate_ratio : undefined,
    ]),
  );
  const headers = [...new Set(rows.flatMap(({ header }) => header ?? []))];
  const effects = headers.flatMap((header) => {
    const without = ratios.get(`without ${header}`);
    const added = ratios.get(`with ${header}`);
    if (!without?.interval || !added?.interval) return [];
    const slows = without.interval[0] > 1 && added.interval[1] < 1;
    const helps = without.interval[1] < 1 && added.interval[0] > 1;
    if (!slows && !helps) return [];
    return [
      `${header} ${slows ? 'costs' : 'brings'} ${formatPercent(Math.abs(1 - 1 / without.value))} of the rate`,
    ];
  });
  if (headers.length === 0) return 'the request has no header that could be left out';
  // Leaving out the only header makes the bare request: both comparisons are one.
  const single = headers.length === 1 && effects.length > 0 ? ' (one comparison, not two)' : '';
  const bare = ratios.get('bare ');
  const whole = bare?.interval
    ? `; bare against whole: ${bare.value.toFixed(3)} [${bare.interval[0].toFixed(3)}, ${bare.interval[1].toFixed(3)}]`
    : '';
  const said = effects.length > 0 ? effects.join(', ') : 'no header is shown to change the rate';
  return `${said}${single}${whole}${describeParse(rows)}`;
}

function describeParse(rows: readonly AblationRow[]): string {
  const [whole, bare] = (['whole', 'bare'] as const).map((change) =>
    rows.find((row) => row.change === change),
  );
  const parse = whole?.header_parse_us_p50;
  const bareParse = bare?.header_parse_us_p50;
  if (!parse?.known || !bareParse?.known) return '';
  return `; the target takes ${formatUs(parse.value)} (median) from the first byte of the whole request to its handler and ${formatUs(bareParse.value)} of the bare one`;
}
