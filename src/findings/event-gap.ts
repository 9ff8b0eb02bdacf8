import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import { eventsPerResponse } from './figures.ts';
import { meanStreamUs } from './stream-duration.ts';

/**
 * The usual time between two events of one stream: by the tool (p90), or the mean that the length of streams and their
 * number of events leave. Gaps between segments say less: of a large event nearly all are inside it. In microseconds;
 * undefined where nobody counted events or timed streams.
 */
export function usualEventGapUs(evidence: ArmEvidence): number | undefined {
  const { metrics, wire, arm } = evidence;
  const byTool = readingValue(metrics.gap_us_p90) ?? readingValue(metrics.gap_us_p50);
  if (byTool !== undefined) return byTool;
  if (arm.stream === 'endless') return undefined;
  const events = eventsPerResponse(evidence);
  const streamUs = meanStreamUs(evidence);
  if (events === undefined || streamUs === undefined || events < 2) return undefined;
  const firstUs = readingValue(wire?.wire_ttfe_us_p50) ?? readingValue(wire?.wire_ttfb_us_p50) ?? 0;
  return Math.max(0, streamUs - firstUs) / (events - 1);
}
