const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const FULL = LEVELS.length;

/**
 * A history stretched or shrunk to `width` cells for the whole run of `expected` values: a cell is the mean of the values
 * in it, or one value fills several cells. What was drawn stays in its place while the run goes on.
 *
 * @param expected values of a whole run; where there are more, the width is for those there are
 */
export function resample(values: readonly number[], expected: number, width: number): number[] {
  const perCell = Math.max(expected, values.length, 1) / width;
  const filled = Math.min(width, Math.floor(values.length / perCell));
  return Array.from({ length: filled }, (_, cell) => {
    const first = Math.min(values.length - 1, Math.floor(cell * perCell));
    const part = values.slice(first, Math.max(first + 1, Math.floor((cell + 1) * perCell)));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

/**
 * Columns over a common base line, `rows` lines high, top line first. A cell above 0 shows at least the thinnest
 * block, 0 shows none: little must not look like nothing.
 */
export function drawChart(cells: readonly number[], rows: number, highest = Math.max(0, ...cells)): string[] {
  const eighths = cells.map((cell) => levelOf(cell, highest, rows));
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * FULL;
    return eighths.map((level) => blockOf(level - below)).join('');
  });
}

/** The highest leaves an eighth free: charts above each other stay apart. */
function levelOf(value: number, highest: number, rows: number): number {
  if (!(value > 0 && highest > 0)) return 0;
  const top = rows * FULL - 1;
  return Math.min(top, Math.max(1, Math.round((value / highest) * top)));
}

function blockOf(level: number): string {
  if (level <= 0) return ' ';
  return LEVELS[Math.min(level, FULL) - 1]!;
}
