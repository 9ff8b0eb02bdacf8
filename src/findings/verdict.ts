import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Finding } from '../model/finding.ts';
import type { Arm } from '../model/plan.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { ToolProbe } from '../model/tool.ts';
import { formatDuration } from '../model/units.ts';
import { formatCount, formatPercent, formatRate, formatUs } from '../stats/format-figure.ts';
import { median } from '../stats/median.ts';
import { foreignCpu } from './cpu-load.ts';
import { meanStreamUs } from './stream-duration.ts';

/** An arm with what was found out about it. */
export interface VerdictArm {
  arm: Arm;
  evidence: ArmEvidence | undefined;
  findings: readonly Finding[];
  probe: ToolProbe | undefined;
}

interface MeasuredArm extends VerdictArm {
  evidence: ArmEvidence;
}

/**
 * The first sentence of every report: what the run shows, composed from the findings and their figures. What limits
 * its meaning (cut off, other target, disturbed, busy load generator) comes before what it says.
 */
export function writeVerdict(run: RunRecord, arms: readonly VerdictArm[]): string {
  const measured = arms.filter((arm): arm is MeasuredArm => arm.evidence !== undefined);
  const clauses = [
    ...stateClauses(run),
    ...fallbackClauses(measured),
    ...disturbanceClauses(measured),
    ...(measured.length === 0 ? ['nothing was measured'] : findingClauses(measured)),
    ...skippedClauses(run, arms),
  ];
  const first = run.plan.arms[0];
  const load = first
    ? `${first.connections} connections, ${formatDuration(first.durationMs)}`
    : run.scenario.name;
  return `${load}: ${clauses.join('; ')}.`;
}

function stateClauses(run: RunRecord): string[] {
  if (run.state === 'done') return [];
  const planned = run.plan.trials.length;
  const done = run.trials.filter((trial) => trial.state === 'done').length;
  const how = { interrupted: 'interrupted', running: 'cut off in mid-run', failed: 'failed' }[run.state];
  return [`the run was ${how} after ${done} of ${planned} trials`];
}

function fallbackClauses(arms: readonly MeasuredArm[]): string[] {
  const clauses = arms.flatMap(({ evidence }) =>
    evidence.trials.flatMap(({ target }) =>
      target?.fallbackReason === undefined
        ? []
        : [`measured on the fallback target ${target.name} (${oneLine(target.fallbackReason)})`],
    ),
  );
  return [...new Set(clauses)];
}

function disturbanceClauses(arms: readonly MeasuredArm[]): string[] {
  const disturbed = arms.filter(({ evidence }) => foreignCpu(evidence.process) !== undefined);
  if (disturbed.length === 0) return [];
  const most = Math.max(...disturbed.map(({ evidence }) => foreignCpu(evidence.process) ?? 0));
  const whom = disturbed.length === arms.length ? 'every tool' : names(disturbed);
  return [`other programs used up to ${formatPercent(most)} of the machine's CPU time and disturbed ${whom}`];
}

/** One clause per kind of rank-1 finding. */
function findingClauses(arms: readonly MeasuredArm[]): string[] {
  const byCode = new Map<string, MeasuredArm[]>();
  for (const arm of arms) {
    const code = arm.findings[0]?.code ?? 'unproven';
    byCode.set(code, [...(byCode.get(code) ?? []), arm]);
  }
  const order = Object.keys(CLAUSES);
  return [...byCode]
    .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
    .flatMap(([code, group]) => CLAUSES[code]?.(group) ?? group.map((arm) => `${arm.arm.id}: ${code}`));
}

function isBlindToAnswers({ evidence }: MeasuredArm): boolean {
  return evidence.trials.some(({ contradiction }) => contradiction?.blindness !== undefined);
}

function misreportClause(group: readonly MeasuredArm[], what: string): string[] {
  return group.length === 0
    ? []
    : [`what ${names(group)} ${verb(group, 'reports', 'report')} contradicts ${what}`];
}

/** Words per finding, in the order in which they are said: what spoils the comparison comes first. */
const CLAUSES: Record<string, (group: readonly MeasuredArm[]) => string[]> = {
  'client-cpu-saturated': (group) => [
    `${names(group)} ${verb(group, 'is', 'are')} limited by ${verb(group, 'its', 'their')} own CPU, so ${verb(group, 'that row describes', 'those rows describe')} the load generator`,
  ],
  refused: (group) => lossClause(group, 'connections are refused to'),
  'server-resets': (group) => lossClause(group, 'the server resets streams of'),
  'server-closes-early': (group) => lossClause(group, 'the server closes streams too early on'),
  'events-lost': (group) => lossClause(group, 'events are missing from streams of'),
  'tool-misreports': (group) => [
    ...misreportClause(
      group.filter((arm) => !isBlindToAnswers(arm)),
      'the target or the wire',
    ),
    ...misreportClause(group.filter(isBlindToAnswers), 'what was seen of the answers to the same request'),
  ],
  'stream-paced': (group) => [...pacedFinite(group), ...pacedEndless(group)],
  'server-cpu-saturated': (group) => [`the server's CPU limits ${names(group)}${rates(group)}`],
  'tool-rate-limited': (group) =>
    group.map(
      ({ arm }) =>
        `${arm.id} is capped by its own limit of ${formatRate((arm.ratePerConnection ?? 0) * arm.connections)} requests/s`,
    ),
  'endless-response': (group) => [
    ...withoutRate(
      group.filter(({ arm }) => arm.stream === 'endless'),
      'these never finish',
    ),
    ...withoutRate(
      group.filter(({ arm }) => arm.stream === 'finite'),
      'none of these finished within the run',
    ),
  ],
  unproven: (group) => [`what limits ${names(group)} is unproven`],
};

/** One arm's own sentence has its figure; of several arms the figures stand below the table. */
function lossClause(group: readonly MeasuredArm[], what: string): string[] {
  const [first, ...others] = group;
  if (!first || others.length > 0) return [`${what} ${names(group)}`];
  return [`${first.arm.id}: ${lowerFirst(first.findings[0]?.sentence ?? '')}`];
}

function pacedFinite(group: readonly MeasuredArm[]): string[] {
  const finite = group.filter(({ arm }) => arm.stream === 'finite');
  const clauses: string[] = [];
  for (const arms of groupBy(finite, ({ arm }) => `${arm.variant ?? ''} ${arm.connections}`)) {
    const us = median(arms.flatMap(({ evidence }) => meanStreamUs(evidence) ?? []));
    const first = arms[0];
    if (us === undefined || !first) continue;
    const possible = (first.arm.connections * 1e6) / us;
    const variant = first.arm.variant === undefined ? '' : ` of ${first.arm.variant}`;
    clauses.push(
      `the streams${variant} last ${formatUs(us)} because the server paces their events, so about ${formatRate(Number(possible.toPrecision(3)))} requests/s is all any tool can reach`,
      ...agreement(arms),
    );
  }
  return clauses;
}

function agreement(arms: readonly MeasuredArm[]): string[] {
  const values = arms.flatMap(({ evidence }) => readingValue(evidence.metrics.requests_per_sec) ?? []);
  if (arms.length < 2 || values.length < arms.length)
    return [`${names(arms)} ${verb(arms, 'is', 'are')} there`];
  const middle = median(values);
  if (middle === undefined || middle <= 0) return [];
  const spread = (Math.max(...values) - Math.min(...values)) / middle;
  return [`${names(arms)} agree within ${formatPercent(spread)}`];
}

function pacedEndless(group: readonly MeasuredArm[]): string[] {
  return group.flatMap(({ arm, evidence }) => {
    if (arm.stream !== 'endless') return [];
    const held = readingValue(evidence.outcomes.held);
    const attempted = readingValue(evidence.outcomes.attempted);
    const rate = readingValue(evidence.metrics.events_per_sec);
    if (held === undefined || attempted === undefined || rate === undefined) return [];
    const streams =
      held === attempted ? `all ${formatCount(held)}` : `${formatCount(held)} of ${formatCount(attempted)}`;
    return [
      `${arm.id} held ${streams} streams and got ${formatRate(rate)} events/s, which is the server's own pace`,
    ];
  });
}

function withoutRate(group: readonly MeasuredArm[], why: string): string[] {
  if (group.length === 0) return [];
  return [
    `${names(group)} ${verb(group, 'counts', 'count')} finished responses and ${why}, so ${verb(group, 'it has', 'they have')} no rate`,
  ];
}

function rates(group: readonly MeasuredArm[]): string {
  const said = group.flatMap(({ evidence }) => {
    const perSecond = readingValue(evidence.metrics.requests_per_sec);
    if (perSecond !== undefined) return [`${formatRate(perSecond)} requests/s`];
    const events = readingValue(evidence.metrics.events_per_sec);
    return events === undefined ? [] : [`${formatRate(events)} events/s`];
  });
  return said.length === group.length ? ` (${said.join(', ')})` : '';
}

function skippedClauses(run: RunRecord, arms: readonly VerdictArm[]): string[] {
  return arms.flatMap(({ arm, evidence, probe }) => {
    if (evidence) return [];
    if (probe && !probe.available) return [`${arm.id} was skipped (${oneLine(probe.reason)})`];
    const record = run.trials.find((trial) => trial.armId === arm.id && trial.reason !== undefined);
    if (!record) return run.state === 'done' ? [`${arm.id} was not measured`] : [];
    const what =
      record.state === 'skipped' ? 'was skipped' : record.state === 'failed' ? 'failed' : 'was cut off';
    return [`${arm.id} ${what} (${oneLine(record.reason ?? '')})`];
  });
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}

function names(group: readonly VerdictArm[]): string {
  const ids = group.map(({ arm }) => arm.id);
  return ids.length < 2 ? ids.join('') : `${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}`;
}

function verb(group: readonly VerdictArm[], one: string, many: string): string {
  return group.length === 1 ? one : many;
}

function lowerFirst(sentence: string): string {
  return oneLine(sentence.charAt(0).toLowerCase() + sentence.slice(1));
}

/** A reason as part of a sentence: no line breaks, no full stop at its end. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
}
