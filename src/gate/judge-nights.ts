import type { CellVerdict, SideArm } from '../model/gate.ts';
import type { MetricId } from '../model/metrics.ts';
import type { Unit } from '../model/units.ts';
import { isStreamRate } from '../scenario/gate-defaults.ts';
import { adjustByHolm } from '../stats/holm.ts';
import { median } from '../stats/median.ts';
import { predictionP } from '../stats/student-t.ts';
import { formatAmount, formatP } from './judge-cell.ts';

/**
 * Fewest stored nights that say how nights differ. Reason: among nine cells and nights that differ by 3 %, three nights would
 * show a change to three times alone, four one of a half, ten one of a seventh.
 */
const LEAST_NIGHTS = 4;

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
    if (figures.length < LEAST_NIGHTS || own === undefined) return { stored: figures.length, range, p: 1 };
    // What makes a night slow makes all of its figures slow by a factor.
    const isRatio = Math.min(own, ...figures) > 0;
    const scale = (value: number): number => (isRatio ? Math.log(value) : value);
    return { stored: figures.length, range, p: predictionP(figures.map(scale), scale(own)) };
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
  { stored, range, p }: NightTest,
  unit: Unit,
): { verdict: CellVerdict; why: string } {
  if (judged.verdict !== 'worse' && judged.verdict !== 'better') return judged;
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
