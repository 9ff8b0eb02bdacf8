import { clopperPearson } from '../../../stats/clopper-pearson.ts';
import { formatCount, formatPercent, percentDigits } from '../../../stats/format-figure.ts';

/** With its 95 % interval, `0/100 (<= 3.6 %)`: none of a hundred is no proof of never. */
export function describeShare(count: number, total: number): string {
  if (total === 0) return '0/0';
  const [low, high] = clopperPearson(count, total);
  const counts = `${formatCount(count)}/${formatCount(total)}`;
  if (count === 0) return `${counts} (<= ${formatPercent(high)})`;
  if (count === total) return low > 0.9999 ? counts : `${counts} (>= ${shareDigits(low)} %)`;
  return `${counts} (${shareDigits(count / total)} %, ${shareDigits(low)} - ${shareDigits(high)} %)`;
}

/** What is not all is not rounded to 100 %. */
function shareDigits(ratio: number): string {
  const isNearlyAll = ratio > 0.999 && ratio < 1;
  return isNearlyAll ? String(Math.floor(ratio * 1e5) / 1e3) : percentDigits(ratio);
}
