import { describeInvariant } from '../gate/describe-invariant.ts';
import type { Comparison } from '../model/comparison.ts';
import type { GateResult } from '../model/gate.ts';
import { formatCount } from '../stats/format-figure.ts';

/** One thing that a run can pass or fail, as CI systems show it. */
export interface Check {
  /** Arm, or `gate` for what concerns the whole run. */
  group: string;
  name: string;
  /** `unknown`: nobody could tell, which is no failure and no success. */
  state: 'passed' | 'failed' | 'error' | 'unknown';
  /** What kind of failure it is; for programs. */
  type: string;
  /** One sentence; empty where it passed. */
  message: string;
  /** Where the scenario asks for it, where that is known. */
  place?: { file: string; line: number; column: number };
  /** Seconds; 0 where it took none of its own or is not known. */
  seconds: number;
}

/** Trials, the conservation law of every arm, promises, and the gate: everything that can go wrong in a run. */
export function listChecks(comparison: Comparison): Check[] {
  return [
    ...comparison.arms.flatMap((arm) => [
      ...trialChecks(arm, arm.durationMs ?? comparison.load.durationMs),
      conservationCheck(arm),
    ]),
    ...comparison.slo.map(sloCheck),
    ...('schema' in comparison.gate ? gateChecks(comparison.gate as GateResult) : []),
  ];
}

type Arm = Comparison['arms'][number];

function trialChecks(arm: Arm, durationMs: number): Check[] {
  return arm.trials.map((trial) => {
    const overrun = trial.metrics.overrun_s;
    // How long trials of the other kinds were meant to take is not in the comparison.
    const seconds =
      trial.kind === 'measured' && overrun?.known ? durationMs / 1000 + Number(overrun.value) : 0;
    return {
      group: arm.id,
      name: trial.id,
      state: trial.state === 'done' ? 'passed' : trial.state === 'skipped' ? 'unknown' : 'error',
      type: trial.state,
      message: trial.state === 'done' ? '' : (trial.reason ?? 'no reason recorded'),
      seconds,
    };
  });
}

function conservationCheck({ id, outcomes: { attempted, unaccounted } }: Arm): Check {
  const check = { group: id, name: 'every stream is accounted for', seconds: 0 };
  if (!unaccounted.known) {
    return { ...check, state: 'unknown', type: unaccounted.why, message: unaccounted.detail };
  }
  if (Number(unaccounted.value) === 0) return { ...check, state: 'passed', type: 'unaccounted', message: '' };
  const total = attempted.known ? formatCount(Number(attempted.value)) : 'an unknown number of';
  const message = `${formatCount(Number(unaccounted.value))} of ${total} streams are in no outcome`;
  return { ...check, state: 'failed', type: 'unaccounted', message };
}

function sloCheck({ arm, metric, verdict, sentence, file, line, column }: Comparison['slo'][number]): Check {
  return {
    group: arm,
    name: `promise at line ${line}: ${metric}`,
    state: verdict === 'met' ? 'passed' : verdict === 'broken' ? 'failed' : 'unknown',
    type: 'slo',
    message: verdict === 'met' ? '' : sentence,
    place: { file, line, column },
    seconds: 0,
  };
}

function gateChecks(gate: GateResult): Check[] {
  return [
    ...gate.problems.map(
      ({ kind, arm, detail }): Check => ({
        group: arm ?? 'gate',
        name: `gate: ${kind}`,
        state: kind === 'harness' ? 'error' : 'unknown',
        type: kind,
        message: detail,
        seconds: 0,
      }),
    ),
    ...gate.invariants.map(
      (broken): Check => ({
        group: broken.arm,
        name: `gate: no ${broken.name}`,
        state: 'failed',
        type: 'invariant',
        message: `${describeInvariant(broken)}, counted by ${broken.by} (base: ${formatCount(broken.baseCount)}); finding: ${broken.finding.code}`,
        seconds: 0,
      }),
    ),
    ...gate.cells.map(
      ({ arm, metric, verdict, why, finding }): Check => ({
        group: arm,
        name: `gate: ${metric}`,
        state: verdict === 'worse' ? 'failed' : verdict === 'inconclusive' ? 'unknown' : 'passed',
        type: verdict === 'worse' ? 'regression' : verdict,
        message:
          verdict === 'better' || verdict === 'same'
            ? ''
            : `${why}${finding ? `; finding: ${finding.code}` : ''}`,
        seconds: 0,
      }),
    ),
    ...gate.missing.map(
      ({ arm, metric, why }): Check => ({
        group: arm,
        name: `gate: ${metric}`,
        state: 'unknown',
        type: 'missing',
        message: why,
        seconds: 0,
      }),
    ),
  ];
}
