import { markdownTable } from 'markdown-table';
import { escapeMarkdown } from './escape-markdown.ts';
import { wrapText } from './wrap-text.ts';

/** A plain table, the same for terminal and Markdown. All texts are printable, single lines. */
export interface Grid {
  columns: GridColumn[];
  rows: string[][];
}

export interface GridColumn {
  head: string;
  align: 'left' | 'right';
  /** Stands below its row where the terminal is too narrow, lowest first; absent never does. */
  dispensable?: number;
}

const GAP = '  ';
/** What begins the line of the columns that found no room. */
const BELOW = '    ';

/** The lines of a grid for a terminal of `width` columns. */
export function layOutGrid({ columns, rows }: Grid, width: number, bold: (text: string) => string): string[] {
  const laidOut = columns.map((column, index) => ({
    ...column,
    index,
    width: Math.max(column.head.length, ...rows.map((row) => row[index]!.length)),
  }));
  let kept = laidOut;
  const total = (): number => kept.reduce((sum, { width: own }) => sum + own + GAP.length, -GAP.length);
  const dispensable = laidOut
    .filter((column) => column.dispensable !== undefined)
    .sort((a, b) => a.dispensable! - b.dispensable!);
  for (const column of dispensable) if (total() > width) kept = kept.filter((other) => other !== column);
  const write = (textOf: (column: (typeof kept)[number]) => string): string =>
    kept
      .map((column) => {
        const text = textOf(column);
        return column.align === 'right' ? text.padStart(column.width) : text.padEnd(column.width);
      })
      .join(GAP)
      .trimEnd();
  return [
    bold(write(({ head }) => head)),
    kept.map((column) => '-'.repeat(column.width)).join(GAP),
    ...rows.flatMap((row) => {
      const below = laidOut
        .filter((column) => !kept.includes(column) && row[column.index] !== '')
        .map(({ head, index }) => `${head} ${row[index]}`);
      return [
        write(({ index }) => row[index]!),
        ...(below.length === 0 ? [] : wrapText(below.join('; '), width, BELOW)),
      ];
    }),
  ];
}

/** The same in GitHub's Markdown, with every column. */
export function writeGridMarkdown({ columns, rows }: Grid): string {
  return markdownTable(
    [columns.map(({ head }) => head), ...rows].map((row) => row.map(escapeMarkdown)),
    { align: columns.map(({ align }) => (align === 'left' ? 'l' : 'r')) },
  );
}
