import type { Comparison } from '../../model/comparison.ts';
import { findDisagreements, type Testimony } from '../disagreements.ts';
import { type Content, html, type SafeHtml } from './html.ts';
import { armClass, part, scrollable, table } from './parts.ts';

const VERDICT_NAMES = {
  agree: 'agrees',
  differ: 'differs',
  blind: 'tool is blind',
  unchecked: 'unchecked',
} as const;

/** What each tool said beside what the wire shows and what the target counted. */
export function renderDisagreements(comparison: Comparison): SafeHtml {
  return part(
    'witnesses',
    'Who says what',
    "Three witnesses of the same streams: the tool's own report, the packets of the evidence trial, and the target's counters. Where they differ the target and the wire are right about streams, the wire about times.",
    html`<div class="cards">${comparison.arms.map((arm, index) => {
      const rows = findDisagreements(arm, comparison);
      const content = table(
        `${arm.id}, witness by witness`,
        [
          { head: html`<span class="hidden">what</span>` },
          { head: html`tool<br>said`, numeric: true },
          { head: html`wire<br>shows`, numeric: true },
          { head: html`target<br>counted`, numeric: true },
        ],
        rows.map(({ what, from, tool, wire, target, verdict, sentence }) => [
          html`${what} <span class="badge ${verdict === 'unchecked' ? 'open' : verdict}">${VERDICT_NAMES[verdict]}</span><span class="sub">${from === 'evidence trial' && 'evidence trial: '}${sentence}</span>`,
          say(tool),
          say(wire),
          say(target),
        ]),
        'hidden',
      );
      return html`<article class="panel ${armClass(index)}"><h3><span class="dot"></span>${arm.id}</h3><div class="said">${scrollable(`What is said about ${arm.id}`, content)}</div></article>
`;
    })}</div>`,
  );
}

function say(testimony: Testimony): Content {
  return testimony.known
    ? html`${testimony.text}${testimony.note !== undefined && testimony.note === 'worked out from its rate' && html`<span class="sub">${testimony.note}</span>`}`
    : html`<span class="na" data-tip="${testimony.detail}">-</span>`;
}
