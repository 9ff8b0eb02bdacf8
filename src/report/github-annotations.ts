import type { Comparison } from '../model/comparison.ts';
import { cleanText } from './clean-text.ts';
import { type Check, listChecks } from './list-checks.ts';
import type { ReportOptions } from './report-options.ts';

/** Types of checks nobody could judge that somebody has to look into. */
const WORTH_A_WARNING: ReadonlySet<string> = new Set([
  'skipped',
  'slo',
  'no-baseline',
  'invalid',
  'inconclusive',
]);
/** GitHub shows ten annotations of each kind per step. */
const MAX_PER_KIND = 10;

interface Annotation {
  kind: 'error' | 'warning' | 'notice';
  title: string;
  message: string;
  /** Arm whose line in the scenario it points at, where it has no place of its own; the first line without one. */
  armId?: string;
  place?: { line: number; column: number };
}

/**
 * Workflow commands for stdout of a GitHub job, one per line, worst first: what failed, what could not be
 * judged, and the verdict. They point at the line of the promise, or of the arm where that is known
 * (`options.scenarioLines`).
 */
export function reportGithubAnnotations(comparison: Comparison, options: ReportOptions = {}): string {
  const all = collect(comparison);
  const lines = (['error', 'warning', 'notice'] as const).flatMap((kind) => {
    const own = all.filter((annotation) => annotation.kind === kind);
    const shown = own.length > MAX_PER_KIND ? own.slice(0, MAX_PER_KIND - 1) : own;
    const rest = own.length - shown.length;
    return [
      ...shown,
      ...(rest > 0 ? [{ kind, title: `${rest} more`, message: `${rest} more are in the job summary` }] : []),
    ].map((annotation) => writeCommand(annotation, comparison.scenario.path, options));
  });
  return `${lines.join('\n')}\n`;
}

function collect(comparison: Comparison): Annotation[] {
  const { verdict, problems, scenario } = comparison;
  const checks = listChecks(comparison);
  const told = (check: Check, kind: Annotation['kind']): Annotation => ({
    kind,
    title: `${check.group}: ${check.name}`,
    message: check.message,
    armId: check.group,
    ...(check.place ? { place: check.place } : {}),
  });
  return [
    ...problems.map((message): Annotation => ({ kind: 'error', title: scenario.name, message })),
    ...checks.filter(({ state }) => state === 'error').map((check) => told(check, 'error')),
    ...checks.filter(({ state }) => state === 'failed').map((check) => told(check, 'error')),
    // What a tool cannot see is in the report and no surprise; what was asked for and could not be told is.
    ...checks
      .filter(({ state, type }) => state === 'unknown' && WORTH_A_WARNING.has(type))
      .map((check) => told(check, 'warning')),
    { kind: 'notice', title: scenario.name, message: verdict },
  ];
}

function writeCommand(annotation: Annotation, path: string, options: ReportOptions): string {
  const { kind, title, message, armId } = annotation;
  const place = annotation.place ?? (armId === undefined ? undefined : options.scenarioLines?.[armId]);
  const properties = [
    `file=${escapeProperty(path)}`,
    `line=${place?.line ?? 1}`,
    ...(place ? [`col=${place.column}`] : []),
    `title=${escapeProperty(title)}`,
  ];
  return `::${kind} ${properties.join(',')}::${escapeData(message)}`;
}

/** Control characters are gone before: what is left are the marks of the command itself. */
function escapeData(text: string): string {
  return cleanText(text).replaceAll('%', '%25');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
