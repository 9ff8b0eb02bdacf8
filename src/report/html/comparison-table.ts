import type { ArmComparison, Comparison } from '../../model/comparison.ts';
import { formatRate } from '../../stats/format-figure.ts';
import { ARM_COLUMN, COLUMNS, type Column } from '../columns.ts';
import { Notes } from '../notes.ts';
import { compareRates, type RelativeRate } from '../relative-rate.ts';
import { type Content, html, type SafeHtml } from './html.ts';
import { armClass, part, scrollable } from './parts.ts';

const isBottleneck = ({ head }: Column): boolean => head[0] === 'bottleneck';
/** The bottleneck stands beside the name, where no screen is too narrow for it. */
const ORDER: readonly Column[] = [
  ...COLUMNS.filter(isBottleneck),
  ...COLUMNS.filter((column) => !isBottleneck(column)),
];
/** Behind name, bottleneck and requests/s. */
const RELATIVE_AT = 3;

/** The table of the terminal report with a relative column, and every n/a linked to its reason. */
export function renderComparisonTable(comparison: Comparison): SafeHtml {
  const { arms } = comparison;
  const notes = new Notes();
  const rates = compareRates(arms);
  const relative: SafeHtml = html`<th scope="col" class="num">relative<br>${rates?.metric === 'events_per_sec' ? 'events/s' : 'requests/s'}</th>`;
  const heads = [renderHead(ARM_COLUMN), ...ORDER.map(renderHead)];
  heads.splice(RELATIVE_AT, 0, relative);
  const rows = arms.map((arm, index) => {
    const [id, ...version] = ARM_COLUMN.lines(arm, notes);
    const head = html`<th scope="row"><span class="dot"></span>${id}${version.map(
      (line) => html`<span class="sub">${line}</span>`,
    )}</th>`;
    const cells = [head, ...ORDER.map((column) => renderCell(column, arm, notes))];
    cells.splice(RELATIVE_AT, 0, html`<td class="num">${renderRelative(rates?.of.get(arm.id))}</td>`);
    return html`<tr class="${armClass(index)}">${cells}</tr>
`;
  });
  const table = html`<table class="comparison"><caption class="hidden">One row per tool and variant</caption>
<thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table>`;
  return part(
    'comparison',
    'Comparison',
    'Medians over the measured rounds with the lowest and highest round, or the 95 % interval of a rate. n/a carries the number of its reason.',
    html`<div class="panel">${scrollable('Comparison table', table)}${renderNotes(notes)}</div>`,
  );
}

function renderHead({ head, align }: Column): SafeHtml {
  const [first, ...rest] = head;
  const cls = align === 'right' && html` class="num"`;
  return html`<th scope="col"${cls}>${first}${rest.map((line) => html`<br>${line}`)}</th>`;
}

function renderCell(column: Column, arm: ArmComparison, notes: Notes): SafeHtml {
  const [first = '', ...rest] = column.lines(arm, notes);
  const cls = column.align === 'right' && html` class="num"`;
  const main = isBottleneck(column) && !/\[\d+\]$/.test(first);
  return html`<td${cls}>${main ? html`<span class="badge found">${first}</span>` : linkNotes(first)}${rest.map(
    (line) => html`<span class="sub">${linkNotes(line)}</span>`,
  )}</td>`;
}

/** `n/a [3]` as text that can be followed. */
function linkNotes(line: string): Content {
  return line.split(/(n\/a|\[\d+\])/).map((piece) => {
    const number = /^\[(\d+)\]$/.exec(piece)?.[1];
    if (number !== undefined) {
      return html`<a class="note" href="#note-${number}" aria-label="reason ${number}">[${number}]</a>`;
    }
    return piece === 'n/a' ? html`<span class="na">n/a</span>` : piece;
  });
}

function renderNotes(notes: Notes): Content {
  const items = notes.list().map((note) => {
    const [, number, text] = /^\[(\d+)\] (.*)$/s.exec(note) ?? [];
    return html`<li id="note-${number}"><b>${number}</b>${text}</li>\n`;
  });
  return (
    items.length > 0 && html`<h3 class="hidden">Reasons of absent values</h3><ul class="notes">${items}</ul>`
  );
}

function renderRelative(rate: RelativeRate | undefined): Content {
  if (!rate) return html`<span class="na">n/a</span>`;
  const text = rate.standing === 'best' ? '1.00' : formatRatio(rate.ratio);
  const below =
    rate.standing === 'best'
      ? 'fastest'
      : `${rate.range ? `${formatRatio(rate.range[0])}-${formatRatio(rate.range[1])}` : 'one round'}${rate.standing === 'tie' ? ', tie' : ''}`;
  const width = Math.max(0.01, Math.min(1, rate.ratio)) * 100;
  return html`${text}<span class="sub">${below}</span><svg class="meter" viewBox="0 0 100 5" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="5" rx="2.5"></rect><rect class="fill" width="${width.toFixed(1)}" height="5" rx="2.5"></rect></svg>`;
}

function formatRatio(ratio: number): string {
  return ratio < 0.01 ? formatRate(ratio) : ratio.toFixed(2);
}
