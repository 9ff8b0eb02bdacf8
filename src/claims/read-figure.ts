import type { Cell } from '../model/cell.ts';
import type { FigureGroup, FigureSource, ProbeResult } from '../model/claim.ts';
import type { ArmComparison } from '../model/comparison.ts';

/** What claims are judged by: the published rows, and what probes printed. */
export interface ClaimGround {
  arms: readonly ArmComparison[];
  probes: Readonly<Record<string, ProbeResult>>;
  /** What each rule that could not judge a row was missing, by row and code: such a finding is not absent. */
  undecided: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A figure with its spread over the rounds, or what is missing. */
export type FigureReading =
  | {
      known: true;
      source: string;
      value: number | string | boolean;
      /** Lowest and highest plausible value: the rounds' range, else the 95 % interval, else the value twice. */
      spread: [low: number, high: number];
      unit: string;
      trials: string[];
    }
  | { known: false; source: string; missing: string };

/** The figure that a condition names. Its `missing` is one sentence for the reader. */
export function readFigure(source: FigureSource, ground: ClaimGround): FigureReading {
  if (source.from === 'probe') return readProbeFigure(source.probe, source.id, ground);
  const name = nameFigure(source);
  const arm = findArm(source.arm, ground.arms);
  if (!arm) return { known: false, source: name, missing: `${source.arm} was not part of this run` };
  if (source.from === 'request') return readRequestLength(arm, name);
  const cell = groupOf(arm, source.from)[source.id];
  const absent = explainAbsence(cell, source.from);
  if (!cell?.known) return { known: false, source: name, missing: `${name} has no value: ${absent}` };
  const value = Number(cell.value);
  return {
    known: true,
    source: name,
    value: cell.value,
    spread: cell.range ?? cell.interval ?? [value, value],
    unit: cell.unit,
    trials: trialsOf(arm, source.from),
  };
}

/** `wrk requests_per_sec`, `wrk wire rst_by_client`, `probe toolchain strict_parsing`. */
function nameFigure(source: FigureSource): string {
  switch (source.from) {
    case 'probe':
      return `probe ${source.probe} ${source.id}`;
    case 'request':
      return `${source.arm} length of its request`;
    case 'metric':
      return `${source.arm} ${source.id}`;
    default:
      return `${source.arm} ${source.from} ${source.id}`;
  }
}

/** A row by its name; with variants, a name alone means none of them. */
export function findArm(name: string, arms: readonly ArmComparison[]): ArmComparison | undefined {
  return arms.find((arm) => arm.id === name);
}

/** Finished trials that figures of a group are from. */
export function trialsOf(arm: ArmComparison, group: FigureGroup | 'request' | 'finding'): string[] {
  const kinds: Record<typeof group, readonly string[]> = {
    metric: ['measured'],
    outcome: ['measured'],
    process: ['measured'],
    truth: ['measured'],
    wire: ['evidence'],
    request: ['evidence'],
    profile: ['profile'],
    finding: ['measured', 'evidence', 'profile'],
  };
  return arm.trials
    .filter(({ kind, state }) => kinds[group].includes(kind) && state === 'done')
    .map(({ id }) => id);
}

/** The captured first request as text, or why there is none. */
export function readRequest(arm: ArmComparison): { text: string } | { missing: string } {
  const cell = arm.wire.request_bytes;
  if (!cell?.known)
    return { missing: `the request of ${arm.id} was not seen: ${explainAbsence(cell, 'wire')}` };
  return { text: Buffer.from(String(cell.value), 'base64').toString('latin1') };
}

function readRequestLength(arm: ArmComparison, name: string): FigureReading {
  const request = readRequest(arm);
  if ('missing' in request) return { known: false, source: name, missing: request.missing };
  const { length } = request.text;
  return {
    known: true,
    source: name,
    value: length,
    spread: [length, length],
    unit: 'bytes',
    trials: trialsOf(arm, 'request'),
  };
}

function readProbeFigure(name: string, id: string, { probes }: ClaimGround): FigureReading {
  const source = nameFigure({ from: 'probe', probe: name, id });
  const probe = probes[name];
  if (!probe) return { known: false, source, missing: `probe ${name} was not run` };
  if (probe.state !== 'done')
    return { known: false, source, missing: `probe ${name} ${probe.state}: ${probe.reason}` };
  const figure = Object.hasOwn(probe.figures, id) ? probe.figures[id] : undefined;
  if (!figure) return { known: false, source, missing: `probe ${name} printed no figure ${id}` };
  const value = Number(figure.value);
  return {
    known: true,
    source,
    value: figure.value,
    spread: [value, value],
    unit: figure.unit,
    trials: [`probe ${name}`],
  };
}

function groupOf(arm: ArmComparison, group: FigureGroup): Readonly<Record<string, Cell | undefined>> {
  switch (group) {
    case 'metric':
      return arm.metrics;
    case 'outcome':
      return arm.outcomes;
    case 'profile':
      return arm.profile ?? {};
    default:
      return arm[group];
  }
}

function explainAbsence(cell: Cell | undefined, group: FigureGroup): string {
  if (cell && !cell.known) return cell.detail;
  return group === 'profile' ? 'the scenario asks for no profile' : 'it is not collected';
}
