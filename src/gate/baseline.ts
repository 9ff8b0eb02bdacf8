import type { ComparisonKey, RunSide } from '../model/gate.ts';
import { baselineSchema } from './baseline-schema.ts';
import { keyDifferences } from './key-differences.ts';

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
