import { SIGNAL_NAME } from '../../evidence/resilience/signal-series.ts';
import { formatAmount } from '../../gate/judge-cell.ts';
import type { Comparison } from '../../model/comparison.ts';
import {
  type FaultReaction,
  GRADE_RULE,
  type Grade,
  type Resilience,
  type SignalReaction,
} from '../../model/resilience.ts';
import { type Content, html, type SafeHtml } from './html.ts';
import { part, scrollable, table } from './parts.ts';

const GRADE_TONES: Record<Grade, string> = { A: 'agree', B: 'agree', C: 'blind', D: 'differ', F: 'differ' };
const VERDICT_TONES = { kept: 'agree', broken: 'differ', unknown: 'blind' } as const;

/** Whether faults came and went in this run. */
export function hasResilience({ resilience }: Comparison): boolean {
  return (resilience ?? []).length > 0;
}

/** Per fault: what broke, when and how far, when it was well again, and the grade. */
export function renderResilience({ resilience = [] }: Comparison): SafeHtml {
  return part(
    'resilience',
    'Resilience report',
    'What each fault of the timeline did to the golden signals, in intervals of 100 ms. Latencies and failures stand where they began. Times are since the start of the tool.',
    html`${resilience.map(renderTrial)}<p class="sub">${GRADE_RULE}</p>`,
  );
}

function renderTrial({ arm, trial, faults }: Resilience): SafeHtml {
  const label = `Faults of ${arm}, trial ${trial}`;
  return html`<div class="panel">${scrollable(
    label,
    table(
      label,
      [
        { head: 'fault' },
        { head: 'came', numeric: true },
        { head: 'went', numeric: true },
        { head: 'grade' },
        { head: 'what happened' },
      ],
      faults.map((fault) => [
        html`${fault.what}<span class="sub">${fault.id}</span>`,
        seconds(fault.startedAtS),
        seconds(fault.endedAtS),
        fault.grade === null
          ? html`<span class="badge blind">${fault.state}</span>`
          : html`<span class="badge ${GRADE_TONES[fault.grade]}">${fault.grade}</span>`,
        fault.sentence,
      ]),
    ),
  )}${faults.filter(({ signals }) => signals.length > 0).map(renderSignals)}</div>
`;
}

function renderSignals({
  id,
  what,
  signals,
  health,
  synRetransmissions,
  wireSynRetransmissions,
}: FaultReaction): SafeHtml {
  const witnesses = [
    ...(health ? [`${health.green} of ${health.probes} health probes green`] : []),
    ...(synRetransmissions === null
      ? []
      : [`${synRetransmissions} SYNs and SYN-ACKs sent again by the kernel's count`]),
    ...(wireSynRetransmissions === null
      ? []
      : [`${wireSynRetransmissions} SYNs in the packets of the evidence trial`]),
  ];
  const label = `Signals around ${id}`;
  return html`<details class="inner"><summary>Signals around ${id}: ${what}</summary>${scrollable(
    label,
    table(
      label,
      [
        { head: 'signal' },
        { head: 'before', numeric: true },
        { head: 'during', numeric: true },
        { head: 'after', numeric: true },
        { head: 'limit', numeric: true },
        { head: 'worst', numeric: true },
        { head: 'broke', numeric: true },
        { head: 'back', numeric: true },
        { head: 'verdict' },
      ],
      signals.map(signalRow),
      'hidden',
    ),
  )}${witnesses.length > 0 && html`<p class="sub">${witnesses.join(', ')}</p>`}</details>`;
}

function signalRow(reaction: SignalReaction): Content[] {
  const { signal, unit, verdict, limitFrom, reason } = reaction;
  const show = (value: number | null): Content =>
    value === null ? html`<span class="na">-</span>` : formatAmount(value, unit);
  return [
    SIGNAL_NAME[signal],
    show(reaction.before),
    show(reaction.during),
    show(reaction.after),
    html`${show(reaction.limit)}${limitFrom === 'slo' && html`<span class="sub">SLO</span>`}`,
    show(reaction.worst),
    seconds(reaction.brokeAtS),
    seconds(reaction.recoveredAtS),
    html`<span class="badge ${VERDICT_TONES[verdict]}">${verdict}</span>${reason !== null && html`<span class="sub">${reason}</span>`}`,
  ];
}

function seconds(value: number | null): Content {
  return value === null ? html`<span class="na">-</span>` : `${value.toFixed(2)} s`;
}
