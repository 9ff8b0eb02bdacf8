import type { ComparisonKey, GateResult, RunSide } from '../model/gate.ts';
import { baselineSchema } from './baseline-schema.ts';
import { findUnexplained } from './judge-nights.ts';
import { keyDifferences } from './key-differences.ts';
import { rowOf } from './noise-floor.ts';

/** A baseline file: per scenario, load, machine class and tools the nights that later ones are held against. */
export interface Baseline {
  schema: 'ssee-bench/baseline/1';
  entries: BaselineEntry[];
}

interface BaselineEntry {
  key: ComparisonKey;
  /** Oldest first. */
  nights: RunSide[];
}

/** Nights kept per entry. Reason: enough to know how nights differ. Doubt: a slow drift moves the baseline with it. */
const MOST_NIGHTS = 10;

export const EMPTY_BASELINE: Baseline = { schema: 'ssee-bench/baseline/1', entries: [] };

/** The nights that a run may be held against, or why there are none. */
export function findNights(
  { entries }: Baseline,
  key: ComparisonKey,
): { nights: RunSide[] } | { reasons: string[] } {
  const candidates = entries
    .map((entry) => ({ entry, differences: keyDifferences(key, entry.key, 'in the baseline') }))
    .sort((a, b) => a.differences.length - b.differences.length);
  // The nearest one says best what has changed; another scenario's entry says nothing.
  const nearest =
    candidates.find(({ entry }) => entry.key.scenario.name === key.scenario.name) ?? candidates[0];
  if (!nearest) return { reasons: ['the baseline is empty'] };
  return nearest.differences.length === 0
    ? { nights: nearest.entry.nights }
    : { reasons: nearest.differences };
}

/** The baseline with one more night; `anew` drops the earlier nights of the same key. */
export function addNight({ schema, entries }: Baseline, side: RunSide, anew: boolean): Baseline {
  const fits = (entry: BaselineEntry): boolean => keyDifferences(side.key, entry.key, '').length === 0;
  const before = anew ? [] : (entries.find(fits)?.nights ?? []);
  return {
    schema,
    entries: [
      ...entries.filter((entry) => !fits(entry)),
      { key: side.key, nights: [...before, side].slice(-MOST_NIGHTS) },
    ],
  };
}

/**
 * Why a judged night is not stored; undefined when it is. A night without a verdict is stored like any other: what it holds
 * is what later ones are in want of. Not stored is what would hide a regression from them: figures that got worse, also
 * where a second run did not confirm it; figures that are far worse than nights too few to judge them; broken invariants
 * and promises, a figure that is lost. An invalid measurement is not stored even where it is accepted.
 *
 * @param result with the problems of the night itself alone: those of a second run make no night invalid
 * @param nights those stored so far
 */
export function whyNotStored(
  result: GateResult,
  { base, head, nights = [] }: { base: RunSide | undefined; head: RunSide; nights?: readonly RunSide[] },
  isAccepted: boolean,
): string | undefined {
  const { problems, invariants, brokenSlos, cells, missing } = result;
  if (problems.some(({ kind }) => kind !== 'no-baseline')) return 'the run is no valid measurement';
  if (isAccepted) return undefined;
  const isKnown = (side: RunSide | undefined, { arm, metric }: GateResult['missing'][number]): boolean => {
    const sample = rowOf(side, arm)?.samples[metric];
    return sample !== undefined && !('absent' in sample);
  };
  const isBad =
    invariants.length > 0 ||
    brokenSlos.length > 0 ||
    cells.some(({ verdict, confirmed }) => verdict === 'worse' || confirmed === false) ||
    missing.some((cell) => isKnown(base, cell) && !isKnown(head, cell));
  if (isBad) return 'the run did not pass (--accept stores it all the same)';
  const [unexplained] = findUnexplained(result, nights);
  if (!unexplained) return undefined;
  const { arm, metric, why } = unexplained;
  return `${arm} ${metric} is ${why}; so large a change is not taken up before that is known (--accept begins anew with it)`;
}

/**
 * A baseline from its file's text.
 * @throws SyntaxError or TypeError with one line when it is none
 */
export function parseBaseline(text: string): Baseline {
  const value = JSON.parse(text) as { schema?: unknown } | null;
  if (value?.schema !== EMPTY_BASELINE.schema) {
    throw new TypeError(`its schema is ${JSON.stringify(value?.schema)}, not "${EMPTY_BASELINE.schema}"`);
  }
  const read = baselineSchema.safeParse(value);
  if (read.success) return read.data as Baseline;
  const { path, message } = read.error.issues[0]!;
  throw new TypeError(`it is damaged at ${path.join('.')} (${message})`);
}
