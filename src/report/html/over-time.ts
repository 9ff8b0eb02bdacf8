import type { Comparison } from '../../model/comparison.ts';
import type { ReportData, TrialSeries } from '../../model/report-data.ts';
import { formatCount, formatRate } from '../../stats/format-figure.ts';
import { median } from '../../stats/median.ts';
import { type Content, html, type SafeHtml } from './html.ts';
import { part, table, tableBehind } from './parts.ts';

const CHARTS = [
  { id: 'requests', title: 'Responses', unit: 'per second' },
  { id: 'events', title: 'Events', unit: 'per second' },
  { id: 'open', title: 'Open connections', unit: 'at the end of each interval' },
  { id: 'cpu', title: 'CPU', unit: 'CPUs in use' },
] as const;

/** Rates, connections and CPU over the time of one trial, to be chosen. */
export function renderOverTime(_: Comparison, data: ReportData): SafeHtml {
  const trials = data.arms.flatMap(({ id, trials }) => trials.map((trial) => ({ arm: id, trial })));
  const shown = preferred(data);
  return part(
    'time',
    'Over time',
    'One trial at a time, as its tool counted it; of evidence trials as the packets show it, with requests in place of responses. Dashed lines mark the end of the duration and what else happened.',
    html`<div class="controls needs-script"><label>Trial <select id="trial">${trials.map(
      ({ arm, trial }) =>
        html`<option value="${trial.trialId}"${trial.trialId === shown && html` selected`}>${arm}, ${trial.kind === 'measured' ? `round ${trial.round}` : `${trial.kind} trial`}</option>`,
    )}</select></label></div>
<div class="grid two needs-script">${CHARTS.map(
      ({ id, title, unit }) =>
        html`<figure class="panel"><figcaption><h3 id="time-${id}-title">${title}</h3><span class="unit" id="time-${id}-unit">${unit}</span></figcaption>
<div class="chart" data-chart="time" data-series="${id}" role="img" aria-labelledby="time-${id}-title time-${id}-unit"></div></figure>
`,
    )}</div>
${tableBehind('Every trial as a table', trialTable(trials))}
<details class="inner needs-script" id="time-table"><summary>Every interval of the chosen trial</summary><div class="scroll" role="region" tabindex="0" aria-label="Every interval of the chosen trial"></div></details>`,
  );
}

/** The first trial in which something other than CPU can be seen. */
function preferred(data: ReportData): string | undefined {
  const trials = data.arms.flatMap((arm) => arm.trials);
  const measured = trials.filter((trial) => trial.kind === 'measured' && trial.load.known);
  const best = measured[0] ?? trials.find((trial) => trial.load.known) ?? trials[0];
  return best?.trialId;
}

function trialTable(trials: readonly { arm: string; trial: TrialSeries }[]): SafeHtml {
  return table(
    'Median over the intervals of each trial; lowest and highest in brackets',
    [
      { head: 'trial' },
      { head: 'responses/s', numeric: true },
      { head: 'events/s', numeric: true },
      { head: 'open', numeric: true },
      { head: 'tool CPUs', numeric: true },
      { head: 'target CPUs', numeric: true },
      { head: 'counted by' },
    ],
    trials.map(({ trial }) => [
      trial.trialId,
      spread(trial.load.known ? trial.load.requestsPerS : [], formatRate),
      spread(trial.load.known ? trial.load.eventsPerS : [], formatRate),
      spread(trial.load.known ? trial.load.open : [], formatCount),
      spread(trial.cpu?.tool ?? [], formatRate),
      spread(trial.cpu?.target ?? [], formatRate),
      trial.load.known ? (trial.load.source === 'wire' ? 'packets' : 'the tool') : trial.load.detail,
    ]),
  );
}

function spread(values: readonly (number | null)[], format: (value: number) => string): Content {
  const seen = values.filter((value) => value !== null);
  const middle = median(seen);
  if (middle === undefined) return html`<span class="na">n/a</span>`;
  return html`${format(middle)}<span class="sub">${format(Math.min(...seen))}-${format(Math.max(...seen))}</span>`;
}
