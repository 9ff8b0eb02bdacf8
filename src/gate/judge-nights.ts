import type { CellVerdict, GateCell, GateResult, RunSide, SideArm } from '../model/gate.ts';
import type { MetricId } from '../model/metrics.ts';
import type { Unit } from '../model/units.ts';
import { isStreamRate } from '../scenario/gate-defaults.ts';
import { adjustByHolm } from '../stats/holm.ts';
import { median } from '../stats/median.ts';
import { predictionP } from '../stats/student-t.ts';
import { formatAmount, formatP, judgeGatedCell } from './judge-cell.ts';
import { rowOf } from './noise-floor.ts';

/**
 * Fewest stored nights that say how nights differ. Reason: among nine cells and nights that differ by 3 %, three nights would
 * show a change to three times alone, four one of a half, ten one of a seventh.
 */
const LEAST_NIGHTS = 4;

/**
 * Least factor of a change that no weather of a machine explains. Reason: it is what LEAST_NIGHTS nights show; fewer that
 * took up such a night would make it what later ones are held against, and it would never be seen again.
 */
const LARGE_CHANGE = 1.5;

/** Chance that any cell of a night like the stored ones is outside of them. */
const ALPHA = 0.01;

/** One cell of a night beside the same cell of the stored ones. */
export interface NightTest {
  /** Stored nights that know the figure. */
  stored: number;
  /** Lowest and highest of them. */
  range: [low: number, high: number];
  /** Two-sided, corrected for all cells; 1 where there are too few nights. */
  p: number;
  /** A rate of streams that was 0 in every stored night: the weather breaks no streams. */
  neverBefore: boolean;
}

/**
 * Rounds of one night share whatever that night was like, so they say nothing about the next one: here a whole night is
 * the sample. In the order of `cells`.
 */
export function testAgainstNights(
  cells: readonly { metric: MetricId; head: SideArm; nights: readonly SideArm[] }[],
): NightTest[] {
  const tests = cells.map(({ metric, head, nights }): NightTest => {
    const figures = nights.flatMap((night) => figureOf(night, metric) ?? []);
    const own = figureOf(head, metric);
    const range: NightTest['range'] = [Math.min(...figures), Math.max(...figures)];
    const neverBefore = isStreamRate(metric) && figures.length > 0 && range[1] === 0;
    if (figures.length < LEAST_NIGHTS || own === undefined) {
      return { stored: figures.length, range, p: 1, neverBefore };
    }
    // What makes a night slow makes all of its figures slow by a factor.
    const isRatio = Math.min(own, ...figures) > 0;
    const scale = (value: number): number => (isRatio ? Math.log(value) : value);
    return { stored: figures.length, range, p: predictionP(figures.map(scale), scale(own)), neverBefore };
  });
  const adjusted = adjustByHolm(tests.map(({ p }) => p));
  return tests.map((test, index) => ({ ...test, p: adjusted[index]! }));
}

/** The median over the night's rounds; of rates of streams, the night's rate. */
function figureOf(arm: SideArm, metric: MetricId): number | undefined {
  const share = arm.shares[metric];
  if (isStreamRate(metric) && share && share.total > 0) return share.hits / share.total;
  const sample = arm.samples[metric];
  return sample && !('absent' in sample) ? median(sample.values) : undefined;
}

/**
 * A verdict over the pooled rounds of stored nights, held against how these nights differ. A change that is none beyond that
 * is no alarm and no pass either: it is inconclusive for the worse, and nothing for the better.
 */
export function holdAgainstNights(
  judged: { verdict: CellVerdict; why: string },
  { stored, range, p, neverBefore }: NightTest,
  unit: Unit,
): { verdict: CellVerdict; why: string } {
  if (judged.verdict !== 'worse' && judged.verdict !== 'better') return judged;
  if (judged.verdict === 'worse' && neverBefore) return judged;
  const verdict = judged.verdict === 'worse' ? 'inconclusive' : 'same';
  if (stored < LEAST_NIGHTS) {
    return {
      verdict,
      why: `${judged.why}; how nights differ is not known, ${stored} of ${LEAST_NIGHTS} nights stored`,
    };
  }
  const [low, high] = range.map((end) => formatAmount(end, unit));
  const among = `${stored} stored nights (${low} to ${high}), p ${formatP(p)}`;
  return p < ALPHA
    ? { verdict: judged.verdict, why: `${judged.why}; outside ${among}` }
    : { verdict, why: `${judged.why}; not outside ${among}` };
}

/**
 * The cells that would be worse if it were known how nights differ, by a factor so large that the night is not to become
 * one of the few that decide how they do.
 */
export function findUnexplained({ cells, alpha }: GateResult, nights: readonly RunSide[]): GateCell[] {
  return cells.flatMap((cell) => {
    const figures = nights.flatMap((night) => {
      const row = rowOf(night, cell.arm);
      return (row && figureOf(row, cell.metric)) ?? [];
    });
    if (cell.verdict !== 'inconclusive' || figures.length >= LEAST_NIGHTS || !isLarge(cell)) return [];
    const withinNights = judgeGatedCell(cell, { ...cell, alpha, cells: cells.length });
    return withinNights.verdict === 'worse' ? [cell] : [];
  });
}

/** By the near end of the interval. What was 0 and is not any more has no factor: no other one is larger. */
function isLarge({ relative, absolute, base, better }: GateCell): boolean {
  const near = relative
    ? relative.interval[0]
    : base.value > 0
      ? absolute.interval[0] / base.value
      : Number.POSITIVE_INFINITY;
  // Half as many per second is twice as long.
  return near >= (better === 'higher' ? 1 - 1 / LARGE_CHANGE : LARGE_CHANGE - 1);
}
