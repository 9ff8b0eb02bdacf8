import type { JudgedArm } from '../model/finding.ts';
import type { GateResult, GateSpec, SloResult } from '../model/gate.ts';
import type { RunRecord } from '../model/run-record.ts';
import { buildSide } from './build-side.ts';
import { judgeGate } from './judge-gate.ts';

/**
 * The gate over two variants that were measured in turn in one run, the preferred way: what disturbs one round disturbs
 * both.
 *
 * @returns undefined where `spec` names no two variants
 */
export function judgeVariants(
  run: RunRecord,
  arms: readonly JudgedArm[],
  label: string,
  { spec, slos }: { spec: GateSpec | undefined; slos: readonly SloResult[] },
): GateResult | undefined {
  if (spec?.base === undefined || spec.head === undefined) return undefined;
  return judgeGate({
    base: buildSide(run, arms, label, spec.base),
    head: buildSide(run, arms, label, spec.head),
    ...(spec.control === undefined ? {} : { control: buildSide(run, arms, label, spec.control) }),
    spec,
    noBaseline: [],
    slos: slos.filter(({ arm }) => !arm.endsWith(`@${spec.base}`) && !arm.endsWith(`@${spec.control}`)),
  });
}
