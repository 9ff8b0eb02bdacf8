import type { Comparison } from '../../model/comparison.ts';
import { formatCount } from '../../stats/format-figure.ts';
import { buildSections, type Section } from '../sections.ts';
import { type Content, html, type SafeHtml } from './html.ts';
import { part } from './parts.ts';

/** The sections of the other reports that have no part of their own here. */
const FROM_SECTIONS = [
  'Trials that did not end well',
  'Problems',
  'Profiles of the target, in a trial of their own',
  'Requests as sent',
];
/** Those that are not folded away. */
const OPEN = FROM_SECTIONS.slice(0, 2);
const GIB = 2 ** 30;

/** The machine, what went wrong, the exact requests, and how to do it again. */
export function renderEnvironment(comparison: Comparison): SafeHtml {
  const { environment: machine, harnessVersion, startedAt, scenario, arms } = comparison;
  const facts: [string, Content][] = [
    ['Machine', `${machine.cpus} x ${machine.cpuModel}, ${(machine.memoryBytes / GIB).toFixed(1)} GiB`],
    ['System', `${machine.os}, ${machine.kernel}`],
    ['Node', machine.node],
    ['Network', machine.namespaces ? 'every trial in a network namespace of its own' : 'shared loopback'],
    ['Open files', machine.openFiles === null ? 'unknown' : formatCount(machine.openFiles)],
    [
      'Tools',
      arms
        .map((arm) => `${arm.tool} ${arm.toolVersion ?? 'not found'}`)
        .filter(isFirst)
        .join(', '),
    ],
    ['Scenario', html`<code>${scenario.path}</code> (sha256 ${scenario.sha256.slice(0, 12)})`],
    ['Started', startedAt],
    ['ssee-bench', harnessVersion],
  ];
  const sections = buildSections(comparison);
  const [reproduce, ...executed] = sections.filter((section) => section.kind === 'code');
  return part(
    'environment',
    'Environment, and how to do it again',
    undefined,
    html`<div class="grid two"><div class="panel"><h3 class="hidden">Environment</h3><dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div>
<div class="panel"><h3>${reproduce?.title}</h3><div class="commands">${reproduce?.items.map((item) => renderCommand(undefined, item.text))}</div>${executed.map(renderExecuted)}</div></div>
${sections
  .filter((section) => FROM_SECTIONS.includes(section.title))
  .map(
    (section) =>
      html`<details${OPEN.includes(section.title) && html` open`}><summary>${section.title}</summary><ul class="list">${section.items.map((item) => html`<li>${item.text}${item.details.length > 0 && html`<ul class="inner-list">${item.details.map((detail) => html`<li>${detail}</li>`)}</ul>`}</li>`)}</ul></details>`,
  )}`,
  );
}

function renderExecuted({ title, items }: Section): SafeHtml {
  return html`<details><summary>${title}</summary><div class="commands">${items.map((item) => renderCommand(undefined, item.text))}</div></details>`;
}

/** A command to be copied. */
export function renderCommand(label: string | undefined, command: string): SafeHtml {
  return html`<div>${label !== undefined && html`<span class="unit">${label}</span>`}<div class="command"><pre tabindex="0"><code>${command}</code></pre><button type="button" class="needs-script" data-copy>Copy</button></div></div>`;
}

function isFirst<T>(value: T, index: number, all: readonly T[]): boolean {
  return all.indexOf(value) === index;
}
