import { type Content, html, type SafeHtml } from './html.ts';

/** Colours that arms have; later ones begin again. */
const ARM_COLOURS = 8;

/** The class that gives an arm its colour wherever it is shown. */
export function armClass(index: number): string {
  return `c${index % ARM_COLOURS}`;
}

/** A part of the report: its head, what to look for, and its content. */
export function part(id: string, title: string, lead: Content, content: Content): SafeHtml {
  return html`<section class="part" id="${id}" aria-labelledby="${id}-title">
<header><h2 id="${id}-title">${title}</h2>${lead === undefined ? '' : html`<p>${lead}</p>`}</header>
${content}
</section>
`;
}

export interface TableColumn {
  head: Content;
  numeric?: boolean;
}

/** A table whose first column heads its rows. */
export function table(
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly Content[])[],
  captionClass?: 'hidden',
): SafeHtml {
  const classOf = (index: number): Content => columns[index]?.numeric && html` class="num"`;
  return html`<table><caption${captionClass && html` class="hidden"`}>${caption}</caption>
<thead><tr>${columns.map(({ head }, index) => html`<th scope="col"${classOf(index)}>${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first, ...rest]) =>
      html`<tr><th scope="row">${first}</th>${rest.map(
        (cell, index) => html`<td${classOf(index + 1)}>${cell}</td>`,
      )}</tr>\n`,
  )}</tbody></table>`;
}

/** The table behind a chart, folded away. The region can be scrolled by keyboard. */
export function tableBehind(summary: string, content: Content): SafeHtml {
  return html`<details class="inner"><summary>${summary}</summary>${scrollable(summary, content)}</details>`;
}

/** A region that scrolls sideways where it must, by keyboard as well. */
export function scrollable(label: string, content: Content): SafeHtml {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${label}">${content}</div>`;
}

/** Why there is nothing to draw. */
export function nothing(detail: string): SafeHtml {
  return html`<p class="empty">${detail}</p>`;
}
