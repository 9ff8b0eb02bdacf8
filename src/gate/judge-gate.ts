import type {
  GateCell,
  GateProblem,
  GateResult,
  GateSpec,
  RunSide,
  SideArm,
  SloResult,
} from '../model/gate.ts';
import { isStreamRate } from '../scenario/gate-defaults.ts';
import { describeInvariant } from './describe-invariant.ts';
import { explainBroken, explainWorse } from './explain-alarm.ts';
import { findDrift } from './find-drift.ts';
import { findUnmeasured } from './find-unmeasured.ts';
import { judgeGatedCell } from './judge-cell.ts';
import { holdAgainstNights, testAgainstNights } from './judge-nights.ts';
import { isAmong, measureCells } from './measure-cells.ts';
import { findNoiseFloor, rowOf } from './noise-floor.ts';
import { poolSides } from './pool-sides.ts';

export interface GateInput {
  /** Undefined when there is none that may be compared with. */
  base: RunSide | undefined;
  head: RunSide;
  /** A second measurement of base: whatever differs is noise. */
  control?: RunSide;
  /** Earlier nights: how they differ is noise too. */
  nights?: readonly RunSide[];
  /** Base is `nights` pooled: its rounds are no series in time, and each night is one sample of how nights differ. */
  baseIsPooled?: boolean;
  spec: GateSpec;
  /** Why there is no base, or why it may not be compared with; empty when it may. */
  noBaseline: readonly string[];
  /** The scenario's promises as head kept them. */
  slos?: readonly SloResult[];
}

/**
 * The nightly verdict. Validity first: a run that failed, a base that is none, rows whose figures mean nothing. Then what
 * no noise excuses: events, resets, broken promises; they rest on counts and hold in a disturbed measurement too. Then the
 * figures, each against its noise floor.
 */
export function judgeGate(input: GateInput): GateResult {
  const { base, head, control, spec } = input;
  const sides = [base, head, control].filter((side) => side !== undefined);
  const gated = (arm: SideArm): boolean => isAmong(arm.name, spec.arms);
  const problems: GateProblem[] = [
    ...sides.flatMap((side) => harnessProblems(side, gated)),
    ...input.noBaseline.map((detail): GateProblem => ({ kind: 'no-baseline', arm: null, detail })),
    ...sides.flatMap((side) => validityProblems(side, gated)),
    ...sides
      .filter((side) => side !== base || !input.baseIsPooled)
      .flatMap((side) => driftProblems(side, spec)),
    ...(input.slos ?? []).flatMap(({ verdict, sentence }): GateProblem[] =>
      verdict === 'unknown' ? [{ kind: 'invalid', arm: null, detail: `SLO not judged: ${sentence}` }] : [],
    ),
  ];
  const invariants = head.arms.filter(gated).flatMap((arm) =>
    arm.invariants.map((invariant) => ({
      arm: arm.name,
      ...invariant,
      baseCount:
        rowOf(base, arm.name)?.invariants.find(
          ({ name, by }) => name === invariant.name && by === invariant.by,
        )?.count ?? 0,
      finding: explainBroken(invariant.name, arm, rowOf(base, arm.name)),
    })),
  );
  const { cells, missing } =
    base && input.noBaseline.length === 0 ? judgeCells(base, input, problems) : { cells: [], missing: [] };
  const brokenSlos = (input.slos ?? [])
    .filter(({ verdict }) => verdict === 'broken')
    .map(({ sentence }) => sentence);
  return concludeGate({
    schema: 'ssee-bench/gate/1',
    verdict: 'passed',
    exitCode: 0,
    sentence: '',
    scenario: head.key.scenario.name,
    base: base?.label ?? 'none',
    head: head.label,
    control: control?.label ?? null,
    alpha: spec.alpha,
    problems,
    invariants,
    brokenSlos,
    cells,
    missing,
    findings: head.arms.filter(gated).flatMap(({ name, finding }) =>
      finding
        ? [
            {
              arm: name,
              base: rowOf(base, name)?.finding?.code ?? null,
              head: finding.code,
              sentence: finding.sentence,
            },
          ]
        : [],
    ),
  });
}

function harnessProblems(side: RunSide, gated: (arm: SideArm) => boolean): GateProblem[] {
  return [
    ...(side.state === 'done'
      ? []
      : [{ kind: 'harness' as const, arm: null, detail: `${side.label}: the run is ${side.state}` }]),
    ...side.arms
      .filter(gated)
      .flatMap((arm) =>
        arm.failed.map(
          (detail): GateProblem => ({ kind: 'harness', arm: arm.name, detail: `${side.label}: ${detail}` }),
        ),
      ),
  ];
}

function validityProblems(side: RunSide, gated: (arm: SideArm) => boolean): GateProblem[] {
  return side.arms
    .filter(gated)
    .flatMap((arm) =>
      arm.invalid.map(
        (detail): GateProblem => ({ kind: 'invalid', arm: arm.name, detail: `${side.label}: ${detail}` }),
      ),
    );
}

function driftProblems(side: RunSide, spec: GateSpec): GateProblem[] {
  const least = new Map(
    spec.metrics
      .filter(({ metric }) => !isStreamRate(metric))
      .map(({ metric, maxRegression }) => [metric, maxRegression] as const),
  );
  return findDrift(side, least)
    .filter(({ arm }) => isAmong(arm, spec.arms))
    .map(({ arm, detail }): GateProblem => ({ kind: 'invalid', arm, detail }));
}

function judgeCells(
  base: RunSide,
  { head, control, nights = [], baseIsPooled, spec }: GateInput,
  problems: readonly GateProblem[],
): Pick<GateResult, 'cells' | 'missing'> {
  const byMetric = new Map(spec.metrics.map((gated) => [gated.metric, gated]));
  // The control is base once more: together they are the larger sample.
  const before = control ? poolSides([control, base], base.label) : base;
  const { cells, missing } = measureCells(before, head, [...byMetric.keys()], spec.arms);
  const nightsOf = (name: string): SideArm[] => nights.flatMap((night) => rowOf(night, name) ?? []);
  const tests = testAgainstNights(
    cells.map(({ arm, metric }) => ({ metric, head: rowOf(head, arm)!, nights: nightsOf(arm) })),
  );
  return {
    missing: [...missing, ...findUnmeasured(base, head, spec)],
    cells: cells.map((cell, index): GateCell => {
      const { maxRegression, minEffect } = byMetric.get(cell.metric)!;
      const floor = findNoiseFloor(
        rowOf(base, cell.arm)!,
        cell.metric,
        rowOf(control, cell.arm),
        nightsOf(cell.arm),
      );
      const invalid = problems.find(({ kind, arm }) => kind === 'invalid' && arm === cell.arm);
      const withinNights = invalid
        ? { verdict: 'inconclusive' as const, why: `not a valid measurement: ${invalid.detail}` }
        : judgeGatedCell(cell, { alpha: spec.alpha, cells: cells.length, maxRegression, minEffect, floor });
      const judged = baseIsPooled ? holdAgainstNights(withinNights, tests[index]!, cell.unit) : withinNights;
      const finding =
        judged.verdict === 'worse'
          ? explainWorse(cell.metric, rowOf(head, cell.arm)!, rowOf(base, cell.arm))
          : null;
      return { ...cell, ...judged, maxRegression, minEffect, floor, finding, confirmed: null };
    }),
  };
}

/** Verdict, exit code and sentence from what the result holds. */
export function concludeGate(result: GateResult): GateResult {
  const { problems, invariants, brokenSlos, cells, missing } = result;
  const harness = problems.filter(({ kind }) => kind === 'harness');
  const worse = cells.filter(({ verdict }) => verdict === 'worse');
  const open = cells.filter(({ verdict }) => verdict === 'inconclusive');
  const doubts = problems.filter(({ kind }) => kind !== 'harness');
  const broken = [
    ...invariants.map(
      (broken) =>
        `${broken.arm} has ${describeInvariant(broken)}, counted by ${broken.by} (finding: ${broken.finding.code})`,
    ),
    ...brokenSlos,
    ...worse.map(
      ({ arm, metric, why, finding, confirmed }) =>
        `${arm} ${metric} is ${why}${confirmed === true ? ', confirmed by a second run' : ''}${finding ? ` (finding: ${finding.code})` : ''}`,
    ),
  ];
  const say = (what: string, details: readonly string[]): string =>
    `${what}: ${details[0]}${details.length > 1 ? `, and ${details.length - 1} more` : ''}.`;
  if (harness.length > 0) {
    return {
      ...result,
      verdict: 'failed',
      exitCode: 1,
      sentence: say(
        'Failed',
        harness.map(({ detail }) => detail),
      ),
    };
  }
  if (broken.length > 0) {
    return { ...result, verdict: 'regression', exitCode: 3, sentence: say('Regression', broken) };
  }
  const noBaseline = doubts.filter(({ kind }) => kind === 'no-baseline');
  const sayCell = ({ arm, metric, why }: GateCell): string => `${arm} ${metric}: ${why}`;
  const unclear = [
    ...noBaseline.map(({ detail }) => `no baseline, ${detail}`),
    // An alarm that a second run did not confirm says more than what was wrong with that run.
    ...open.filter(({ confirmed }) => confirmed === false).map(sayCell),
    ...doubts.filter(({ kind }) => kind === 'invalid').map(({ detail }) => detail),
    ...open
      .filter(
        ({ arm, confirmed }) =>
          confirmed !== false && !doubts.some((doubt) => doubt.kind === 'invalid' && doubt.arm === arm),
      )
      .map(sayCell),
    ...missing.map(({ arm, metric, why }) => `${arm} ${metric}: ${why}`),
    ...(cells.length === 0 && missing.length === 0 && noBaseline.length === 0
      ? ['no figure is known on both sides']
      : []),
  ];
  if (unclear.length > 0) {
    return { ...result, verdict: 'inconclusive', exitCode: 4, sentence: say('Inconclusive', unclear) };
  }
  const better = cells.filter(({ verdict }) => verdict === 'better').length;
  return {
    ...result,
    verdict: 'passed',
    exitCode: 0,
    sentence: `Passed: none of ${cells.length} figures of ${result.head} got worse than ${result.base}${better > 0 ? `, ${better} got better` : ''}.`,
  };
}
