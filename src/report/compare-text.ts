import { markdownTable } from 'markdown-table';
import type { CellComparison, GateResult, RunComparison } from '../model/gate.ts';
import { CELL_HEADS, type CellRow, describeCell, explainCells } from './cell-table.ts';
import { cleanText } from './clean-text.ts';
import { escapeMarkdown } from './escape-markdown.ts';
import type { ReportOptions } from './report-options.ts';
import { wrapText } from './wrap-text.ts';

/** What the reports of a comparison and of a gate have in common. */
interface Document {
  title: string;
  verdict: string;
  cells: readonly CellComparison[];
  sections: { title: string; lines: string[] }[];
}

/** A comparison of two runs for the terminal. */
export function reportCompareTerminal(comparison: RunComparison, options: ReportOptions = {}): string {
  return writeTerminal(documentOfComparison(comparison), options);
}

/** The same in GitHub's Markdown. */
export function reportCompareMarkdown(comparison: RunComparison): string {
  return writeMarkdown(documentOfComparison(comparison));
}

/** The verdict of a gate for the terminal. */
export function reportGateTerminal(gate: GateResult, options: ReportOptions = {}): string {
  return writeTerminal(documentOfGate(gate), options);
}

/** The same in GitHub's Markdown. */
export function reportGateMarkdown(gate: GateResult): string {
  return writeMarkdown(documentOfGate(gate));
}

function documentOfComparison({ scenario, verdict, cells, missing, warnings }: RunComparison): Document {
  return {
    title: `Comparison of ${scenario}`,
    verdict,
    cells,
    sections: [
      { title: 'What the verdicts rest on', lines: explainCells(cells, missing) },
      { title: 'Warnings', lines: warnings },
    ],
  };
}

function documentOfGate(gate: GateResult): Document {
  const { cells, missing, problems, invariants, brokenSlos, control } = gate;
  return {
    title: `Gate of ${gate.scenario}`,
    verdict: gate.sentence,
    cells,
    sections: [
      {
        title: 'Validity',
        lines: [
          ...problems.map(({ kind, arm, detail }) =>
            [kind === 'no-baseline' ? 'no baseline' : kind, arm ?? '', detail]
              .filter((part) => part !== '')
              .join(': '),
          ),
          ...(cells.length > 0
            ? [
                control === null
                  ? "no A/A control: the noise floor is estimated from the scatter of base's own rounds"
                  : `noise floor from the A/A control ${control}`,
              ]
            : []),
        ],
      },
      {
        title: 'Zero tolerance',
        lines: [
          ...invariants.map(
            ({ arm, name, count, by, baseCount }) =>
              `${arm}: ${count} ${name}, counted by ${by} (base: ${baseCount})`,
          ),
          ...brokenSlos.map((slo) => `SLO broken: ${slo}`),
        ],
      },
      { title: 'What the verdicts rest on', lines: explainCells(cells, missing) },
    ],
  };
}

const GAP = '  ';
/** Beyond it lines of prose are hard to read, however wide the terminal is. */
const PROSE_COLUMNS = 110;
/** Left out one after the other where the terminal is too narrow for all. */
const DISPENSABLE: (keyof CellRow)[] = ['p', 'ratio'];

function writeTerminal(document: Document, options: ReportOptions): string {
  const width = Math.max(40, options.columns ?? 80);
  const prose = Math.min(width, PROSE_COLUMNS);
  const bold = (text: string): string => (options.color ? `\u001b[1m${text}\u001b[22m` : text);
  const lines = [
    ...wrapText(cleanText(document.verdict), prose).map(bold),
    ...(document.cells.length > 0 ? ['', ...layOutTable(document.cells.map(describeCell), width, bold)] : []),
    ...document.sections.flatMap(({ title, lines }) =>
      lines.length === 0
        ? []
        : ['', bold(title), ...lines.flatMap((line) => wrapText(cleanText(line), prose, '  '))],
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function layOutTable(rows: readonly CellRow[], width: number, bold: (text: string) => string): string[] {
  let keys = Object.keys(CELL_HEADS) as (keyof CellRow)[];
  const widthOf = (key: keyof CellRow): number =>
    Math.max(CELL_HEADS[key].length, ...rows.map((row) => row[key].length));
  const total = (): number => keys.reduce((sum, key) => sum + widthOf(key) + GAP.length, -GAP.length);
  for (const key of DISPENSABLE) if (total() > width) keys = keys.filter((kept) => kept !== key);
  const write = (row: CellRow): string =>
    keys
      .map((key) =>
        key === 'arm' || key === 'metric' || key === 'verdict'
          ? row[key].padEnd(widthOf(key))
          : row[key].padStart(widthOf(key)),
      )
      .join(GAP)
      .trimEnd();
  return [bold(write(CELL_HEADS)), keys.map((key) => '-'.repeat(widthOf(key))).join(GAP), ...rows.map(write)];
}

function writeMarkdown({ title, verdict, cells, sections }: Document): string {
  const keys = Object.keys(CELL_HEADS) as (keyof CellRow)[];
  const rows = [CELL_HEADS, ...cells.map(describeCell)].map((row) =>
    keys.map((key) => escapeMarkdown(row[key])),
  );
  const blocks = [
    `# ${escapeMarkdown(title)}`,
    `**${escapeMarkdown(verdict)}**`,
    ...(cells.length > 0 ? [markdownTable(rows, { align: ['l', 'l', 'r', 'r', 'r', 'r', 'l'] })] : []),
    ...sections.flatMap(({ title, lines }) =>
      lines.length === 0
        ? []
        : [`## ${escapeMarkdown(title)}`, lines.map((line) => `- ${escapeMarkdown(line)}`).join('\n')],
    ),
  ];
  return `${blocks.join('\n\n')}\n`;
}
