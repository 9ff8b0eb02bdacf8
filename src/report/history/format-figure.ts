import type { Unit } from '../../model/units.ts';
import { formatPercent, formatRate, formatUs } from '../../stats/format-figure.ts';

/** A figure of the history as a person reads it, in a unit that its size asks for. */
export function formatFigure(value: number, unit: Unit): string {
  if (unit === 'us') return formatUs(value);
  if (unit === 'ratio') return formatPercent(value);
  return unit === '1/s' ? `${formatRate(value)}/s` : formatRate(value);
}
