import type { ReportData } from '../../model/report-data.ts';
import type { TesterSurvival } from '../../model/tester-report.ts';
import { formatCount, formatPercent } from '../../stats/format-figure.ts';
import { type Content, html, type SafeHtml } from './html.ts';
import { armClass, nothing, part, table, tableBehind } from './parts.ts';

const DEATH_NAMES: Record<keyof TesterSurvival['deaths'], string> = {
  fin: 'closed in mid-stream',
  rst: 'reset',
  stall: 'gone silent',
  protocol: 'broken',
};

/** How long streams lived, and the ages at which they died together. */
export function renderSurvival(data: ReportData): SafeHtml {
  const shown = data.arms.flatMap((arm, index) =>
    arm.survival.known ? [{ arm: arm.id, index, ...arm.survival }] : [],
  );
  const reasons = data.arms.flatMap((arm) =>
    arm.survival.known ? [] : [`${arm.id}: ${arm.survival.detail}`],
  );
  return part(
    'survival',
    'How long streams lived',
    'Kaplan-Meier estimate with its 95 % interval; completed, held and given-up streams are censored. Network faults scatter, deadlines do not: ages at which deaths cluster are marked.',
    shown.length === 0
      ? nothing(`${reasons.join('. ')}.`)
      : html`<div class="panel"><ul class="legend">${shown.map(
          ({ arm, index }) =>
            html`<li class="${armClass(index)}"><svg class="key" viewBox="0 0 18 10" aria-hidden="true"><line x1="0" y1="5" x2="18" y2="5"></line></svg>${arm}</li>`,
        )}</ul>
<div class="chart needs-script" data-chart="survival" role="img" aria-label="Share of streams alive by age. ${shown
          .map(({ arm, curve }) => `${arm}: ${summarize(curve)}`)
          .join('. ')}. The table below has the figures."></div>
<ul class="list">${shown.map(
          ({ arm, trialId, curve }) => html`<li><b>${arm}</b> (${trialId}): ${summarize(curve)}</li>`,
        )}${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>
${shown.map(({ arm, curve }) => tableBehind(`Survival of ${arm} as a table`, stepTable(arm, curve)))}</div>`,
  );
}

function summarize({ lifetimes, deaths, medianMs, clusters }: TesterSurvival): string {
  const died = Object.entries(deaths).filter(([, count]) => count > 0) as [keyof typeof deaths, number][];
  return [
    `${formatCount(lifetimes)} streams, ${died.map(([kind, count]) => `${formatCount(count)} ${DEATH_NAMES[kind]}`).join(', ') || 'none lost'}`,
    medianMs === null ? 'more than half outlived the run' : `half gone after ${seconds(medianMs)}`,
    ...clusters.map(
      ({ count, ageMs, spreadMs, nominalMs, round }) =>
        `${formatCount(count)} deaths at ${seconds(ageMs)} +- ${seconds(spreadMs)}${round ? `, a deadline of ${seconds(nominalMs)}` : ''}`,
    ),
  ].join('; ');
}

function stepTable(arm: string, { steps }: TesterSurvival): SafeHtml {
  const show = (value: number | null): Content =>
    value === null ? html`<span class="na">nobody left</span>` : formatPercent(value);
  return table(
    `Share of the streams of ${arm} alive just after each age at which some died`,
    [
      { head: 'age' },
      { head: 'alive', numeric: true },
      { head: 'at least', numeric: true },
      { head: 'at most', numeric: true },
    ],
    steps.map(({ atMs, survival, low, high }) => [
      seconds(atMs),
      formatPercent(survival),
      show(low),
      show(high),
    ]),
  );
}

/** Ages need more digits than latencies: 59.98 s and 60 s are different findings. */
function seconds(ms: number): string {
  return ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / 1000).toPrecision(4))} s`;
}
