import type { Comparison } from '../../../model/comparison.ts';
import type { LivePlan } from '../../../model/live-run.ts';
import { formatDuration } from '../../../model/units.ts';
import { renderComparisonTable } from '../comparison-table.ts';
import { embedJson } from '../embed-json.ts';
import { renderFindings } from '../findings.ts';
import { renderScores } from '../hero.ts';
import { type Content, html, type SafeHtml } from '../html.ts';
import { renderOutcomes } from '../outcomes.ts';
import type { PageAssets } from '../page-assets.ts';
import { renderDocument } from '../page-document.ts';
import { armClass, nothing, part, scrollable } from '../parts.ts';
import { LIVE_STYLE } from './live-style.ts';

const CHARTS = [
  { id: 'requests', title: 'Responses', unit: 'per second' },
  { id: 'events', title: 'Events', unit: 'per second' },
  { id: 'open', title: 'Open connections', unit: 'of those asked for' },
  { id: 'latency', title: 'TTFB and TTFE', unit: 'ms, p50 and p99 since the start of the load' },
  { id: 'cpu', title: 'CPU', unit: 'CPUs in use' },
] as const;

const FIGURES = [
  ['requests', 'responses/s'],
  ['events', 'events/s'],
  ['open', 'open connections'],
  ['ttfe', 'TTFE p99'],
  ['tool-cpu', 'CPUs, tool'],
  ['target-cpu', 'CPUs, target'],
] as const;

/** Where the plan is in the page. */
const PLAN_ID = 'live-plan';

/** The page that is served while a run goes on, before anything has happened. What follows comes as events. */
export function liveHtml(
  plan: LivePlan,
  harnessVersion: string,
  assets: PageAssets,
): { text: string; policy: string } {
  return renderDocument({
    title: `Live: ${plan.scenario.name} - ssee-bench`,
    harnessVersion,
    nav: [
      ['progress', 'Progress'],
      ...(plan.duringTrials ? [['now', 'Now'] as const] : []),
      ['results', 'Results so far'],
    ],
    navLabel: 'Parts of the live page',
    skip: 'To the progress',
    main: html`${renderTop(plan)}
${renderProgress(plan)}
${plan.duringTrials && renderNow()}
<div id="results">${part('waiting', 'Results so far', undefined, nothing('The first row comes when its first trial has ended.'))}</div>
<footer>Served by ssee-bench ${harnessVersion} while it measures, on this machine alone. It ends with the run.</footer>`,
    data: { id: PLAN_ID, json: embedJson(plan) },
    assets,
    extraStyle: LIVE_STYLE,
    connects: true,
  });
}

/** The sections that grow: the same as in the report, of the trials that have ended. */
export function liveResults(comparison: Comparison): string {
  const none = { arms: [] };
  return html`<section class="part" id="rows" aria-labelledby="rows-title"><header><h2 id="rows-title">Results so far</h2><p>${comparison.verdict}</p></header><div class="scores">${renderScores(comparison)}</div></section>
${renderComparisonTable(comparison)}
${renderOutcomes(comparison)}
${renderFindings(comparison, none)}`.text;
}

function renderTop({ scenario, trials, arms }: LivePlan): SafeHtml {
  const durationMs = trials.reduce((sum, trial) => sum + trial.durationMs, 0);
  const facts: [string | number, string][] = [
    [arms.length, arms.length === 1 ? 'row' : 'rows'],
    [trials.length, trials.length === 1 ? 'trial' : 'trials'],
    [formatDuration(durationMs), 'of load in all'],
  ];
  return html`<div class="hero">
<p class="overline"><b>${scenario.name}</b> · live</p>
<h1 id="status">Starting</h1>
<p class="hidden" id="announcement" role="status" aria-live="polite"></p>
${scenario.description !== undefined && html`<p class="about">${scenario.description}</p>`}
<ul class="facts">${facts.map(([value, name]) => html`<li><b>${value}</b> ${name}</li>`)}<li id="remaining">time left: not known yet</li></ul>
<p class="connection" id="connection" role="status" hidden></p>
<noscript><p class="empty">This page needs scripts: it is fed while the run goes on. The report that comes after it does not.</p></noscript>
</div>`;
}

function renderProgress(plan: LivePlan): SafeHtml {
  const total = plan.trials.length;
  return part(
    'progress',
    'Progress',
    plan.duringTrials
      ? 'The page follows the tool while it measures. That takes CPU time on the machine that is being measured.'
      : 'The page stands still while a tool measures: drawing it would take CPU time on the machine that is being measured. Start the run with --live-during-trials to look into trials, at that cost.',
    html`<div class="panel"><label class="bar-label" for="bar"><span id="bar-text">0 of ${total} trials done</span></label>
<progress id="bar" max="${total}" value="0"></progress>
${scrollable('Trials', renderTrialTable(plan))}</div>`,
  );
}

/** Rows are rounds, columns are arms: what runs next to what is how fairness is arranged. */
function renderTrialTable({ arms, trials }: LivePlan): SafeHtml {
  const rows = [...new Set(trials.map(nameRow))];
  return html`<table class="trials"><caption class="hidden">Every trial of the plan with its state</caption>
<thead><tr><th scope="col">pass</th>${arms.map((arm, index) => html`<th scope="col" class="${armClass(index)}"><span class="dot"></span>${arm}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr><th scope="row">${row}</th>${arms.map((arm) => {
        const cells: Content[] = trials.flatMap((trial, index) =>
          nameRow(trial) === row && trial.arm === arm
            ? [html`<span class="badge state" data-trial="${index}">waiting</span> `]
            : [],
        );
        return html`<td>${cells.length > 0 ? cells : html`<span class="na">none</span>`}</td>`;
      })}</tr>
`,
  )}</tbody></table>`;
}

function nameRow({ kind, round }: LivePlan['trials'][number]): string {
  return kind === 'measured' ? `round ${round}` : kind;
}

function renderNow(): SafeHtml {
  return part(
    'now',
    'Now',
    html`<span id="now-trial">No tool measures at the moment.</span>`,
    html`<div class="scores figures">${FIGURES.map(
      ([id, name]) =>
        html`<div class="score"><h3>${name}</h3><p class="big" id="figure-${id}"><span class="na">n/a</span></p></div>`,
    )}</div>
<div class="grid two three charts">${CHARTS.map(
      ({ id, title, unit }) =>
        html`<figure class="panel"><figcaption><h3 id="now-${id}-title">${title}</h3><span class="unit" id="now-${id}-unit">${unit}</span></figcaption>
<div class="chart" data-chart="now" data-series="${id}" role="img" aria-labelledby="now-${id}-title now-${id}-unit"></div></figure>
`,
    )}</div>
<details class="inner" id="now-table"><summary>Every second of this trial</summary><div class="scroll" role="region" tabindex="0" aria-label="Every second of this trial"><table><tbody><tr><td>nothing yet</td></tr></tbody></table></div></details>`,
  );
}
