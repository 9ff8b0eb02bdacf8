import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Finding } from '../model/finding.ts';
import { formatPercent } from '../stats/format-figure.ts';
import { littleResidual } from '../stats/little-law.ts';

/** Share of the asked connections that must have been begun. Doubt: 100 connections may miss two. */
const LEAST_CONCURRENCY = 0.98;

/**
 * Share of the CPU time taken by the hypervisor, and by other programs, from which a row is disturbed. Unit: ratio 0..1.
 * Reason: as in the findings, undisturbed runs showed less than 0.1 of foreign use. Doubt: what the kernel books on
 * nobody counts as foreign.
 */
const MOST_STEAL = 0.05;
const MOST_FOREIGN = 0.2;

/**
 * Largest part of the connections' time that may be unexplained. Unit: ratio. Reason: closed loops on finite streams
 * came within 0.02. Doubt: tools whose latency leaves connecting out miss more on short streams.
 */
const MOST_RESIDUAL = 0.1;
/** With more failures the time of failed streams is missing, which is the server's doing. */
const FAILURES_OF_NO_WEIGHT = 0.01;

/** Why the figures of a row are not to be trusted: its generator, its capture or its machine. Empty when they are. */
export function findInvalidity(evidence: ArmEvidence, findings: readonly Finding[]): string[] {
  return [
    ...generatorBound(findings),
    ...droppedPackets(evidence),
    ...missingConcurrency(evidence),
    ...interference(evidence),
    ...unexplainedTime(evidence),
  ];
}

function generatorBound(findings: readonly Finding[]): string[] {
  const busy = findings.find(({ code, outcome }) => code === 'client-cpu-saturated' && outcome === 'found');
  return busy
    ? [`the load generator had no CPU left, so its figures describe itself (${busy.because[0] ?? ''})`]
    : [];
}

function droppedPackets({ wire }: ArmEvidence): string[] {
  const dropped = readingValue(wire?.dropped_by_kernel) ?? 0;
  return dropped > 0 ? [`the capture is incomplete: the kernel dropped ${dropped} packets`] : [];
}

/** Connections begun, not connections answered: a server that refuses is no fault of the measurement. */
function missingConcurrency({ arm, wire, trials }: ArmEvidence): string[] {
  const opened = readingValue(wire?.connections_opened);
  const begun = opened === undefined ? undefined : opened - (readingValue(wire?.probe_connections) ?? 0);
  const fewest = Math.min(
    begun ?? Number.POSITIVE_INFINITY,
    ...trials.flatMap(({ kind, state, outcomes }) =>
      kind === 'measured' && state === 'done' ? (readingValue(outcomes.attempted) ?? []) : [],
    ),
  );
  return fewest < arm.connections * LEAST_CONCURRENCY
    ? [`only ${fewest} of ${arm.connections} connections were begun`]
    : [];
}

function interference({ process }: ArmEvidence): string[] {
  const { steal = 0, unaccounted = 0 } = process;
  return [
    ...(steal > MOST_STEAL ? [`the hypervisor took ${formatPercent(steal)} of the CPU time`] : []),
    ...(unaccounted > MOST_FOREIGN
      ? [`other programs used ${formatPercent(unaccounted)} of the machine's CPU time`]
      : []),
  ];
}

/** Little's law, where the loop is closed and the streams end. */
function unexplainedTime({ arm, metrics }: ArmEvidence): string[] {
  const perSec = readingValue(metrics.requests_per_sec);
  const meanUs = readingValue(metrics.stream_us_mean);
  if (arm.stream !== 'finite' || arm.ratePerConnection !== undefined) return [];
  if (perSec === undefined || meanUs === undefined) return [];
  if ((readingValue(metrics.failure_rate) ?? 0) > FAILURES_OF_NO_WEIGHT) return [];
  const residual = littleResidual(arm.connections, perSec, meanUs);
  return Math.abs(residual) > MOST_RESIDUAL
    ? [
        `rate x time per stream is ${formatPercent(Math.abs(residual))} ${residual < 0 ? 'less' : 'more'} than ${arm.connections} connections (Little's law)`,
      ]
    : [];
}
