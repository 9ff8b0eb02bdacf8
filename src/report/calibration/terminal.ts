import type { Calibration, CalibrationCell } from '../../model/calibration.ts';
import { cleanText } from '../clean-text.ts';
import type { ReportOptions } from '../report-options.ts';
import { wrapText } from '../wrap-text.ts';
import { cellOf, describeConditions, type LayerMark, markOf, summarize } from './summarize.ts';

const GAP = '  ';
const PROSE_COLUMNS = 110;

/** wrong stands out in capitals: a log has no colours. */
const WORDS: Record<LayerMark, string> = { right: 'right', blind: 'blind', wrong: 'WRONG', 'not run': '-' };
const COLORS: Record<LayerMark, number> = { right: 32, blind: 90, wrong: 31, 'not run': 90 };

type Paint = (mark: LayerMark) => string;

/** The matrix for a terminal or a log, and below it the words behind every wrong cell. Ends with a line break. */
export function reportCalibrationTerminal(calibration: Calibration, options: ReportOptions = {}): string {
  const columns = Math.max(40, options.columns ?? 80);
  const prose = Math.min(columns, PROSE_COLUMNS);
  const paint: Paint = (mark) =>
    options.color ? `\u001b[${COLORS[mark]}m${WORDS[mark]}\u001b[39m` : WORDS[mark];
  const widths = columnWidths(calibration);
  const fits = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) <= columns;
  const lines = [
    ...wrapText(summarize(calibration), prose),
    '',
    ...wrapText(
      'Each cell: what the report of the tool makes a person believe / what is published of it. right: what the server did; blind: cannot tell; WRONG: the opposite.',
      prose,
    ),
    '',
    ...(fits ? renderMatrix(calibration, widths, paint) : renderList(calibration, paint)),
    '',
    ...renderDetails(calibration, prose, paint),
    ...wrapText(describeConditions(calibration), prose),
  ];
  return `${lines.join('\n')}\n`;
}

function columnWidths({ tools, behaviours }: Calibration): number[] {
  const cell = `${WORDS.wrong}/${WORDS.wrong}`.length;
  return [
    Math.max(...behaviours.map(({ id }) => id.length)),
    ...tools.map(({ name }) => Math.max(name.length, cell)),
  ];
}

function renderMatrix(calibration: Calibration, widths: readonly number[], paint: Paint): string[] {
  const { tools, behaviours } = calibration;
  const line = (cells: { text: string; length: number }[]): string =>
    cells
      .map(({ text, length }, i) => text + ' '.repeat(Math.max(0, widths[i]! - length)))
      .join(GAP)
      .trimEnd();
  const plain = (text: string): { text: string; length: number } => ({ text, length: text.length });
  return [
    line([plain(''), ...tools.map(({ name }) => plain(name))]),
    line(widths.map((width) => plain('-'.repeat(width)))),
    ...behaviours.map(({ id }) =>
      line([
        plain(id),
        ...tools.map(({ name }) => {
          const marks = marksOf(cellOf(calibration, name, id));
          return {
            text: marks.map(paint).join('/'),
            length: marks.map((mark) => WORDS[mark]).join('/').length,
          };
        }),
      ]),
    ),
  ];
}

function marksOf(cell: CalibrationCell | undefined): [LayerMark, LayerMark] {
  return cell ? [markOf(cell.raw), markOf(cell.normalized)] : ['not run', 'not run'];
}

function renderList(calibration: Calibration, paint: Paint): string[] {
  const { tools, behaviours } = calibration;
  const width = Math.max(...tools.map(({ name }) => name.length));
  return behaviours.flatMap(({ id }) => [
    id,
    ...tools.map(({ name }) => {
      const [raw, normalized] = marksOf(cellOf(calibration, name, id));
      return `  ${name.padEnd(width)}  report ${paint(raw)}, published ${paint(normalized)}`;
    }),
  ]);
}

/** What is wrong, tool by tool, with the words that were read and what is published instead. */
function renderDetails({ cells, tools, behaviours }: Calibration, width: number, paint: Paint): string[] {
  const lines: string[] = [];
  for (const { name, missing } of tools) {
    if (missing !== null) lines.push(...wrapText(`${name}: not run: ${missing}`, width), '');
    const wrong = cells.filter(
      (cell) => cell.tool === name && marksOf(cell).some((mark) => mark === 'wrong'),
    );
    if (wrong.length === 0) continue;
    lines.push(`${name}: ${paint('wrong')}`);
    for (const { behaviour, raw, normalized } of wrong) {
      const does = behaviours.find(({ id }) => id === behaviour)?.does;
      lines.push(...wrapText(`${behaviour}: every stream ${does}`, width, '  '));
      if (raw.state === 'judged') {
        lines.push(...wrapText(cleanText(`report: ${raw.said}`), width, '    - '));
        lines.push(...wrapText(`${raw.verdict}: ${raw.because}`, width, '      '));
      }
      if (normalized.state === 'judged') {
        lines.push(...wrapText(cleanText(`published: ${normalized.said}`), width, '    - '));
        lines.push(...wrapText(cleanText(`${normalized.verdict}: ${normalized.because}`), width, '      '));
      }
    }
    lines.push('');
  }
  return lines;
}
