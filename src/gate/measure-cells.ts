import type { CellComparison, Effect, MissingCell, RunSide, Share, SideArm } from '../model/gate.ts';
import { METRICS, type MetricId } from '../model/metrics.ts';
import { isStreamRate } from '../scenario/gate-defaults.ts';
import { clopperPearson } from '../stats/clopper-pearson.ts';
import { fisherExact } from '../stats/fisher-exact.ts';
import { hodgesLehmann } from '../stats/hodges-lehmann.ts';
import { adjustByHolm } from '../stats/holm.ts';
import { findOutliers } from '../stats/mad-outliers.ts';
import { mannWhitney } from '../stats/mann-whitney.ts';
import { median } from '../stats/median.ts';

/** A cell before its verdict. */
export type MeasuredCell = Omit<CellComparison, 'verdict' | 'why'>;

/**
 * Every metric of every row that both sides have, with effect, interval and p, corrected for all of them together.
 * Rows are paired by name. A metric that only one side has is missing with its reason; one that neither has is not
 * spoken of.
 */
export function measureCells(
  base: RunSide,
  head: RunSide,
  metrics: readonly MetricId[],
  arms?: readonly string[],
): { cells: MeasuredCell[]; missing: MissingCell[] } {
  const cells: Omit<MeasuredCell, 'pAdjusted'>[] = [];
  const missing: MissingCell[] = [];
  for (const [name, before, after] of pairRows(base, head)) {
    if (!isAmong(name, arms)) continue;
    for (const metric of metrics) {
      const absence = explainAbsence(before, after, metric);
      if (absence === 'both') continue;
      if (absence === undefined) cells.push(measureCell(name, metric, before!, after!));
      else missing.push({ arm: name, metric, why: absence });
    }
  }
  const adjusted = adjustByHolm(cells.map(({ p }) => p));
  return { cells: cells.map((cell, index) => ({ ...cell, pAdjusted: adjusted[index]! })), missing };
}

function pairRows(base: RunSide, head: RunSide): [string, SideArm | undefined, SideArm | undefined][] {
  const before = new Map(base.arms.map((arm) => [arm.name, arm]));
  const after = new Map(head.arms.map((arm) => [arm.name, arm]));
  return [...new Set([...before.keys(), ...after.keys()])].map((name) => [
    name,
    before.get(name),
    after.get(name),
  ]);
}

/** Whether a row is among those that are gated, which are named without their variants. */
export function isAmong(name: string, arms: readonly string[] | undefined): boolean {
  return arms === undefined || arms.includes(name) || arms.includes(name.replace(/@[^@]*$/, ''));
}

function explainAbsence(
  before: SideArm | undefined,
  after: SideArm | undefined,
  metric: MetricId,
): string | undefined {
  const inBase = reasonOfAbsence(before, metric);
  const inHead = reasonOfAbsence(after, metric);
  if (inBase !== undefined && inHead !== undefined) return 'both';
  if (inHead !== undefined) return `head has no value, base has: ${inHead}`;
  return inBase === undefined ? undefined : `base has no value, head has: ${inBase}`;
}

function reasonOfAbsence(arm: SideArm | undefined, metric: MetricId): string | undefined {
  if (!arm) return 'there is no such row';
  const sample = arm.samples[metric];
  return sample === undefined ? 'nobody looked' : 'absent' in sample ? sample.absent : undefined;
}

function measureCell(
  arm: string,
  metric: MetricId,
  before: SideArm,
  after: SideArm,
): Omit<MeasuredCell, 'pAdjusted'> {
  const shares = [before.shares[metric], after.shares[metric]];
  return isStreamRate(metric) && shares[0] && shares[1]
    ? measureShare(arm, metric, shares[0], shares[1])
    : measureSample(arm, metric, sampleOf(before, metric), sampleOf(after, metric));
}

function sampleOf(arm: SideArm, metric: MetricId): { rounds: number[]; values: number[] } {
  const sample = arm.samples[metric];
  if (!sample || 'absent' in sample) throw new Error(`${arm.id} has no ${metric}`);
  return sample;
}

function measureSample(
  arm: string,
  metric: MetricId,
  before: { rounds: number[]; values: number[] },
  after: { rounds: number[]; values: number[] },
): Omit<MeasuredCell, 'pAdjusted'> {
  const { unit, better } = METRICS[metric];
  const base = median(before.values)!;
  const head = median(after.values)!;
  const relative = relativeEffect(before.values, after.values, better);
  return {
    arm,
    metric,
    unit,
    better: better === 'higher' ? 'higher' : 'lower',
    test: 'mann-whitney',
    base: { value: base, n: before.values.length },
    head: { value: head, n: after.values.length },
    ratio: ratioOf(base, head, relative, better),
    relative,
    absolute: absoluteEffect(before.values, after.values, better),
    p: mannWhitney(before.values, after.values).p,
    outliers: {
      base: findOutliers(before.values).map((index) => before.rounds[index]!),
      head: findOutliers(after.values).map((index) => after.rounds[index]!),
    },
  };
}

/** The exact interval of the relative change, as one of head / base. */
function ratioOf(
  base: number,
  head: number,
  relative: Effect | null,
  better: 'higher' | 'lower' | 'neither',
): CellComparison['ratio'] {
  if (base <= 0) return null;
  if (!relative) return { value: head / base, interval: null };
  const [low, high] = relative.interval;
  return { value: head / base, interval: better === 'higher' ? [1 - high, 1 - low] : [1 + low, 1 + high] };
}

/** The change for the worse as a ratio of base: the shift of the logarithms, which is the ratio of two typical rounds. */
export function relativeEffect(
  base: readonly number[],
  head: readonly number[],
  better: 'higher' | 'lower' | 'neither',
): Effect | null {
  if (Math.min(...base, ...head) <= 0) return null;
  const { shift, interval } = hodgesLehmann(base.map(Math.log), head.map(Math.log));
  return forTheWorse(Math.expm1(shift), [Math.expm1(interval[0]), Math.expm1(interval[1])], better);
}

export function absoluteEffect(
  base: readonly number[],
  head: readonly number[],
  better: 'higher' | 'lower' | 'neither',
): Effect {
  const { shift, interval } = hodgesLehmann(base, head);
  return forTheWorse(shift, interval, better);
}

function forTheWorse(
  shift: number,
  [low, high]: [number, number],
  better: 'higher' | 'lower' | 'neither',
): Effect {
  return better === 'higher'
    ? { value: 0 - shift, interval: [0 - high, 0 - low] }
    : { value: shift, interval: [low, high] };
}

function measureShare(
  arm: string,
  metric: MetricId,
  before: Share,
  after: Share,
): Omit<MeasuredCell, 'pAdjusted'> {
  const { unit, better } = METRICS[metric];
  const base = rateOf(before);
  const head = rateOf(after);
  return {
    arm,
    metric,
    unit,
    better: better === 'higher' ? 'higher' : 'lower',
    test: 'fisher',
    base: { value: base, n: before.total },
    head: { value: head, n: after.total },
    ratio: base > 0 ? { value: head / base, interval: null } : null,
    relative: null,
    absolute: shareEffect(before, after),
    p: fisherExact(before.hits, before.total, after.hits, after.total),
    outliers: { base: [], head: [] },
  };
}

/**
 * Difference of two rates with the interval of Newcombe (1998, method 10), over exact intervals of the two: no wider than
 * it must be, and right where nothing or next to nothing was seen.
 */
export function shareEffect(before: Share, after: Share): Effect {
  const [base, head] = [rateOf(before), rateOf(after)];
  const [baseLow, baseHigh] = clopperPearson(before.hits, before.total);
  const [headLow, headHigh] = clopperPearson(after.hits, after.total);
  const difference = head - base;
  return {
    value: difference,
    interval: [
      difference - Math.hypot(head - headLow, baseHigh - base),
      difference + Math.hypot(headHigh - head, base - baseLow),
    ],
  };
}

function rateOf({ hits, total }: Share): number {
  return total === 0 ? 0 : hits / total;
}
