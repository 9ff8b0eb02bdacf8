import { SIGNAL_NAME } from '../evidence/resilience/signal-series.ts';
import { formatAmount } from '../gate/judge-cell.ts';
import type { Comparison } from '../model/comparison.ts';
import { type FaultReaction, GRADE_RULE, type SignalReaction } from '../model/resilience.ts';

/** The resilience report as lines with details; empty where there were no faults on a timeline. */
export function describeResilience({
  resilience = [],
  arms,
}: Comparison): { text: string; details: string[] }[] {
  if (resilience.length === 0) return [];
  const severalTrials = resilience.length > arms.length;
  const items = resilience.flatMap(({ arm, trial, faults }) =>
    faults.map((fault) => ({
      text: `${severalTrials ? trial : arm}, ${titleOf(fault)}: ${fault.grade === null ? 'no grade' : `grade ${fault.grade}`}. ${fault.sentence}`,
      details: detailsOf(fault),
    })),
  );
  return [...items, { text: `Grades. ${GRADE_RULE}`, details: [] }];
}

/** `2-loss (20 % of packets lost)`, with its times as injected. */
function titleOf({ id, what, startedAtS, endedAtS }: FaultReaction): string {
  if (startedAtS === null || endedAtS === null) return `${id} (${what})`;
  return `${id} (${what}), ${startedAtS.toFixed(2)} to ${endedAtS.toFixed(2)} s`;
}

function detailsOf(fault: FaultReaction): string[] {
  return [...fault.signals.map(describeSignal), ...describeWitnesses(fault)];
}

function describeSignal(signal: SignalReaction): string {
  const { unit, before, during, after, verdict, limit, limitFrom, brokeAtS, recoveredAtS, worst, reason } =
    signal;
  const show = (value: number | null): string => (value === null ? 'n/a' : formatAmount(value, unit));
  const phases = `${SIGNAL_NAME[signal.signal]}: ${show(before)} before, ${show(during)} during, ${show(after)} after`;
  if (verdict === 'unknown') return `${phases}; not judged: ${reason}`;
  const band = `${signal.signal === 'throughput' ? 'at least' : 'at most'} ${show(limit)} by ${limitFrom === 'slo' ? 'its SLO' : 'what was before'}`;
  if (verdict === 'kept') return `${phases}; kept ${band}`;
  const back = recoveredAtS === null ? 'not back' : `back at ${recoveredAtS.toFixed(1)} s`;
  return `${phases}; broke at ${brokeAtS!.toFixed(1)} s (${show(worst)}, ${band}), ${back}`;
}

function describeWitnesses({
  health,
  synRetransmissions,
  retransmissions,
  wireSynRetransmissions,
}: FaultReaction): string[] {
  const nothing = !synRetransmissions && !retransmissions && !wireSynRetransmissions;
  const sent = nothing
    ? synRetransmissions === null && retransmissions === null && wireSynRetransmissions === null
      ? []
      : ['nothing was sent again']
    : [
        ...(synRetransmissions === null
          ? []
          : [`${synRetransmissions} packets of handshakes (SYN, SYN-ACK) sent again by the kernel's count`]),
        ...(retransmissions === null
          ? []
          : [`${retransmissions} segments in all sent again by the kernel's count`]),
        ...(wireSynRetransmissions === null
          ? []
          : [`${wireSynRetransmissions} SYNs sent again in the evidence trial's packets`]),
      ];
  return [
    ...(health
      ? [
          `health endpoint: ${health.green} of ${health.probes} probes green, slowest ${Math.round(health.slowestMs)} ms`,
        ]
      : []),
    ...(sent.length > 0 ? [`network: ${sent.join('; ')}`] : []),
  ];
}
