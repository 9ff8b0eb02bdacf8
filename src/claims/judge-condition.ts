import type { ClaimCondition, ClaimEvidence, ComparisonOperator, FigureSource } from '../model/claim.ts';
import { formatFigure } from './format-figure.ts';
import {
  type ClaimGround,
  type FigureReading,
  findArm,
  readFigure,
  readRequest,
  trialsOf,
} from './read-figure.ts';

/** Whether a condition holds, with what that rests on. `holds` is null where evidence is missing or the rounds disagree. */
export interface Judged {
  holds: boolean | null;
  evidence: ClaimEvidence[];
  missing: string[];
}

/** Three-valued logic (Kleene): what is unknown decides nothing, and does not keep the rest from deciding. */
export function judgeCondition(condition: ClaimCondition, ground: ClaimGround): Judged {
  switch (condition.kind) {
    case 'all':
      return combine(condition.of, ground, false);
    case 'any':
      return combine(condition.of, ground, true);
    case 'not': {
      const inner = judgeCondition(condition.of, ground);
      return { ...inner, holds: inner.holds === null ? null : !inner.holds };
    }
    case 'header':
      return judgeHeader(condition, ground);
    case 'finding':
      return judgeFinding(condition, ground);
    case 'compare':
      return judgeComparison(condition, ground);
  }
}

/** `decisive` is the value of one part that settles the whole: true of any, false of all. */
function combine(conditions: readonly ClaimCondition[], ground: ClaimGround, decisive: boolean): Judged {
  const parts = conditions.map((condition) => judgeCondition(condition, ground));
  const evidence = parts.flatMap((part) => part.evidence);
  if (parts.some(({ holds }) => holds === decisive)) return { holds: decisive, evidence, missing: [] };
  const missing = parts.flatMap((part) => (part.holds === null ? part.missing : []));
  return { holds: parts.some(({ holds }) => holds === null) ? null : !decisive, evidence, missing };
}

function judgeHeader(
  { arm: name, name: header, sent, equals }: Extract<ClaimCondition, { kind: 'header' }>,
  { arms }: ClaimGround,
): Judged {
  const arm = findArm(name, arms);
  if (!arm) return unknownBecause(`${name} was not part of this run`);
  const request = readRequest(arm);
  if ('missing' in request) return unknownBecause(request.missing);
  const value = fieldOf(request.text, header);
  const isThere = value !== undefined && (equals === undefined || value === equals);
  const what = equals === undefined ? header : `${header}: ${equals}`;
  return certain(isThere === sent, {
    sentence: `${name} sends ${value === undefined ? `no ${header}` : `${header}: ${value}`}; asked: ${sent ? '' : 'no '}${what}`,
    figure: { source: `${name} request ${header}`, value: value ?? 'not sent', unit: '' },
    stated: null,
    trials: trialsOf(arm, 'request'),
  });
}

/** The value of a field of a request head; undefined where it is not there. */
function fieldOf(request: string, name: string): string | undefined {
  const [head = ''] = request.split('\r\n\r\n');
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0 && line.slice(0, colon).toLowerCase() === name.toLowerCase())
      return line.slice(colon + 1).trim();
  }
  return undefined;
}

function judgeFinding(
  { arm: name, code, present, rank }: Extract<ClaimCondition, { kind: 'finding' }>,
  { arms, undecided }: ClaimGround,
): Judged {
  const arm = findArm(name, arms);
  if (!arm) return unknownBecause(`${name} was not part of this run`);
  const trials = trialsOf(arm, 'finding');
  if (trials.length === 0) return unknownBecause(`${name} was not measured`);
  const lacking = undecided[name]?.[code];
  if (lacking !== undefined)
    return unknownBecause(`${name}: ${code} could not be judged, for want of ${lacking}`);
  const finding = arm.findings.find((candidate) => candidate.code === code && candidate.outcome === 'found');
  const isThere = finding !== undefined && (rank === undefined || finding.rank <= rank);
  const found = finding ? `is found at rank ${finding.rank}` : 'is not found';
  return certain(isThere === present, {
    sentence: `${name}: ${code} ${found}; asked: ${present ? 'found' : 'not found'}${rank === undefined ? '' : ` at rank ${rank} or before`}`,
    figure: { source: `${name} finding ${code}`, value: finding?.rank ?? 'not found', unit: '' },
    stated: null,
    trials,
  });
}

function judgeComparison(
  { figure, operator, operand, within }: Extract<ClaimCondition, { kind: 'compare' }>,
  ground: ClaimGround,
): Judged {
  const left = readFigure(figure, ground);
  if (!left.known) return unknownBecause(left.missing);
  const right: FigureReading = 'figure' in operand ? readFigure(operand.figure, ground) : constant(operand);
  if (!right.known) return unknownBecause(right.missing);
  const times = 'figure' in operand ? operand.times : 1;
  const asked = `asked: ${describeAsked(operator, operand, right, left.unit, within)}`;
  const evidence = {
    sentence: `${left.source} is ${showReading(left)}; ${asked}`,
    figure: { source: left.source, value: left.value, unit: left.unit },
    stated: 'figure' in operand ? null : operand.value,
    trials: [...new Set([...left.trials, ...right.trials])],
  };
  const holds = compare(left, operator, right, times, within ?? 0);
  if (holds !== null) return certain(holds, evidence);
  const missing =
    typeof left.value === 'number' && typeof right.value === 'number'
      ? `${left.source} is ${showReading(left)}, which is on both sides of what is asked (${asked.slice('asked: '.length)}); more rounds or a quieter machine`
      : `${left.source} and ${right.source} are not both numbers`;
  return { holds: null, evidence: [{ ...evidence, holds: null }], missing: [missing] };
}

/** A figure of which nothing is asked. */
export function showFigure(source: FigureSource, ground: ClaimGround): Judged {
  const reading = readFigure(source, ground);
  if (!reading.known) return unknownBecause(reading.missing);
  const { source: name, value, unit, trials } = reading;
  const evidence = {
    sentence: `${name} is ${showReading(reading)}`,
    holds: null,
    shown: true as const,
    figure: { source: name, value, unit },
    stated: null,
    trials: [...trials],
  };
  return { holds: null, evidence: [evidence], missing: [] };
}

/** True or false only where it is so over the whole spread of both sides. */
function compare(
  left: Extract<FigureReading, { known: true }>,
  operator: ComparisonOperator,
  right: Extract<FigureReading, { known: true }>,
  times: number,
  within: number,
): boolean | null {
  const areNumbers = typeof left.value === 'number' && typeof right.value === 'number';
  if (!areNumbers) return operator === 'equals' ? left.value === right.value : null;
  const [low, high] = left.spread;
  const [from, to] = right.spread.map((bound) => bound * times) as [number, number];
  switch (operator) {
    case 'above':
      return settle(low > to, high <= from);
    case 'atLeast':
      return settle(low >= to, high < from);
    case 'below':
      return settle(high < from, low >= to);
    case 'atMost':
      return settle(high <= from, low > to);
    case 'equals': {
      const [least, most] = [from - Math.abs(from) * within, to + Math.abs(to) * within];
      // Inside the narrowest band that the right side allows, or outside of the widest.
      const [innerLeast, innerMost] = [to - Math.abs(to) * within, from + Math.abs(from) * within];
      return settle(low >= innerLeast && high <= innerMost, high < least || low > most);
    }
  }
}

function settle(isTrue: boolean, isFalse: boolean): boolean | null {
  if (isTrue) return true;
  return isFalse ? false : null;
}

function constant({ value }: { value: number | string | boolean }): Extract<FigureReading, { known: true }> {
  const number = Number(value);
  return { known: true, source: 'a constant', value, spread: [number, number], unit: '', trials: [] };
}

const WORDS: Record<ComparisonOperator, string> = {
  above: 'above',
  below: 'below',
  atLeast: 'at least',
  atMost: 'at most',
  equals: 'equal to',
};

function describeAsked(
  operator: ComparisonOperator,
  operand: { value: number | string | boolean } | { figure: FigureSource; times: number },
  right: Extract<FigureReading, { known: true }>,
  unit: string,
  within: number | undefined,
): string {
  const tolerance = within === undefined ? '' : ` within ${formatFigure(within, 'ratio')}`;
  if (!('figure' in operand)) return `${WORDS[operator]} ${formatFigure(operand.value, unit)}${tolerance}`;
  const factor = operand.times === 1 ? '' : `${operand.times} x `;
  return `${WORDS[operator]} ${factor}${right.source} (${showReading(right)})${tolerance}`;
}

function showReading({ value, spread: [low, high], unit }: Extract<FigureReading, { known: true }>): string {
  const shown = formatFigure(value, unit);
  return typeof value === 'number' && low < high
    ? `${shown} (${formatFigure(low, unit)} to ${formatFigure(high, unit)})`
    : shown;
}

function certain(holds: boolean, evidence: Omit<ClaimEvidence, 'holds'>): Judged {
  return { holds, evidence: [{ ...evidence, holds }], missing: [] };
}

function unknownBecause(missing: string): Judged {
  return { holds: null, evidence: [], missing: [missing] };
}
