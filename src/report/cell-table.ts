import { formatAmount, formatP } from '../gate/judge-cell.ts';
import type { CellComparison, GateCell, MissingCell } from '../model/gate.ts';
import { formatPercent, formatRate, percentDigits } from '../stats/format-figure.ts';
import { cleanText } from './clean-text.ts';
import type { Grid } from './grid.ts';

/** One line of a comparison of two sides, the same for every format. */
export interface CellRow {
  arm: string;
  metric: string;
  base: string;
  head: string;
  /** `1.21 (1.15-1.27)`. */
  ratio: string;
  /** `+21 % (+15 to +27)`. */
  shift: string;
  /** Noise floor; empty in comparisons. */
  floor: string;
  p: string;
  verdict: string;
}

export const CELL_HEADS: CellRow = {
  arm: 'tool',
  metric: 'metric',
  base: 'base',
  head: 'head',
  ratio: 'head/base (95 %)',
  shift: 'shift (95 %)',
  floor: 'noise floor',
  p: 'p (Holm)',
  verdict: 'verdict',
};

const COMPARE_COLUMNS = ['arm', 'metric', 'base', 'head', 'ratio', 'p', 'verdict'] as const;
const GATE_COLUMNS = ['arm', 'metric', 'base', 'head', 'shift', 'floor', 'p', 'verdict'] as const;
/** In this order, where the terminal is too narrow for all. */
const DISPENSABLE: Partial<Record<keyof CellRow, number>> = { p: 1, floor: 2, ratio: 3, shift: 4 };
const LEFT: ReadonlySet<string> = new Set(['arm', 'metric', 'verdict']);

/** The cells of a comparison, or of a gate, as a table. */
export function gridOfCells(cells: readonly (CellComparison | GateCell)[]): Grid {
  const keys = cells.some((cell) => 'floor' in cell) ? GATE_COLUMNS : COMPARE_COLUMNS;
  return {
    columns: keys.map((key) => ({
      head: CELL_HEADS[key],
      align: LEFT.has(key) ? 'left' : 'right',
      ...(DISPENSABLE[key] === undefined ? {} : { dispensable: DISPENSABLE[key] }),
    })),
    rows: cells.map((cell) => {
      const row = describeCell(cell);
      return keys.map((key) => row[key]);
    }),
  };
}

/** Everything of a cell that fits a table. */
export function describeCell(cell: CellComparison | GateCell): CellRow {
  const { arm, metric, unit, base, head, pAdjusted, verdict } = cell;
  return {
    arm: cleanText(arm),
    metric,
    base: formatAmount(base.value, unit),
    head: formatAmount(head.value, unit),
    ratio: cell.test === 'fisher' ? describeDifference(cell) : describeRatio(cell),
    shift: describeShift(cell),
    floor: 'floor' in cell ? describeFloor(cell) : '',
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

/** `+21 % (+15 to +27)`. Up is up, whether that is for the better or the worse. */
export function describeShift(cell: CellComparison): string {
  const { relative, absolute, better, unit } = cell;
  if (cell.test === 'fisher') return describeDifference(cell);
  const sign = better === 'higher' ? -1 : 1;
  const effect = relative ?? absolute;
  const show = (value: number): string => {
    const text = relative ? percentDigits(value) : formatAmount(value, unit);
    return value > 0 ? `+${text}` : text;
  };
  // `0 - x` would be the same, and -0 would be written as -0.
  const [low, high] = effect.interval.map((end) => sign * end || 0).sort((a, b) => a - b);
  return `${show(sign * effect.value || 0)}${relative ? ' %' : ''} (${show(low!)} to ${show(high!)})`;
}

function describeFloor({ floor: { relative, absolute }, relative: effect, unit, test }: GateCell): string {
  if (test === 'fisher') return `${percentDigits(absolute)} pp`;
  return effect && relative !== null ? formatPercent(relative) : formatAmount(absolute, unit);
}

function describeRatio({ ratio }: CellComparison): string {
  if (!ratio) return 'n/a (base is 0)';
  const digits = (value: number): string => (value < 10 ? value.toFixed(2) : formatRate(value));
  const interval = ratio.interval ? ` (${ratio.interval.map(digits).join('-')})` : '';
  return `${digits(ratio.value)}${interval}`;
}

/** One line per cell of a gate, per cell of a comparison that is not the same, and per figure of one side alone: why. */
export function explainCells(
  cells: readonly (CellComparison | GateCell)[],
  missing: readonly MissingCell[],
): string[] {
  return [
    ...cells
      .filter((cell) => 'floor' in cell || cell.verdict !== 'same')
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

/** Alarms begin with their verdict already. */
function explainGated({ verdict, why, confirmed }: GateCell): string {
  const said = why.startsWith(verdict) ? why : `${verdict}, ${why}`;
  return `${said}${CONFIRMED[`${confirmed}`]}`;
}
