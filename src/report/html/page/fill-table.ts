/** Put a table into the scrolling region of a folded part. Text only: nothing in it is read as HTML. */
export function fillTable(
  details: HTMLDetailsElement,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const region = details.querySelector('.scroll');
  if (!region) return;
  const table = document.createElement('table');
  const head = table.createTHead().insertRow();
  for (const [index, text] of heads.entries()) head.append(cell('th', text, index, 'col'));
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const [index, text] of row.entries()) {
      line.append(index === 0 ? cell('th', text, index, 'row') : cell('td', text, index));
    }
  }
  region.replaceChildren(table);
}

function cell(tag: 'th' | 'td', text: string, index: number, scope?: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  if (scope !== undefined) element.setAttribute('scope', scope);
  if (index > 0) element.className = 'num';
  return element;
}
