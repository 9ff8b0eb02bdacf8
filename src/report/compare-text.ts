import type { CellComparison, GateResult, RunComparison } from '../model/gate.ts';
import { explainCells, gridOfCells } from './cell-table.ts';
import { cleanText } from './clean-text.ts';
import { escapeMarkdown } from './escape-markdown.ts';
import { describeGate } from './gate-lines.ts';
import { layOutGrid, writeGridMarkdown } from './grid.ts';
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
  return {
    title: `Gate of ${gate.scenario}`,
    verdict: gate.sentence,
    cells: gate.cells,
    sections: describeGate(gate),
  };
}

/** Beyond it lines of prose are hard to read, however wide the terminal is. */
const PROSE_COLUMNS = 110;

function writeTerminal(document: Document, options: ReportOptions): string {
  const width = Math.max(40, options.columns ?? 80);
  const prose = Math.min(width, PROSE_COLUMNS);
  const bold = (text: string): string => (options.color ? `\u001b[1m${text}\u001b[22m` : text);
  const lines = [
    ...wrapText(cleanText(document.verdict), prose).map(bold),
    ...(document.cells.length > 0 ? ['', ...layOutGrid(gridOfCells(document.cells), width, bold)] : []),
    ...document.sections.flatMap(({ title, lines }) =>
      lines.length === 0
        ? []
        : ['', bold(title), ...lines.flatMap((line) => wrapText(cleanText(line), prose, '  '))],
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function writeMarkdown({ title, verdict, cells, sections }: Document): string {
  const blocks = [
    `# ${escapeMarkdown(title)}`,
    `**${escapeMarkdown(verdict)}**`,
    ...(cells.length > 0 ? [writeGridMarkdown(gridOfCells(cells))] : []),
    ...sections.flatMap(({ title, lines }) =>
      lines.length === 0
        ? []
        : [`## ${escapeMarkdown(title)}`, lines.map((line) => `- ${escapeMarkdown(line)}`).join('\n')],
    ),
  ];
  return `${blocks.join('\n\n')}\n`;
}
