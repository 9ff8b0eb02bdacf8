import type { Cell, KnownCell } from '../model/cell.ts';
import type { ArmComparison } from '../model/comparison.ts';

/** How fast an arm is beside the fastest one of the same table. */
export interface RelativeRate {
  /** Rate / best rate, 0..1. */
  ratio: number;
  /** From the lowest and highest rounds of both; absent with one round. */
  range?: [low: number, high: number];
  /** `tie`: the rounds overlap those of the best, so the order of the two may be chance. */
  standing: 'best' | 'tie' | 'behind';
}

/** Rates in the order in which they can serve, most telling first. */
const RATES = ['requests_per_sec', 'events_per_sec'] as const;
export type RateMetric = (typeof RATES)[number];

/** The rate that most arms know, and each arm's share of the best; undefined where nobody has one. */
export function compareRates(
  arms: readonly ArmComparison[],
): { metric: RateMetric; of: Map<string, RelativeRate> } | undefined {
  const metric = [...RATES].sort((a, b) => countKnown(arms, b) - countKnown(arms, a))[0]!;
  const known = arms.flatMap((arm) => {
    const cell = arm.metrics[metric];
    return isPositive(cell) ? [{ id: arm.id, cell }] : [];
  });
  const best = known.reduce<(typeof known)[number] | undefined>(
    (top, next) => (top && rateIn(top.cell) >= rateIn(next.cell) ? top : next),
    undefined,
  );
  if (!best) return undefined;
  const of = new Map(known.map(({ id, cell }) => [id, relate(cell, best.cell)]));
  return { metric, of };
}

function countKnown(arms: readonly ArmComparison[], metric: RateMetric): number {
  return arms.filter((arm) => isPositive(arm.metrics[metric])).length;
}

function isPositive(cell: Cell): cell is KnownCell {
  return cell.known && typeof cell.value === 'number' && cell.value > 0;
}

function rateIn(cell: KnownCell): number {
  return Number(cell.value);
}

function relate(cell: KnownCell, best: KnownCell): RelativeRate {
  const ratio = rateIn(cell) / rateIn(best);
  if (cell === best) return { ratio: 1, standing: 'best' };
  if (!cell.range || !best.range) return { ratio, standing: 'behind' };
  const overlap = cell.range[1] >= best.range[0];
  return {
    ratio,
    range: [cell.range[0] / best.range[1], cell.range[1] / best.range[0]],
    standing: overlap ? 'tie' : 'behind',
  };
}
