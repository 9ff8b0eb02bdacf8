import type { CellComparison, CellVerdict, RunComparison, RunSide } from '../model/gate.ts';
import { METRIC_IDS, METRICS, type MetricId } from '../model/metrics.ts';
import { DEFAULT_ALPHA, DEFAULT_MIN_EFFECT } from '../scenario/gate-defaults.ts';
import { bootstrapMedianRatio } from '../stats/bootstrap-ratio.ts';
import { describeInvariant } from './describe-invariant.ts';
import { judgeCell } from './judge-cell.ts';
import { keyDifferences } from './key-differences.ts';
import { type MeasuredCell, measureCells } from './measure-cells.ts';
import { rowOf } from './noise-floor.ts';

/** Least relative change that is called one. Reason: below 2 % two runs on one machine differ without cause. */
const LEAST_CHANGE = 0.02;
/** Change that `same` excludes. */
const MARGIN = 0.1;

/** What is compared without a choice: few enough for six rounds of two or three rows. */
export const DEFAULT_COMPARED: readonly MetricId[] = [
  'requests_per_sec',
  'events_per_sec',
  'ttfb_us_p50',
  'ttfe_us_p50',
  'ttfe_us_p99',
  'gap_us_p99',
  'stream_us_p50',
  'stream_us_p99',
  'timeout_rate',
  'failure_rate',
];

/** Metrics that can get better or worse. */
export const COMPARABLE: readonly MetricId[] = METRIC_IDS.filter((id) => METRICS[id].better !== 'neither');

/**
 * Base against head, row by row and metric by metric, for reading. No noise floor is asked for and nothing is refused:
 * what the two do not have in common is a warning.
 */
export function compareSides(
  base: RunSide,
  head: RunSide,
  metrics: readonly MetricId[] = DEFAULT_COMPARED,
  alpha: number = DEFAULT_ALPHA,
): RunComparison {
  const measured = measureCells(base, head, metrics);
  const cells = measured.cells.map((cell): CellComparison => {
    const judged = judgeCell(cell, {
      alpha,
      cells: measured.cells.length,
      least: LEAST_CHANGE,
      // Rates of streams have no relative change: half a point is what the intervals of some thousand streams tell.
      minEffect: cell.test === 'fisher' ? DEFAULT_MIN_EFFECT.ratio / 2 : 0,
      margin: MARGIN,
      bothSides: true,
    });
    return { ...cell, ratio: bootstrapRatio(cell, base, head), ...judged };
  });
  return {
    schema: 'ssee-bench/compare/1',
    verdict: writeVerdict(cells, base, head),
    scenario: head.key.scenario.name,
    base: base.label,
    head: head.label,
    alpha,
    warnings: findWarnings(base, head),
    cells,
    missing: measured.missing,
  };
}

/** The interval for readers: of the ratio that stands beside it. */
function bootstrapRatio(cell: MeasuredCell, base: RunSide, head: RunSide): CellComparison['ratio'] {
  const [before, after] = [base, head].map((side) => rowOf(side, cell.arm)?.samples[cell.metric]);
  if (cell.test === 'fisher' || !before || 'absent' in before || !after || 'absent' in after)
    return cell.ratio;
  const found = bootstrapMedianRatio(before.values, after.values);
  return found ? { value: found.ratio, interval: found.interval } : cell.ratio;
}

function writeVerdict(cells: readonly CellComparison[], base: RunSide, head: RunSide): string {
  const subject = `${head.label} against ${base.label}`;
  if (cells.length === 0) return `${subject}: there is nothing that both have measured.`;
  const count = (verdict: CellVerdict): number => cells.filter((cell) => cell.verdict === verdict).length;
  const name = (verdict: CellVerdict): string => {
    const found = cells.filter((cell) => cell.verdict === verdict);
    const [first] = found;
    if (!first) return '';
    const others = found.length > 1 ? ` and ${found.length - 1} more` : '';
    return `${verdict} in ${first.arm} ${first.metric}${others}`;
  };
  const parts = [
    name('worse'),
    name('better'),
    ...(count('same') > 0 ? [`same in ${count('same')}`] : []),
    ...(count('inconclusive') > 0 ? [`inconclusive in ${count('inconclusive')}`] : []),
  ].filter((part) => part !== '');
  return `${subject}, ${cells.length} ${cells.length === 1 ? 'figure' : 'figures'}: ${parts.join('; ')}.`;
}

function findWarnings(base: RunSide, head: RunSide): string[] {
  const ofSide = (side: RunSide): string[] => [
    ...(side.state === 'done' ? [] : [`${side.label}: the run is ${side.state}`]),
    ...side.arms.flatMap(({ id, invalid, failed, invariants }) => [
      ...invalid.map((reason) => `${side.label}, ${id}: ${reason}`),
      ...failed.map((reason) => `${side.label}: trial failed, ${reason}`),
      ...invariants.map(
        (broken) => `${side.label}, ${id}: ${describeInvariant(broken)}, counted by ${broken.by}`,
      ),
    ]),
  ];
  return [
    ...keyDifferences(head.key, base.key, 'in base').map((difference) => `not alike: ${difference}`),
    ...(base.key.watched && head.key.watched
      ? ['the trials of both could be looked into while they ran: all figures include what that cost']
      : []),
    ...ofSide(base),
    ...ofSide(head),
  ];
}
