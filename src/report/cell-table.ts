import { formatAmount, formatP } from '../gate/judge-cell.ts';
import type { CellComparison, GateCell, MissingCell } from '../model/gate.ts';
import { formatRate, percentDigits } from '../stats/format-figure.ts';
import { cleanText } from './clean-text.ts';

/** One line of a comparison of two sides, the same for every format. */
export interface CellRow {
  arm: string;
  metric: string;
  base: string;
  head: string;
  /** `x1.21 (1.15-1.27)`. */
  ratio: string;
  p: string;
  verdict: string;
}

export const CELL_HEADS: CellRow = {
  arm: 'tool',
  metric: 'metric',
  base: 'base',
  head: 'head',
  ratio: 'head/base (95 %)',
  p: 'p (Holm)',
  verdict: 'verdict',
};

/** Everything of a cell that fits a table. */
export function describeCell(cell: CellComparison): CellRow {
  const { arm, metric, unit, base, head, pAdjusted, verdict } = cell;
  return {
    arm: cleanText(arm),
    metric,
    base: formatAmount(base.value, unit),
    head: formatAmount(head.value, unit),
    ratio: cell.test === 'fisher' ? describeDifference(cell) : describeRatio(cell),
    p: formatP(pAdjusted),
    verdict,
  };
}

/** Half of a hundredth of a percentage point: shown as 0. */
const LEAST_POINTS = 0.00005;

/** Of rates of streams in percentage points, so that 0 % has a change too. */
function describeDifference({ absolute, better }: CellComparison): string {
  const sign = better === 'higher' ? -1 : 1;
  const points = (value: number): string =>
    Math.abs(value) < LEAST_POINTS ? '0' : `${value > 0 ? '+' : ''}${percentDigits(value)}`;
  const [low, high] = absolute.interval.map((end) => sign * end).sort((a, b) => a - b);
  return `${points(sign * absolute.value)} pp (${points(low!)} to ${points(high!)})`;
}

function describeRatio({ ratio }: CellComparison): string {
  if (!ratio) return 'n/a (base is 0)';
  const digits = (value: number): string => (value < 10 ? value.toFixed(2) : formatRate(value));
  const interval = ratio.interval ? ` (${ratio.interval.map(digits).join('-')})` : '';
  return `${digits(ratio.value)}${interval}`;
}

/** One line per cell that is not the same, and per figure that one side alone has: why. */
export function explainCells(
  cells: readonly (CellComparison | GateCell)[],
  missing: readonly MissingCell[],
): string[] {
  return [
    ...cells
      .filter(({ verdict }) => verdict !== 'same')
      .map((cell) => `${cell.arm} ${cell.metric}: ${'floor' in cell ? explainGated(cell) : cell.why}`),
    ...missing.map(({ arm, metric, why }) => `${arm} ${metric}: not compared, ${why}`),
    ...describeOutliers(cells),
  ].map(cleanText);
}

/** One line per row and round: a slow round stands out in most of its figures. */
function describeOutliers(cells: readonly CellComparison[]): string[] {
  const metricsByRound = new Map<string, string[]>();
  for (const { arm, metric, outliers } of cells) {
    for (const side of ['base', 'head'] as const) {
      for (const round of outliers[side]) {
        const key = `${arm}: round ${round} of ${side}`;
        metricsByRound.set(key, [...(metricsByRound.get(key) ?? []), metric]);
      }
    }
  }
  return [...metricsByRound].map(
    ([round, metrics]) => `${round} stands out in ${metrics.join(', ')} (counted all the same)`,
  );
}

const CONFIRMED = { true: '; confirmed by a second run', false: '', null: '' };

function explainGated({ why, confirmed }: GateCell): string {
  return `${why}${CONFIRMED[`${confirmed}`]}`;
}
