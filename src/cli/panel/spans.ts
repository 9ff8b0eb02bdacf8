import { styleText } from 'node:util';
import { cleanText } from '../../report/clean-text.ts';

/** Width of the column of labels that all blocks begin with. */
export const LABEL = 13;

export type Style = Parameters<typeof styleText>[0];

/** A piece of a line. The text holds only characters of one column each, so its length is its width. */
export interface Span {
  text: string;
  style?: Style;
}

export type Line = Span[];

export function span(text: string, style?: Style): Span {
  return style === undefined ? { text } : { text, style };
}

/**
 * Text from outside, safe to draw with: what does not certainly take one column of the terminal (wide, combining and
 * invisible characters) becomes `?`, because one wrong width breaks the drawing in place.
 */
export function plainText(text: string): string {
  return cleanText(text).replace(/[^\x20-\x7e]/gu, '?');
}

export function widthOf(line: Line): number {
  return line.reduce((width, { text }) => width + text.length, 0);
}

/** Cut to `width`, the last column then an ellipsis. */
export function fitText(text: string, width: number): string {
  if (text.length <= width) return text;
  return width <= 0 ? '' : `${text.slice(0, width - 1)}…`;
}

/** The line cut to `width`. */
export function fitLine(line: Line, width: number): Line {
  const fitted: Line = [];
  let left = width;
  for (const piece of line) {
    if (left <= 0) break;
    const text = fitText(piece.text, left);
    fitted.push({ ...piece, text });
    left -= text.length;
  }
  return fitted;
}

/** `left` and `right` at the two ends of `width`; where both do not fit, `left` gives way. */
export function spread(left: Line, right: Line, width: number): Line {
  const rightWidth = widthOf(right);
  const fitted = fitLine(left, width - rightWidth - 2);
  return [...fitted, span(' '.repeat(Math.max(0, width - rightWidth - widthOf(fitted)))), ...right];
}

/** Two blocks beside each other, the right one beginning in column `at`. */
export function joinBlocks(left: readonly Line[], right: readonly Line[], at: number): Line[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, row) => {
    const first = fitLine(left[row] ?? [], at);
    const second = right[row] ?? [];
    return second.length === 0 ? first : [...first, span(' '.repeat(at - widthOf(first))), ...second];
  });
}

export function paintLine(line: Line, color: boolean): string {
  const text = line.map((piece) => paintSpan(piece, color)).join('');
  return color ? text : text.trimEnd();
}

function paintSpan({ text, style }: Span, color: boolean): string {
  // Whether colour is wanted is decided once, for the stream that is drawn on; by default Node asks stdout.
  return color && style !== undefined ? styleText(style, text, { validateStream: false }) : text;
}
