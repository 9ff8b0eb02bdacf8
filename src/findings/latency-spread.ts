import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import { formatUs } from '../stats/format-figure.ts';

/**
 * How far the median may lie from the mean, and how far the tail above the median, for times to be regular. Units:
 * ratio, factor. Reason: random gaps (exponential) have a median of 0.69 means and a p99 of 6.6 medians; timers of
 * 5 ms on a disturbed machine were at 1.00 and 1.7. Doubt: below a few ms the jitter of the machine is as large as the
 * pace, and a paced stream passes for an irregular one.
 */
const MEDIAN_FROM_MEAN = 0.2;
const TAIL_TO_MEDIAN = 3;

/** Median, mean and tail of a latency in words, and whether they are those of something regular. */
export function describeSpread(
  what: string,
  metrics: ArmEvidence['metrics'],
  base: 'gap_us' | 'stream_us',
): { regular: boolean; text: string } | undefined {
  const p50 = readingValue(metrics[`${base}_p50`]);
  const mean = readingValue(metrics[`${base}_mean`]);
  const p99 = readingValue(metrics[`${base}_p99`]);
  const tail = p99 ?? readingValue(metrics[`${base}_max`]);
  if (p50 === undefined || mean === undefined || tail === undefined) return undefined;
  const regular = Math.abs(p50 - mean) <= MEDIAN_FROM_MEAN * mean && tail <= TAIL_TO_MEDIAN * p50;
  return {
    regular,
    text: `the ${what} are ${regular ? 'regular' : 'irregular'}: median ${formatUs(p50)}, mean ${formatUs(mean)}, ${p99 === undefined ? 'max' : 'p99'} ${formatUs(tail)}`,
  };
}
