import type {
  History,
  HistoryPoint,
  HistorySeries,
  ScenarioHistory,
  SeriesChange,
} from '../../../model/history.ts';
import { formatPercent } from '../../../stats/format-figure.ts';
import { formatFigure } from '../../history/format-figure.ts';
import { METRIC_TITLES } from '../../history/metric-titles.ts';
import { Notes } from '../../notes.ts';
import { embedJson } from '../embed-json.ts';
import { type Content, html, type SafeHtml } from '../html.ts';
import type { PageAssets } from '../page-assets.ts';
import { renderDocument } from '../page-document.ts';
import { armClass, nothing, part, tableBehind } from '../parts.ts';
import { HISTORY_STYLE } from './history-style.ts';

/** Changes that are listed before the rest is folded away. */
const CHANGES_SHOWN = 8;

/** Trends of many runs as one page that needs nothing from anywhere. */
export function historyHtml(history: History, assets: PageAssets): string {
  const { scenarios, warnings } = history;
  const runCount = scenarios.reduce((sum, { runs }) => sum + runs.length, 0);
  return renderDocument({
    title: 'History - ssee-bench',
    harnessVersion: history.harnessVersion,
    nav: scenarios.map(({ name }, index) => [`scenario-${index}`, name] as const),
    navLabel: 'Scenarios',
    skip: 'To the history',
    main: html`<div class="hero"><p class="overline"><b>History</b></p>
<h1>${describeAll(history)}</h1>
<p class="about">${describeMethod(history)}</p>
<ul class="facts"><li><b>${runCount}</b> ${runCount === 1 ? 'run' : 'runs'}</li><li><b>${scenarios.length}</b> ${scenarios.length === 1 ? 'scenario' : 'scenarios'}</li>${warnings.length > 0 && html`<li><b>${warnings.length}</b> ${warnings.length === 1 ? 'folder' : 'folders'} left out</li>`}</ul></div>
${scenarios.map((scenario, index) => renderScenario(scenario, index))}
${warnings.length > 0 && html`<details><summary>Folders that were left out</summary><ul class="list">${warnings.map((line) => html`<li>${line}</li>`)}</ul></details>`}
<footer>Made by ssee-bench ${history.harnessVersion} from stored runs. The same figures are in history.json beside this file.</footer>`,
    data: { id: 'history-data', json: embedJson(history) },
    assets,
    extraStyle: HISTORY_STYLE,
  }).text;
}

/** The newest change for the worse, which is what one opens this page for. */
function describeAll({ scenarios }: History): string {
  const worse = scenarios.flatMap((scenario) =>
    scenario.series.flatMap((series) =>
      series.changes.flatMap((change) =>
        change.verdict === 'worse'
          ? [{ scenario, series, change, at: scenario.runs[change.run]!.startedAt }]
          : [],
      ),
    ),
  );
  const newest = worse.reduce<(typeof worse)[number] | undefined>(
    (last, next) => (last && Date.parse(last.at) >= Date.parse(next.at) ? last : next),
    undefined,
  );
  if (!newest) return 'No figure has changed for the worse in the stored runs.';
  const { scenario, series, change } = newest;
  return `The last change for the worse: ${scenario.name}, ${describeChange(series, change)}, with the run of ${dayOf(newest.at)}.`;
}

function describeMethod({ changePoints: { alpha, permutations } }: History): string {
  return `A change is where a figure's level moves from one run to the next and stays there for at least three runs: E-divisive on values drawn in to six deviations, ${permutations} permutations, p at most ${alpha} within each series. What changed around it is named beside it and may be the cause or not.`;
}

function renderScenario(scenario: ScenarioHistory, index: number): SafeHtml {
  const id = `scenario-${index}`;
  const { runs } = scenario;
  const arms = armsOf(scenario);
  const notes = new Notes();
  const charts = METRIC_TITLES.map((title) => renderMetric(scenario, index, title, arms, notes));
  return part(
    id,
    scenario.name,
    `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, ${dayOf(runs[0]!.startedAt)} to ${dayOf(runs.at(-1)!.startedAt)}.`,
    html`${renderChanges(scenario, arms)}
<div class="controls needs-script"><label>Rows <select data-arms="${index}"><option value="">all</option>${arms.map((arm) => html`<option value="${arm}">${arm}</option>`)}</select></label><ul class="legend keys">${arms.map((arm, place) => html`<li class="${armClass(place)}"><span class="dot"></span>${arm}</li>`)}<li><svg class="key" viewBox="0 0 18 10" aria-hidden="true"><path class="level" d="M0 5H18"></path></svg>level between changes</li><li><svg class="key" viewBox="0 0 18 10" aria-hidden="true"><path class="tick" d="M9 0V10"></path></svg>surroundings changed</li></ul></div>
<div class="grid two">${charts}</div>
${renderNotes(notes, id)}
${tableBehind(`Every run: ${scenario.name}`, renderRuns(scenario))}`,
  );
}

/** Row names in the order of the comparison; the place of each decides on its colour. */
function armsOf({ series }: ScenarioHistory): string[] {
  return [...new Set(series.map(({ arm }) => arm))];
}

function renderChanges(scenario: ScenarioHistory, arms: readonly string[]): SafeHtml {
  const all = scenario.series
    .flatMap((series) => series.changes.map((change) => ({ series, change })))
    .sort((a, b) => b.change.run - a.change.run || a.change.p - b.change.p);
  if (all.length === 0) {
    return nothing(
      scenario.runs.length < 6
        ? 'Too few runs to tell a change: there are three on each side of one at least.'
        : 'No figure has changed its level.',
    );
  }
  const items = all.map(({ series, change }) => renderChange(scenario, series, change, arms));
  const list = (part: readonly SafeHtml[]): SafeHtml => html`<ul class="list changes">${part}</ul>`;
  return html`<div class="panel"><h3>Changes, newest first</h3>${list(items.slice(0, CHANGES_SHOWN))}${
    items.length > CHANGES_SHOWN &&
    html`<details class="inner"><summary>${items.length - CHANGES_SHOWN} older changes</summary>${list(items.slice(CHANGES_SHOWN))}</details>`
  }</div>`;
}

function renderChange(
  { runs }: ScenarioHistory,
  series: HistorySeries,
  change: SeriesChange,
  arms: readonly string[],
): SafeHtml {
  const run = runs[change.run]!;
  const [low, high] = change.shift.interval;
  const { unit } = series;
  const badge = { better: 'agree', worse: 'differ', neither: 'open' }[change.verdict];
  return html`<li class="${armClass(arms.indexOf(series.arm))}"><span class="badge ${badge}">${change.verdict === 'neither' ? 'changed' : change.verdict}</span> <span class="dot"></span>${describeChange(series, change)} <span class="aside">shift ${formatFigure(change.shift.value, unit)}, 95 % ${formatFigure(low, unit)} to ${formatFigure(high, unit)}, p ${change.p.toPrecision(1)}</span> ${linkRun(run.report, html`run of ${minuteOf(run.startedAt)}`)}${
    change.coincidesWith.length > 0 &&
    html`<span class="aside with">around it: ${change.coincidesWith.join('; ')}</span>`
  }</li>
`;
}

function describeChange({ arm, metric, unit }: HistorySeries, { before, after }: SeriesChange): string {
  const title = METRIC_TITLES.find(({ id }) => id === metric)!.name;
  const percent =
    before === 0 ? '' : ` (${after >= before ? '+' : '-'}${formatPercent(Math.abs(after / before - 1))})`;
  const verb = after > before ? 'rose' : after < before ? 'fell' : 'changed its spread around';
  const levels =
    after === before
      ? formatFigure(after, unit)
      : `from ${formatFigure(before, unit)} to ${formatFigure(after, unit)}${percent}`;
  return `${arm}: ${title} ${verb} ${levels}`;
}

function renderMetric(
  scenario: ScenarioHistory,
  index: number,
  { id: metric, name, unit }: (typeof METRIC_TITLES)[number],
  arms: readonly string[],
  notes: Notes,
): SafeHtml {
  const id = `s${index}-${metric}`;
  const series = scenario.series.filter((one) => one.metric === metric);
  const seen = series.some(({ points }) => points.some(({ known }) => known));
  const reasons = [
    ...new Set(
      series.flatMap(({ points }) => points.flatMap((point) => (point.known ? [] : [point.detail]))),
    ),
  ];
  const chart = seen
    ? html`<div class="chart needs-script" data-chart="history" data-scenario="${index}" data-metric="${metric}" role="img" aria-labelledby="${id}-title ${id}-unit"></div>`
    : nothing(`no run has a value: ${reasons.slice(0, 2).join('; ')}`);
  return html`<figure class="panel"><figcaption><h3 id="${id}-title">${name}</h3><span class="unit" id="${id}-unit">${unit}</span></figcaption>
${chart}
${tableBehind(`${name} as a table: ${scenario.name}`, renderPoints(scenario, series, arms, notes, `${id}`))}</figure>
`;
}

/** Newest first: a table of years is read from its end. */
function renderPoints(
  { runs }: ScenarioHistory,
  series: readonly HistorySeries[],
  arms: readonly string[],
  notes: Notes,
  id: string,
): SafeHtml {
  const columns = arms.map((arm) => series.find((one) => one.arm === arm)!);
  const rows = runs.map((run, place) => {
    const cells = columns.map((one) => {
      const change = one.changes.find((found) => found.run === place);
      return html`<td class="num">${renderPoint(one.points[place]!, one.unit, notes, id)}${change && html`<span class="sub">${change.verdict === 'neither' ? 'changed' : change.verdict}</span>`}</td>`;
    });
    return html`<tr><th scope="row">${linkRun(run.report, minuteOf(run.startedAt))}</th>${cells}</tr>
`;
  });
  return html`<table><thead><tr><th scope="col">run</th>${arms.map((arm) => html`<th scope="col" class="num">${arm}</th>`)}</tr></thead><tbody>${rows.reverse()}</tbody></table>`;
}

function renderPoint(point: HistoryPoint, unit: HistorySeries['unit'], notes: Notes, id: string): Content {
  if (point.known) return formatFigure(point.value, unit);
  const number = /\d+/.exec(notes.markAbsent(point))![0];
  const scenario = id.slice(1, id.indexOf('-'));
  return html`<span class="na">n/a</span> <a class="note" href="#scenario-${scenario}-note-${number}" aria-label="reason ${number}">[${number}]</a>`;
}

function renderNotes(notes: Notes, id: string): Content {
  const items = notes.list().map((note) => {
    const [, number, text] = /^\[(\d+)\] (.*)$/s.exec(note) ?? [];
    return html`<li id="${id}-note-${number}"><b>${number}</b>${text}</li>\n`;
  });
  return (
    items.length > 0 &&
    html`<details class="inner reasons"><summary>Reasons of absent values</summary><ul class="notes">${items}</ul></details>`
  );
}

function renderRuns({ runs }: ScenarioHistory): SafeHtml {
  const rows = runs.map(
    (run) =>
      html`<tr><th scope="row">${linkRun(run.report, minuteOf(run.startedAt))}<span class="sub">${run.folder}</span></th><td>${run.state}</td><td>${run.changes.length > 0 ? run.changes.map((change) => html`<span class="sub">${change}</span>`) : 'none'}</td><td>${run.verdict}</td></tr>
`,
  );
  return html`<table class="runs"><thead><tr><th scope="col">run</th><th scope="col">state</th><th scope="col">changes around it</th><th scope="col">verdict</th></tr></thead><tbody>${rows.reverse()}</tbody></table>`;
}

function linkRun(report: string | null, text: Content): Content {
  return report === null ? text : html`<a href="${report}">${text}</a>`;
}

/** UTC, like the names of run folders. */
function minuteOf(startedAt: string): string {
  return new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ');
}

function dayOf(startedAt: string): string {
  return new Date(startedAt).toISOString().slice(0, 10);
}
