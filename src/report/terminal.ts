import Table from 'cli-table3';
import type { Comparison } from '../model/comparison.ts';
import { cleanText } from './clean-text.ts';
import { ARM_COLUMN, COLUMNS, type Column } from './columns.ts';
import { layOutGrid } from './grid.ts';
import { Notes } from './notes.ts';
import type { ReportOptions } from './report-options.ts';
import { buildSections, describeLoad, type Section } from './sections.ts';
import { wrapText } from './wrap-text.ts';

const GAP = '  ';
const MIN_COLUMNS = 40;
/** Beyond it lines of prose are hard to read, however wide the terminal is. */
const PROSE_COLUMNS = 110;

/** The report for a terminal or a log: verdict, table, notes, evidence. Ends with a line break. */
export function reportTerminal(comparison: Comparison, options: ReportOptions = {}): string {
  const columns = Math.max(MIN_COLUMNS, options.columns ?? 80);
  const prose = Math.min(columns, PROSE_COLUMNS);
  const bold = (text: string): string => (options.color ? `\u001b[1m${text}\u001b[22m` : text);
  const notes = new Notes();
  const tables = layOutTables(comparison, notes, columns);
  const lines = [
    ...wrapText(cleanText(comparison.verdict), prose).map(bold),
    '',
    ...wrapText(describeLoad(comparison), columns),
    '',
    ...tables.flatMap((table) => [...table.render(bold), '']),
    ...notes.list().flatMap((note) => wrapNote(note, prose)),
    ...buildSections(comparison).flatMap((section) => [
      '',
      bold(section.title),
      ...(section.grid ? layOutGrid(section.grid, columns - 2, bold).map((line) => `  ${line}`) : []),
      ...renderSection(section, prose),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function wrapNote(note: string, width: number): string[] {
  const mark = note.slice(0, note.indexOf(' ') + 1);
  return wrapText(note.slice(mark.length), width, mark);
}

function renderSection(section: Section, width: number): string[] {
  if (section.kind === 'code') return section.items.map((item) => `  ${item.text}`);
  return section.items.flatMap((item) => [
    ...wrapText(item.text, width, '  '),
    ...item.details.flatMap((detail) => wrapText(detail, width, '    - ')),
  ]);
}

interface LaidOutColumn {
  column: Column;
  /** Position in the wide table. */
  index: number;
  /** Lines of each row's cell. */
  cells: string[][];
  width: number;
}

interface LaidOutTable {
  render(bold: (text: string) => string): string[];
}

/**
 * One table where it fits; else the columns by their rank in as many tables as they need, each beginning with the tool
 * and in the order of the wide table.
 */
function layOutTables({ arms }: Comparison, notes: Notes, columns: number): LaidOutTable[] {
  const wanted = [ARM_COLUMN, ...COLUMNS];
  const rows = arms.map((arm) => wanted.map((column) => column.lines(arm, notes)));
  const [first, ...all] = wanted.map((column, index) => layOut(column, index, rows));
  if (!first) return [];
  if (widthOf([first, ...all]) <= columns) return [tableOf([first, ...all])];

  const byRank = [...all].sort((a, b) => rankOf(a) - rankOf(b));
  const tables: LaidOutColumn[][] = [];
  let current = [first];
  for (const column of byRank) {
    if (current.length > 1 && widthOf([...current, column]) > columns) {
      tables.push(current);
      current = [first];
    }
    current.push(column);
  }
  tables.push(current);
  return tables.map((table) => tableOf(table.sort((a, b) => a.index - b.index)));
}

function layOut(column: Column, index: number, rows: readonly string[][][]): LaidOutColumn {
  const cells = rows.map((row) => row[index] ?? []);
  const width = Math.max(...[column.head, ...cells].flat().map((line) => line.length));
  return { column, index, cells, width };
}

function rankOf({ index }: LaidOutColumn): number {
  return COLUMNS[index - 1]?.rank ?? 0;
}

function widthOf(columns: readonly LaidOutColumn[]): number {
  return columns.reduce((sum, { width }) => sum + width, 0) + GAP.length * (columns.length - 1);
}

function tableOf(columns: readonly LaidOutColumn[]): LaidOutTable {
  return {
    render(bold) {
      const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' };
      const inner = {
        'bottom-left': '',
        'bottom-right': '',
        left: '',
        'left-mid': '',
        right: '',
        'right-mid': '',
      };
      const table = new Table({
        chars: { ...none, ...inner, mid: '', 'mid-mid': '', middle: GAP },
        style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
        colAligns: columns.map(({ column }) => column.align),
        colWidths: columns.map(({ width }) => width),
      });
      table.push(columns.map(({ column }) => column.head.map(bold).join('\n')));
      table.push(columns.map(({ width }) => '-'.repeat(width)));
      const rows = columns[0]?.cells.length ?? 0;
      for (let row = 0; row < rows; row++) table.push(columns.map(({ cells }) => cells[row]!.join('\n')));
      return table
        .toString()
        .split('\n')
        .map((line) => line.trimEnd());
    },
  };
}
