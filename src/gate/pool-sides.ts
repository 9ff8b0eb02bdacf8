import type { RunSide, Sample, Share, SideArm } from '../model/gate.ts';
import type { MetricId } from '../model/metrics.ts';

/**
 * Several measurements of one thing as one side: base and its A/A control, or the nights of a baseline. Rounds are
 * numbered on, rows paired by name. What the last one does not know is not known, whatever the others say.
 *
 * @param sides at least one; the key is that of the last
 */
export function poolSides(sides: readonly RunSide[], label: string): RunSide {
  const last = sides.at(-1);
  if (!last) throw new Error('there is nothing to pool');
  return { ...last, label, arms: last.arms.map((arm) => poolArms(sides, arm)) };
}

function poolArms(sides: readonly RunSide[], last: SideArm): SideArm {
  const arms = sides.flatMap((side) => side.arms.filter(({ name }) => name === last.name));
  const samples: SideArm['samples'] = {};
  const shares: SideArm['shares'] = {};
  for (const metric of Object.keys(last.samples) as MetricId[]) {
    const sample = last.samples[metric]!;
    samples[metric] =
      'absent' in sample ? sample : arms.map((arm) => arm.samples[metric]).reduce(joinSamples)!;
    const known = arms.flatMap((arm) => arm.shares[metric] ?? []);
    if (last.shares[metric]) shares[metric] = known.reduce(addShares);
  }
  return {
    ...last,
    samples,
    shares,
  };
}

function joinSamples(first: Sample | undefined, second: Sample | undefined): Sample | undefined {
  if (!first || 'absent' in first) return second;
  if (!second || 'absent' in second) return first;
  const before = Math.max(...first.rounds);
  return {
    rounds: [...first.rounds, ...second.rounds.map((round) => before + round)],
    values: [...first.values, ...second.values],
  };
}

function addShares(first: Share, second: Share): Share {
  return { hits: first.hits + second.hits, total: first.total + second.total };
}
