import type { Ablation } from '../../model/ablation.ts';
import type { Cell } from '../../model/cell.ts';
import type { Comparison } from '../../model/comparison.ts';
import {
  type HeaderTable,
  nameRequest,
  tabulateAblation,
  tabulateHeaderQuestion,
} from '../describe-headers.ts';
import { type Content, html, type SafeHtml } from './html.ts';
import { armClass, part, scrollable, table } from './parts.ts';

/** Ratios between these are drawn; beyond them the mark stays at the edge and the table has the figure. */
const MIN_RATIO = 0.5;
const MAX_RATIO = 1.5;

export function hasHeaders({ headers, arms }: Comparison): boolean {
  return (headers ?? []).length > 0 || arms.some(({ ablation }) => ablation);
}

/** Whether rates follow the request or its client, and what each header does. */
export function renderHeaders({ headers = [], arms }: Comparison): SafeHtml {
  return part(
    'headers',
    'Request headers',
    "The same bytes by another client, other bytes by the same client, and one header more or less: an experiment, not a comparison of tools. Times of parsing are the target's own, from the first byte of a request to its handler.",
    html`<div class="grid">${headers.map((question) => panel(tabulateHeaderQuestion(question)))}${arms.map(
      ({ id, ablation }, index) =>
        ablation &&
        panel(tabulateAblation(id, ablation), ablation.rows.length > 0 && drawRatios(ablation, index)),
    )}</div>`,
  );
}

function panel({ title, sentence, heads, rows }: HeaderTable, chart?: Content): SafeHtml {
  // Names stand left, figures right.
  const isText = (head: string): boolean => ['row', 'client', 'request of', 'request'].includes(head);
  return html`<div class="panel"><h3>${title}</h3><p>${sentence}</p>
${chart}${
  rows.length > 0 &&
  scrollable(
    title,
    table(
      title,
      heads.map((head) => ({ head, numeric: !isText(head) })),
      rows.map((row) => row.map((text) => (text === 'n/a' ? html`<span class="na">n/a</span>` : text))),
      'hidden',
    ),
  )
}</div>
`;
}

/** One line per request: the interval of its ratio around the line at 1. The table below has the figures. */
function drawRatios({ rows }: Ablation<Cell>, index: number): SafeHtml {
  const x = (ratio: number): string =>
    ((100 * (Math.min(MAX_RATIO, Math.max(MIN_RATIO, ratio)) - MIN_RATIO)) / (MAX_RATIO - MIN_RATIO)).toFixed(
      1,
    );
  const lines = rows.flatMap((row) => {
    const ratio = row.rate_ratio;
    if (!ratio?.known || typeof ratio.value !== 'number') return [];
    const [low, high] = ratio.interval ?? [ratio.value, ratio.value];
    return html`<li><span>${nameRequest(row)}</span><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><line class="one" x1="50" y1="0" x2="50" y2="10"></line><line class="range" x1="${x(low)}" y1="5" x2="${x(high)}" y2="5"></line><line class="middle" x1="${x(ratio.value)}" y1="1" x2="${x(ratio.value)}" y2="9"></line></svg></li>`;
  });
  return html`<ul class="ratios ${armClass(index)}" aria-label="Rate ratios from ${MIN_RATIO} to ${MAX_RATIO}, a line at 1">${lines}</ul>`;
}
