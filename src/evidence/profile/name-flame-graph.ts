import type { Arm, Plan } from '../../model/plan.ts';
import type { StackKind } from '../../model/profile.ts';

/** Base names of an arm's flame graphs in the run folder: `flame-cpu.html`, with several arms `flame-cpu-wrk.html`. */
export function flameGraphNamer(plan: Plan, arm: Arm): (kind: StackKind) => string {
  const suffix = plan.arms.length > 1 ? `-${arm.id}` : '';
  return (kind) => `flame-${kind}${suffix}.html`;
}
