import type { Comparison } from '../../model/comparison.ts';
import { formatDuration } from '../../model/units.ts';
import { formatCount, formatPercent, formatRate } from '../../stats/format-figure.ts';
import { compareRates } from '../relative-rate.ts';
import { html, type SafeHtml } from './html.ts';
import { armClass } from './parts.ts';

/** Characters that two lines of large type hold. */
const LONG_VERDICT = 140;

/** The top of the page: the verdict, what was run, and one card per arm. */
export function renderHero(comparison: Comparison): SafeHtml {
  const { scenario, load, arms, state, startedAt } = comparison;
  const targets = [
    ...new Set(arms.map(({ target }) => [target.name, target.version].filter((text) => text).join(' '))),
  ];
  const facts: [string, string][] = [
    [formatCount(load.connections), load.connections === 1 ? 'connection' : 'connections'],
    [formatDuration(load.durationMs), 'each'],
    [String(load.rounds), load.rounds === 1 ? 'round' : 'rounds'],
    [load.stream, 'streams'],
    ...targets.map((target): [string, string] => [target, 'target']),
    ...(state === 'done' ? [] : [[state, 'run'] as [string, string]]),
  ];
  return html`<div class="hero">
<p class="overline"><b>${scenario.name}</b> · ${startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</p>
<h1${comparison.verdict.length > LONG_VERDICT && html` class="long"`}>${comparison.verdict}</h1>
${scenario.description !== undefined && html`<p class="about">${scenario.description}</p>`}
<ul class="facts">${facts.map(([value, name]) => html`<li><b>${value}</b> ${name}</li>`)}</ul>
<div class="scores">${renderScores(comparison)}</div>
</div>
`;
}

/** One card per arm with its rate, its failures and its first finding. */
export function renderScores({ arms }: Comparison): SafeHtml[] {
  const rates = compareRates(arms);
  const unit = rates?.metric === 'events_per_sec' ? 'events/s' : 'requests/s';
  return arms.map((arm, index) => {
    const cell = rates && arm.metrics[rates.metric];
    const failed = arm.metrics.failure_rate;
    const first = arm.findings[0];
    return html`<article class="score ${armClass(index)}"><h2>${arm.id}</h2>
<p class="big">${cell?.known ? html`${formatRate(Number(cell.value))} <small>${unit}</small>` : html`<span class="na">n/a</span> <small>${unit}</small>`}</p>
<p class="sub">${failed.known ? `${formatPercent(Number(failed.value))} of streams failed` : 'failures: cannot tell'}</p>
${first && html`<p><span class="badge ${first.outcome === 'found' ? 'found' : 'open'}">${first.code}</span></p>`}</article>
`;
  });
}
