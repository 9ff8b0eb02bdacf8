import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';

/** Mean duration of a completed stream in microseconds; the median where the tool gives no mean. */
export function meanStreamUs({ metrics }: ArmEvidence): number | undefined {
  const us = readingValue(metrics.stream_us_mean) ?? readingValue(metrics.stream_us_p50);
  return us !== undefined && us > 0 ? us : undefined;
}
