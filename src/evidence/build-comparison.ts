import { evaluateClaims } from '../claims/evaluate-claims.ts';
import { evaluateRules } from '../findings/rank-findings.ts';
import { evaluateSlos } from '../gate/evaluate-slos.ts';
import { judgeVariants } from '../gate/judge-variants.ts';
import type { Ablation, AblationRow } from '../model/ablation.ts';
import type { Cell, Reading, UnknownReading } from '../model/cell.ts';
import { unknown } from '../model/cell.ts';
import type { ClaimResult, ProbeResult } from '../model/claim.ts';
import type { ArmComparison, ArmTrial, Comparison } from '../model/comparison.ts';
import type { ArmEvidence, TrialEvidence } from '../model/evidence.ts';
import type { JudgedArm } from '../model/finding.ts';

export type { JudgedArm } from '../model/finding.ts';

import type { Finding } from '../model/finding.ts';
import { METRIC_IDS, METRICS, type MetricId } from '../model/metrics.ts';
import { OUTCOME_ROWS, type OutcomeRow } from '../model/outcome.ts';
import type { Arm } from '../model/plan.ts';
import type {
  FunctionShare,
  ProfileDetail,
  ProfileEvidence,
  ProfileFigureId,
  ProfileKind,
  StackKind,
} from '../model/profile.ts';
import type { RunRecord, TrialRecord } from '../model/run-record.ts';
import type { Unit } from '../model/units.ts';
import type { WireMetric } from '../model/wire.ts';
import { representativeTrials } from './build-arm-evidence.ts';
import { buildHeaderQuestions } from './build-header-questions.ts';
import {
  ABLATION_DEFINITIONS,
  OUTCOME_DEFINITIONS,
  PROCESS_DEFINITIONS,
  TRUTH_DEFINITIONS,
  WIRE_DEFINITIONS,
} from './definitions.ts';
import { PROFILE_DEFINITIONS } from './profile/definitions.ts';
import { flameGraphNamer } from './profile/name-flame-graph.ts';

/** Digits kept of numbers that are not whole: beyond them a measurement of this kind says nothing. */
const SIGNIFICANT_DIGITS = 6;

/**
 * The published comparison of a run. Every arm of the plan has its row, executed or not.
 * @param probes what the plan's probes printed
 */
export function buildComparison(
  run: RunRecord,
  arms: readonly JudgedArm[],
  verdict: string,
  probes: Record<string, ProbeResult> = {},
): Comparison {
  const first = run.plan.arms[0];
  if (!first) throw new Error('a plan has at least one arm');
  const compared = arms.map((judged) => compareArm(run, judged));
  const slo = evaluateSlos(run, compared);
  const headers = buildHeaderQuestions(
    compared.map((row, index) => ({ arm: arms[index]!.arm, compared: row })),
  );
  return {
    schema: 'ssee-bench/comparison/1',
    verdict,
    scenario: {
      name: run.scenario.name,
      path: run.scenario.path,
      sha256: run.scenario.sha256,
      ...(run.scenario.description === undefined ? {} : { description: run.scenario.description }),
    },
    startedAt: run.startedAt,
    state: run.state,
    harnessVersion: run.harnessVersion,
    environment: run.environment,
    load: {
      connections: first.connections,
      durationMs: first.durationMs,
      timeoutMs: first.timeoutMs,
      rounds: run.plan.rounds,
      stream: first.stream,
    },
    problems: [...run.problems],
    arms: compared,
    ...(headers.length > 0 ? { headers } : {}),
    claims: judgeClaims(run, arms, compared, probes),
    ...(Object.keys(probes).length > 0 ? { probes } : {}),
    slo,
    ...(run.plan.arms.some(({ faults }) => faults?.timeline)
      ? { resilience: arms.flatMap(({ resilience }) => resilience ?? []) }
      : {}),
    gate: judgeVariants(run, arms, run.scenario.name, { spec: run.plan.gate, slos: slo }) ?? {},
  };
}

function judgeClaims(
  run: RunRecord,
  judged: readonly JudgedArm[],
  arms: readonly ArmComparison[],
  probes: Record<string, ProbeResult>,
): ClaimResult[] {
  const { claims = [] } = run.plan;
  if (claims.length === 0) return [];
  const undecided = Object.fromEntries(
    judged.flatMap(({ arm, evidence }) => (evidence ? [[arm.id, rulesWithoutData(evidence)]] : [])),
  );
  return evaluateClaims(claims, { arms, probes, undecided }, { file: run.scenario.path });
}

/** What each rule that could not judge was missing, by its code. */
function rulesWithoutData(evidence: ArmEvidence): Record<string, string> {
  return Object.fromEntries(
    evaluateRules(evidence).flatMap(({ code, verdict }) =>
      verdict.outcome === 'insufficient-data' ? [[code, verdict.missing.join(', ')]] : [],
    ),
  );
}

/** Why an arm has no figures, or undefined when it has: the reason of its first trial that did not end well. */
function reasonOfAbsence(run: RunRecord, { arm, evidence, probe }: JudgedArm): string | undefined {
  if (evidence) return undefined;
  if (probe && !probe.available) return `${probe.reason}; ${probe.remedy}`;
  const record = run.trials.find((trial) => trial.armId === arm.id && trial.reason !== undefined);
  return record?.reason ?? `the run ended before ${arm.id} had its turn`;
}

function compareArm(run: RunRecord, judged: JudgedArm): ArmComparison {
  const { arm, evidence, findings, probe } = judged;
  const records = run.trials.filter((trial) => trial.armId === arm.id);
  const reason = reasonOfAbsence(run, judged);
  const measured = representativeTrials(evidence?.trials ?? []);
  return {
    id: arm.id,
    tool: arm.tool,
    toolVersion: probe?.available ? probe.version : null,
    variant: arm.variant ?? null,
    ...(arm.replay === undefined ? {} : { replay: arm.replay }),
    ...(arm.bare ? { bare: arm.bare } : {}),
    ...(arm.durationMs === run.plan.arms[0]?.durationMs ? {} : { durationMs: arm.durationMs }),
    target: describeTarget(arm, records),
    trials: records.map((record) =>
      compareTrial(
        record,
        evidence?.trials.find((trial) => trial.trialId === record.id),
      ),
    ),
    metrics: metricCells(evidence, measured, reason),
    outcomes: outcomeCells(evidence, measured, reason),
    wire: wireCells(evidence, records, reason),
    process: processCells(evidence, measured, reason),
    truth: truthCells(arm, evidence, measured, reason),
    ...profileParts(run, arm, evidence, records, reason),
    ...(evidence?.ablation ? { ablation: publishAblation(evidence.ablation) } : {}),
    findings: reason === undefined ? findings : [notMeasured(arm, reason)],
    caveats: [...new Set((evidence?.trials ?? []).flatMap((trial) => trial.caveats))],
  };
}

function notMeasured(arm: Arm, reason: string): Finding {
  return {
    code: 'unproven',
    outcome: 'unproven',
    rank: 1,
    sentence: `${arm.id} was not measured: ${reason}`,
    because: [],
    against: [],
  };
}

function describeTarget(arm: Arm, records: readonly TrialRecord[]): ArmComparison['target'] {
  const record = records.find((trial) => trial.target)?.target;
  const { use, command, url } = arm.target;
  return {
    name: record?.name ?? use ?? url ?? command?.join(' ') ?? 'none',
    version: record?.version ?? null,
    fallbackReason: record?.fallbackReason ?? null,
  };
}

function compareTrial(record: TrialRecord, evidence: TrialEvidence | undefined): ArmTrial {
  const metrics: Partial<Record<MetricId, Cell>> = {};
  for (const id of METRIC_IDS) {
    const reading = evidence?.metrics[id];
    if (reading?.known) metrics[id] = cellOf(reading, METRICS[id].unit, METRICS[id].definition);
  }
  return {
    id: record.id,
    kind: record.kind,
    round: record.round,
    state: record.state,
    reason: record.reason ?? null,
    argv: record.argv ?? null,
    metrics,
  };
}

function metricCells(
  evidence: ArmEvidence | undefined,
  measured: readonly TrialEvidence[],
  reason: string | undefined,
): Record<MetricId, Cell> {
  const cells = {} as Record<MetricId, Cell>;
  for (const id of METRIC_IDS) {
    const { unit, definition } = METRICS[id];
    const reading = evidence?.metrics[id] ?? absent(reason);
    const rounds = measured.flatMap((trial) => valuesOf(trial.metrics[id]));
    cells[id] = cellOf(reading, unit, definition, rounds);
  }
  return cells;
}

function outcomeCells(
  evidence: ArmEvidence | undefined,
  measured: readonly TrialEvidence[],
  reason: string | undefined,
): Record<OutcomeRow, Cell> {
  const cells = {} as Record<OutcomeRow, Cell>;
  for (const row of OUTCOME_ROWS) {
    const { unit, definition } = OUTCOME_DEFINITIONS[row];
    const reading = evidence?.outcomes[row] ?? absent(reason);
    const rounds = measured.flatMap((trial) => valuesOf(trial.outcomes[row]));
    cells[row] = sumCellOf(reading, unit, definition, rounds.length);
  }
  return cells;
}

function wireCells(
  evidence: ArmEvidence | undefined,
  records: readonly TrialRecord[],
  reason: string | undefined,
): Record<string, Cell> {
  const cells: Record<string, Cell> = {};
  for (const [id, { unit, definition }] of Object.entries(WIRE_DEFINITIONS)) {
    const reading = evidence?.wire?.[id as WireMetric] ?? absent(reason ?? reasonOfNoWire(records));
    cells[id] = cellOf(reading, unit, definition);
  }
  return cells;
}

function reasonOfNoWire(records: readonly TrialRecord[]): string {
  const record = records.find((trial) => trial.kind === 'evidence');
  if (!record) return 'the plan has no evidence trial for this arm, or it was not reached';
  if (record.capture && record.capture.state !== 'done') return record.capture.reason;
  if (record.reason !== undefined) return record.reason;
  return record.capture ? 'the capture file is no longer in the run folder' : 'capture is off';
}

function processCells(
  evidence: ArmEvidence | undefined,
  measured: readonly TrialEvidence[],
  reason: string | undefined,
): Record<string, Cell> {
  const cells: Record<string, Cell> = {};
  for (const [id, { key, scale, unit, definition, whyNot }] of Object.entries(PROCESS_DEFINITIONS)) {
    const value = evidence?.process[key];
    const reading: Reading =
      value === undefined
        ? absent(reason ?? whyNot?.(evidence?.process ?? {}) ?? 'not observed in this trial')
        : { known: true, value: value * scale };
    const rounds = measured.flatMap((trial) => {
      const stored = trial.process?.[key];
      return stored === undefined ? [] : [stored * scale];
    });
    cells[id] = cellOf(reading, unit, definition, rounds);
  }
  return cells;
}

function truthCells(
  arm: Arm,
  evidence: ArmEvidence | undefined,
  measured: readonly TrialEvidence[],
  reason: string | undefined,
): Record<string, Cell> {
  const cells: Record<string, Cell> = {};
  for (const [id, { read, unit, definition, over, whyNot }] of Object.entries(TRUTH_DEFINITIONS)) {
    const value = evidence && read(evidence);
    const rounds = measured.flatMap((trial) => read(trial) ?? []);
    const some = describeSomeRounds(rounds, measured);
    const why = whyNot && evidence ? (some ?? whyNot(evidence)) : reasonOfNoTruth(arm, evidence, some);
    const reading: Reading = value === undefined ? absent(reason ?? why) : { known: true, value };
    cells[id] =
      over === 'median'
        ? cellOf(reading, unit, definition, rounds)
        : sumCellOf(reading, unit, definition, rounds.length);
  }
  return cells;
}

/** A figure that some rounds have and others lack; undefined where none has it. */
function describeSomeRounds(
  rounds: readonly number[],
  measured: readonly TrialEvidence[],
): string | undefined {
  return rounds.length === 0 || rounds.length === measured.length
    ? undefined
    : `only ${rounds.length} of ${measured.length} rounds have it`;
}

function publishAblation({ rows, ...ablation }: Ablation): Ablation<Cell> {
  const { unit, definition } = METRICS[ablation.metric];
  const publish = (id: keyof typeof ABLATION_DEFINITIONS, reading: Reading): Cell =>
    cellOf(reading, ABLATION_DEFINITIONS[id].unit, ABLATION_DEFINITIONS[id].definition);
  return {
    ...ablation,
    rows: rows.map(
      (row): AblationRow<Cell> => ({
        change: row.change,
        header: row.header,
        bytes: row.bytes,
        rate: cellOf(row.rate, unit, definition),
        ...(row.rate_ratio ? { rate_ratio: publish('rate_ratio', row.rate_ratio) } : {}),
        ttfb_us_p50: cellOf(row.ttfb_us_p50, METRICS.ttfb_us_p50.unit, METRICS.ttfb_us_p50.definition),
        header_parse_us_p50: publish('header_parse_us_p50', row.header_parse_us_p50),
        header_parse_us_mean: publish('header_parse_us_mean', row.header_parse_us_mean),
      }),
    ),
  };
}

/** Nothing where the plan has no profile trial for the arm. */
function profileParts(
  run: RunRecord,
  arm: Arm,
  evidence: ArmEvidence | undefined,
  records: readonly TrialRecord[],
  reason: string | undefined,
): Pick<ArmComparison, 'profile' | 'profileDetail'> {
  const planned = run.plan.trials.find((trial) => trial.kind === 'profile' && trial.armId === arm.id);
  if (!planned) return {};
  const why =
    records.find(({ kind }) => kind === 'profile')?.reason ?? reason ?? 'the run ended before it was taken';
  const cells = {} as Record<ProfileFigureId, Cell>;
  for (const [id, { unit, definition }] of Object.entries(PROFILE_DEFINITIONS)) {
    const figure = id as ProfileFigureId;
    cells[figure] = cellOf(evidence?.profile?.figures[figure] ?? absent(why), unit, definition);
  }
  return {
    profile: cells,
    ...(evidence?.profile
      ? { profileDetail: describeProfile(evidence.profile, flameGraphNamer(run.plan, arm)) }
      : {}),
  };
}

function describeProfile(
  { trialId, source, hot, items }: ProfileEvidence,
  flameGraph: (kind: StackKind) => string,
): ProfileDetail {
  const isDrawn = (kind: ProfileKind): kind is StackKind => hot.some((functions) => functions.kind === kind);
  return {
    trial: trialId,
    source,
    files: items.flatMap((item): ProfileDetail['files'] =>
      item.state === 'failed'
        ? [{ kind: item.kind, file: null, flameGraph: null, reason: item.reason }]
        : item.files.map((file, index) => ({
            kind: item.kind,
            file: `trials/${trialId}/${file}`,
            flameGraph: index === 0 && isDrawn(item.kind) ? flameGraph(item.kind) : null,
            reason: null,
          })),
    ),
    hot: hot.map((functions) => ({
      ...functions,
      total: tidy(functions.total),
      bySelf: functions.bySelf.map(tidyShares),
      byCumulative: functions.byCumulative.map(tidyShares),
    })),
  };
}

function tidyShares({ name, self, cumulative }: FunctionShare): FunctionShare {
  return { name, self: tidy(self), cumulative: tidy(cumulative) };
}

function reasonOfNoTruth(arm: Arm, evidence: ArmEvidence | undefined, some: string | undefined): string {
  if (evidence?.truth) return some ?? 'the target exports no such counter';
  if (arm.target.metrics === undefined) return 'the scenario names no metrics path of the target';
  return "the target's counters could not be read before and after every round";
}

function absent(reason: string | undefined): UnknownReading {
  return unknown('not-collected', reason ?? 'not collected');
}

function valuesOf(reading: Reading): number[] {
  return reading.known ? [reading.value] : [];
}

/** A reading with unit and definition; `rounds` are the values of the measured rounds it rests on. */
function cellOf(
  reading: Reading<number | string | boolean>,
  unit: Unit,
  definition: string,
  rounds: readonly number[] = [],
): Cell {
  if (!reading.known) return reading;
  return {
    known: true,
    value: typeof reading.value === 'number' ? tidy(reading.value) : reading.value,
    unit,
    ...(reading.interval
      ? { interval: [tidy(reading.interval[0]), tidy(reading.interval[1])] as [number, number] }
      : {}),
    ...(rounds.length > 1
      ? { range: [tidy(Math.min(...rounds)), tidy(Math.max(...rounds))] as [number, number] }
      : {}),
    ...(rounds.length > 0 ? { rounds: rounds.length } : {}),
    definition,
    ...(reading.note ? { note: reading.note } : {}),
  };
}

/** The cell of a sum over rounds: a range of rounds beside it would not contain it. */
function sumCellOf(reading: Reading, unit: Unit, definition: string, rounds: number): Cell {
  const cell = cellOf(reading, unit, definition);
  return cell.known && rounds > 0 ? { ...cell, rounds } : cell;
}

function tidy(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(SIGNIFICANT_DIGITS));
}
