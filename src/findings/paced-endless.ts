import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Verdict } from '../model/finding.ts';
import { formatCount, formatRate, formatUs } from '../stats/format-figure.ts';
import { cpuDoubts, describeSpareCpu } from './cpu-load.ts';
import { describeSpread } from './latency-spread.ts';
import { LITTLE_RESIDUAL } from './littles-law.ts';

/**
 * Share of endless streams that must be held for their rate to be the server's choice. Unit: ratio 0..1. Reason: lost
 * streams lower the rate for another reason. Doubt: none worth a finer number.
 */
const ALL_HELD = 0.99;

/**
 * Whether endless streams are paced by the server. A rate of connections / gap follows from counting alone, as Little's
 * law does. What tells a server's pace from a server that cannot keep up: gaps that are regular, events that do not
 * queue on the way, and CPU to spare on both sides.
 */
export function judgePacedEndless(evidence: ArmEvidence): Verdict {
  const { arm, metrics, outcomes, process } = evidence;
  const rate = readingValue(metrics.events_per_sec);
  const gapUs = readingValue(metrics.gap_us_p50);
  const gaps = describeSpread('gaps between events', metrics, 'gap_us');
  const attempted = readingValue(outcomes.attempted);
  const held = readingValue(outcomes.held);
  if (
    rate === undefined ||
    gapUs === undefined ||
    gaps === undefined ||
    attempted === undefined ||
    held === undefined ||
    attempted === 0
  ) {
    return { outcome: 'insufficient-data', missing: ['events/s, gaps between events and held streams'] };
  }
  const heldText = `${formatCount(held)} of ${formatCount(attempted)} streams were held to the end`;
  if (held / attempted < ALL_HELD) return { outcome: 'clear', because: [heldText] };
  const lag = describeLag(evidence, gapUs);
  if (lag?.late === 'more and more') return { outcome: 'clear', because: [lag.text, heldText] };
  if (lag?.late === 'evenly') {
    return {
      outcome: 'insufficient-data',
      missing: [`a capture with handshakes as long: ${lag.text}, by a long way or behind full buffers`],
    };
  }
  if (!gaps.regular) {
    return {
      outcome: 'insufficient-data',
      missing: [`a regular pace (${gaps.text}, as in bursts or of a server that falls behind)`],
    };
  }
  const paceText = `${arm.connections} connections with an event every ${formatUs(gapUs)} make ${formatRate((arm.connections * 1e6) / gapUs)} events/s; ${formatRate(rate)} arrived`;
  const residual = Math.abs((rate * gapUs) / 1e6 / arm.connections - 1);
  if (residual > LITTLE_RESIDUAL) return { outcome: 'clear', because: [paceText, heldText] };
  return {
    outcome: 'found',
    class: 'wait',
    weight: 1 - residual,
    sentence: `All streams are healthy and the server paces them: one event every ${formatUs(gapUs)} on each of ${arm.connections} connections.`,
    because: [gaps.text, ...(lag ? [lag.text] : []), heldText, describeSpareCpu(process), paceText],
    against: [
      'a server that serves its streams strictly in turn has regular gaps too; another number of connections would tell',
      ...cpuDoubts(process),
    ],
  };
}

/**
 * How long events are on their way to the tool; undefined where the target does not stamp them. A long way makes every event
 * late by as much, as the buffers of a slow reader do once they are full; only the handshake tells the two apart. What
 * queues is the later the longer.
 */
function describeLag(
  { arm, metrics, wire }: ArmEvidence,
  gapUs: number,
): { late: 'no' | 'evenly' | 'more and more'; text: string } | undefined {
  const lagUs = readingValue(metrics.delivery_lag_us_p50);
  if (lagUs === undefined) return undefined;
  const text = `events reach ${arm.tool} ${formatUs(lagUs)} after the server made them (median)`;
  const lateUs = readingValue(metrics.delivery_lag_us_p99);
  const wayUs = readingValue(wire?.handshake_us_p50) ?? 0;
  if (lagUs - wayUs <= gapUs) return { late: 'no', text };
  const growthUs = lateUs === undefined ? lagUs : lateUs - lagUs;
  const longer = `${text}, ${lateUs === undefined ? '' : `${formatUs(lateUs)} at p99, `}longer than the ${formatUs(gapUs)} between two`;
  return growthUs > gapUs
    ? { late: 'more and more', text: `${longer}: they queue on the way` }
    : { late: 'evenly', text: longer };
}
