import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import { formatUs } from '../stats/format-figure.ts';
import { usualEventGapUs } from './event-gap.ts';
import { judgeLocks } from './lock-contention.ts';

/**
 * Wait for a first event / gap between events from which a server takes as long for everything that it writes. Unit: ratio.
 * Reason: a paced stream begins at once, its first event was below 0.05 gaps; behind a lock that connections take in turn it
 * waits for half a round or more. Doubt: a handler that waits a gap before its first event looks the same.
 */
const AS_LONG = 0.25;

/** Shortest wait for a first event that is no accident of scheduling. Unit: us. Reason and doubt: as for slow handlers. */
const LEAST_WAIT_US = 3000;

/**
 * What is missing where connections may be taking turns for something that all of them need, a lock above all, instead of
 * being paced by a clock; undefined where nothing looks so, or where a profile of locks has the answer.
 */
export function describeTurns(evidence: ArmEvidence): string | undefined {
  const { arm } = evidence;
  if (arm.stream === 'endless' || arm.connections < 2 || judgeLocks(evidence)) return undefined;
  const first = firstEvent(evidence);
  if (!first || first.isPrompt) return undefined;
  const { waitUs, gapUs } = first;
  return `a profile of locks, or another number of connections: the first event takes ${formatUs(waitUs)} where events are ${formatUs(gapUs)} apart, as where ${arm.connections} connections take turns`;
}

/** When the first event came, against the usual gap between two; undefined where either is not known. */
function firstEvent(evidence: ArmEvidence): { waitUs: number; gapUs: number; isPrompt: boolean } | undefined {
  const { wire, upstream, metrics } = evidence;
  const server = upstream ?? wire;
  const firstUs =
    readingValue(server?.wire_ttfe_us_p50) ??
    readingValue(metrics.ttfe_us_p50) ??
    readingValue(server?.wire_ttfb_us_p50) ??
    readingValue(metrics.ttfb_us_p50);
  const gapUs = usualEventGapUs(evidence);
  if (firstUs === undefined || gapUs === undefined) return undefined;
  const waitUs = firstUs - (readingValue(server?.handshake_us_p50) ?? 0);
  return { waitUs, gapUs, isPrompt: waitUs < LEAST_WAIT_US || waitUs < AS_LONG * gapUs };
}

/** A lock that requests queue for looks the same from outside, unless streams begin at once. */
export function describeLocks(evidence: ArmEvidence): string[] {
  const locks = judgeLocks(evidence);
  if (!locks) {
    if (evidence.arm.stream === 'finite' && firstEvent(evidence)?.isPrompt) return [];
    return [
      'a lock that requests queue for looks the same from outside; another number of connections, or a profile, would tell',
    ];
  }
  return locks.confidence > 0 ? locks.because : [];
}
