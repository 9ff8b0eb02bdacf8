import type { GateSpec, MissingCell, RunSide, SideArm } from '../model/gate.ts';
import type { MetricId } from '../model/metrics.ts';
import { isAmong } from './measure-cells.ts';

/**
 * What should have been gated and that neither side has: every gated metric of a row that was not measured at all, and a
 * metric that the scenario names and no row knows. A single figure that one tool cannot see is not among them.
 */
export function findUnmeasured(base: RunSide, head: RunSide, spec: GateSpec): MissingCell[] {
  const names = [...new Set([...base.arms, ...head.arms].map(({ name }) => name))].filter((name) =>
    isAmong(name, spec.arms),
  );
  const rowsOf = (name: string): SideArm[] => [...head.arms, ...base.arms].filter((arm) => arm.name === name);
  const isKnown = (arm: SideArm, metric: MetricId): boolean => {
    const sample = arm.samples[metric];
    return sample !== undefined && !('absent' in sample);
  };
  const isMeasured = (name: string): boolean =>
    rowsOf(name).some((arm) =>
      (Object.keys(arm.samples) as MetricId[]).some((metric) => isKnown(arm, metric)),
    );
  const reasonIn = (name: string, metric: MetricId): string => {
    const [reason] = rowsOf(name).flatMap(({ samples: { [metric]: sample } }) =>
      sample && 'absent' in sample ? [sample.absent] : [],
    );
    return reason ?? 'nobody looked';
  };
  const unmeasured = names.filter((name) => !isMeasured(name));
  const measured = names.filter(isMeasured);
  return [
    ...unmeasured.flatMap((arm) =>
      spec.metrics.map(({ metric }) => ({
        arm,
        metric,
        why: `neither side has measured this row: ${reasonIn(arm, metric)}`,
      })),
    ),
    ...(spec.metricsAreNamed && measured.length > 0 ? spec.metrics : [])
      .filter(({ metric }) => !measured.some((name) => rowsOf(name).some((arm) => isKnown(arm, metric))))
      .map(({ metric }) => ({
        arm: measured.length === 1 ? measured[0]! : 'any row',
        metric,
        why: `the scenario gates it and neither side knows it: ${reasonIn(measured[0]!, metric)}`,
      })),
  ];
}
