import {
  OUTCOME_DEFINITIONS,
  PROCESS_DEFINITIONS,
  TRUTH_DEFINITIONS,
  WIRE_DEFINITIONS,
} from '../evidence/definitions.ts';
import { PROFILE_DEFINITIONS } from '../evidence/profile/definitions.ts';
import { FIGURE_GROUPS, type FigureGroup, type FigureSource } from '../model/claim.ts';
import { METRICS } from '../model/metrics.ts';
import type { Unit } from '../model/units.ts';
import { parseAmount } from './amounts.ts';

/** Every published figure by its group, with its unit. */
export const FIGURES: Record<FigureGroup, Readonly<Record<string, { unit: Unit }>>> = {
  metric: METRICS,
  outcome: OUTCOME_DEFINITIONS,
  wire: WIRE_DEFINITIONS,
  process: PROCESS_DEFINITIONS,
  truth: TRUTH_DEFINITIONS,
  profile: PROFILE_DEFINITIONS,
};

/** Keys that name what a condition is about. */
export interface WrittenSource {
  metric?: string;
  outcome?: string;
  wire?: string;
  process?: string;
  truth?: string;
  profile?: string;
  request?: string;
  probe?: string;
  figure?: string;
  arm?: string;
}

/**
 * The figure that a condition names; undefined where it names none.
 * @param same what an operand is held against: it names only what differs
 */
export function readSource(written: WrittenSource, same?: FigureSource): FigureSource | undefined {
  const { request, probe, figure } = written;
  const arm = written.arm ?? (same && 'arm' in same ? same.arm : undefined);
  if (probe !== undefined || figure !== undefined) {
    const name = probe ?? (same?.from === 'probe' ? same.probe : undefined);
    const id = figure ?? (same?.from === 'probe' ? same.id : undefined);
    return name === undefined || id === undefined ? undefined : { from: 'probe', probe: name, id };
  }
  if (arm === undefined) return undefined;
  if (request !== undefined) return { from: 'request', arm };
  const group = FIGURE_GROUPS.find((name) => written[name] !== undefined);
  const id = group && written[group];
  if (id !== undefined) return { from: group!, arm, id };
  return same && same.from !== 'probe' ? { ...same, arm } : undefined;
}

/** A constant as scenarios write it, in the figure's unit; undefined when it is none. */
export function parseConstant(written: unknown, source: FigureSource): number | undefined {
  const unit = unitOf(source);
  const amount = parseAmount(written, unit);
  if (amount !== undefined || unit !== 'ratio' || source.from === 'metric') return amount;
  // Ratios of the wire and of processes are no shares: requests per connection, threads that wait.
  const [, digits, percent] = /^(\d+(?:\.\d+)?)\s?(%?)$/.exec(String(written).trim()) ?? [];
  return digits === undefined ? undefined : Number(digits) / (percent === '%' ? 100 : 1);
}

/** The unit that constants are written in; those of probes are plain numbers. */
export function unitOf(source: FigureSource): Unit {
  if (source.from === 'request') return 'bytes';
  if (source.from === 'probe') return 'count';
  return FIGURES[source.from][source.id]?.unit ?? 'count';
}
