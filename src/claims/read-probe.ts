import type { ProbeFigure, ProbeRecord, ProbeResult, ProbeSpec } from '../model/claim.ts';
import { readGoBench } from './read-go-bench.ts';

/** Longest piece of a probe's output that is quoted back. */
const SHOWN_CHARACTERS = 120;

/**
 * What a probe said, by its record and its stored output. Never throws.
 * @param output undefined where its file is gone
 */
export function readProbe(
  { reads }: ProbeSpec,
  record: ProbeRecord | undefined,
  output: string | undefined,
): ProbeResult {
  if (!record) return without('skipped', 'the run ended before it had its turn');
  if (record.state === 'failed') return without('failed', record.reason);
  if (output === undefined) return without('failed', 'its output is no longer in the run folder');
  return reads === 'go-bench' ? readBenchmarks(output) : readJson(output);
}

function readBenchmarks(output: string): ProbeResult {
  const figures = readGoBench(output);
  if (Object.keys(figures).length === 0) return without('failed', `it printed no benchmark: ${head(output)}`);
  return { state: 'done', reason: null, figures };
}

function readJson(output: string): ProbeResult {
  let document: unknown;
  try {
    document = JSON.parse(output);
  } catch {
    return without('failed', `it printed no JSON: ${head(output)}`);
  }
  const { figures, skipped } = asObject(document);
  if (typeof skipped === 'string') return without('skipped', skipped);
  const entries = Object.entries(asObject(figures));
  const read = entries.map(([id, written]): [string, ProbeFigure | undefined] => [id, readOne(written)]);
  const wrong = read.find(([, figure]) => figure === undefined);
  if (wrong) return without('failed', `its figure ${wrong[0]} is no value`);
  if (read.length === 0) return without('failed', 'it printed no figures');
  return { state: 'done', reason: null, figures: Object.fromEntries(read) as Record<string, ProbeFigure> };
}

/** `3`, `"text"`, `true`, or `{"value": 3, "unit": "us"}`. */
function readOne(written: unknown): ProbeFigure | undefined {
  if (isValue(written)) return { value: written, unit: '' };
  const { value, unit } = asObject(written);
  if (!isValue(value)) return undefined;
  return { value, unit: typeof unit === 'string' ? unit : '' };
}

/** JSON has no infinity, but a number too large for a double becomes one. */
function isValue(value: unknown): value is number | string | boolean {
  return typeof value === 'number' ? Number.isFinite(value) : ['string', 'boolean'].includes(typeof value);
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function without(state: 'skipped' | 'failed', reason: string): ProbeResult {
  return { state, reason, figures: {} };
}

function head(output: string): string {
  const text = output.trim();
  if (text === '') return 'nothing at all';
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}
