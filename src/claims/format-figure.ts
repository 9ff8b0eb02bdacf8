import { formatCount, formatPercent, formatRate, formatUs } from '../stats/format-figure.ts';

/** A figure of a claim for a person; units of probes are their own words. */
export function formatFigure(value: number | string | boolean, unit: string): string {
  if (typeof value !== 'number') return String(value);
  switch (unit) {
    case 'us':
      return formatUs(value);
    case 'ratio':
      // Beyond 1 it is no share: requests per connection.
      return Math.abs(value) > 1 ? formatRate(value) : formatPercent(value);
    case '1/s':
      return `${formatRate(value)}/s`;
    case 'count':
    case '':
      return Number.isInteger(value) ? formatCount(value) : formatRate(value);
    default:
      return `${Number.isInteger(value) ? formatCount(value) : formatRate(value)} ${unit}`;
  }
}
