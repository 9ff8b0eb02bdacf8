import { wrapText } from '../../../report/wrap-text.ts';

/** A terminal has at least so many columns. */
const COLUMNS = 80;
const LABEL_COLUMNS = 15;

/** Text in lines of 80 columns, a figure and its unit on the same one. */
export function wrapSentence(text: string, first = ''): string[] {
  const bound = text.replaceAll(/(\d) (us|ms|s|%|MB)(?!\w)/g, '$1\u00a0$2');
  return wrapText(bound, COLUMNS, first).map((line) => line.replaceAll('\u00a0', ' '));
}

/** A label and what it says, wrapped beside the label. */
export function labelled(label: string, text: string): string[] {
  return wrapSentence(text, label.padEnd(LABEL_COLUMNS));
}

/** More about the label before. */
export function continued(text: string): string[] {
  return labelled('', text);
}

const CELL_COLUMNS = 10;

/** A row of figures behind its name, aligned with the rows around it. */
export function tableRow(name: string, nameColumns: number, cells: readonly string[]): string {
  return (name.padEnd(nameColumns) + cells.map((cell) => cell.padStart(CELL_COLUMNS)).join('')).trimEnd();
}

/** `1 stream`, `2 streams`: the count as `formatted` says. */
export function plural(count: number, noun: string, formatted: string): string {
  return `${formatted} ${noun}${count === 1 ? '' : 's'}`;
}
