import { type Cell, unknown } from '../model/cell.ts';
import type { ArmComparison } from '../model/comparison.ts';
import type { SloResult, SloSpec } from '../model/gate.ts';
import { METRICS } from '../model/metrics.ts';
import type { RunRecord } from '../model/run-record.ts';
import { formatAmount } from './judge-cell.ts';

/**
 * The scenario's promises held against the rows they bind.
 *
 * A promise that names no row binds every row that observes the metric at all. What has no value for another reason is
 * `unknown`: nothing is kept by not being measured.
 */
export function evaluateSlos(run: RunRecord, arms: readonly ArmComparison[]): SloResult[] {
  return (run.plan.slo ?? []).flatMap((slo) => {
    const bound = arms.filter((arm) => binds(slo, arm));
    const able = bound.filter((arm) => slo.arm !== undefined || isObserved(arm.metrics[slo.metric]));
    if (able.length > 0) return able.map((arm) => judge(run, slo, arm.id, arm.metrics[slo.metric]));
    const absent =
      bound.length > 0
        ? unknown('not-observable', 'no row observes it')
        : unknown('not-collected', 'its row was not part of this run');
    return [judge(run, slo, slo.arm ?? 'any row', absent)];
  });
}

function binds({ arm }: SloSpec, { id, variant }: ArmComparison): boolean {
  return arm === undefined || arm === id || (variant !== null && `${arm}@${variant}` === id);
}

function isObserved(cell: Cell): boolean {
  return cell.known || cell.why !== 'not-observable';
}

function judge(run: RunRecord, slo: SloSpec, arm: string, cell: Cell): SloResult {
  if (!cell.known) return describe(run, slo, arm, cell, 'unknown', `has no value: ${cell.detail}`);
  const { unit } = METRICS[slo.metric];
  const value = Number(cell.value);
  const amount = (limit: number): string => formatAmount(limit, unit);
  if (slo.max !== undefined && value > slo.max) {
    return describe(run, slo, arm, cell, 'broken', `is ${amount(value)}, more than ${amount(slo.max)}`);
  }
  if (slo.min !== undefined && value < slo.min) {
    return describe(run, slo, arm, cell, 'broken', `is ${amount(value)}, less than ${amount(slo.min)}`);
  }
  return describe(run, slo, arm, cell, 'met', `is ${amount(value)}`);
}

function describe(
  run: RunRecord,
  { metric, max, min, line, column }: SloSpec,
  arm: string,
  cell: Cell,
  verdict: SloResult['verdict'],
  what: string,
): SloResult {
  return {
    metric,
    arm,
    max: max ?? null,
    min: min ?? null,
    unit: METRICS[metric].unit,
    value: cell.known ? Number(cell.value) : null,
    interval: intervalOf(cell),
    absence: cell.known ? null : cell.why,
    verdict,
    sentence: `${arm} ${metric} ${what}`,
    file: run.scenario.path,
    line,
    column,
  };
}

function intervalOf(cell: Cell): SloResult['interval'] {
  if (!cell.known) return null;
  if (cell.interval) return { bounds: cell.interval, of: '95 %' };
  return cell.range ? { bounds: cell.range, of: 'rounds' } : null;
}
