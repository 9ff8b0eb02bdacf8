import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import { formatPercent, formatRate, formatUs } from '../stats/format-figure.ts';
import { eventsPerResponse } from './figures.ts';

/**
 * Events per data segment from which they come in bunches. Unit: events. Reason: a flushed server sends one event per
 * segment, and two that fall together are chance; unflushed ones sent 5 to 70. Doubt: a server that has several events
 * ready at once may well write them at once.
 */
const BUNCH = 2;

/**
 * Age of events at their arrival / time before the response's first byte, from which they were held back. Unit: ratio.
 * Reason: events that happen evenly and are kept until the last are half that old on average; fresh ones are younger than
 * a tenth of it. Doubt: needs a target that stamps its events.
 */
const HELD_BACK = 0.25;

/** Whether events arrive in bunches, on the side of the target itself where there is a proxy. */
export function bunching(
  evidence: ArmEvidence,
): { bunched: boolean; perSegment: number; text: string } | undefined {
  const wire = evidence.upstream ?? evidence.wire;
  const segments = readingValue(wire?.segments_per_response);
  const events = eventsPerResponse(evidence);
  const seen = readingValue(wire?.events_per_segment);
  const perSegment = seen ?? (events !== undefined && segments !== undefined ? events / segments : undefined);
  if (perSegment === undefined) return undefined;
  return {
    bunched: perSegment >= BUNCH,
    perSegment,
    text: `${formatRate(perSegment)} events came per data segment`,
  };
}

/** How old events are when they arrive, where the target stamps them; `held` when they were kept back. */
export function ageAtArrival({ metrics, wire }: ArmEvidence): { held: boolean; text: string } | undefined {
  const lagUs = readingValue(metrics.delivery_lag_us_mean) ?? readingValue(metrics.delivery_lag_us_p50);
  const gapUs = readingValue(metrics.gap_us_mean);
  const waitUs = readingValue(wire?.wire_ttfb_us_p50);
  const wholeUs = Math.max(waitUs ?? 0, gapUs ?? 0);
  if (lagUs === undefined || wholeUs === 0) return undefined;
  return {
    held: lagUs > HELD_BACK * wholeUs,
    text: `events are ${formatUs(lagUs)} old when they arrive (${formatPercent(lagUs / wholeUs)} of the time before)`,
  };
}
