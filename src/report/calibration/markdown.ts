import { markdownTable } from 'markdown-table';
import type { Calibration, CalibrationCell, CalibrationLayer } from '../../model/calibration.ts';
import { escapeMarkdown } from '../escape-markdown.ts';
import { cellOf, describeConditions, type LayerMark, markOf, summarize } from './summarize.ts';

/** A sign and a word: neither colours nor fonts decide whether it can be read. */
const MARKS: Record<LayerMark, string> = {
  right: '✓ right',
  blind: '○ blind',
  wrong: '✗ **wrong**',
  'not run': '- not run',
};

/** The matrix in GitHub's Markdown, then every cell with its words. */
export function reportCalibrationMarkdown(calibration: Calibration): string {
  const blocks = [
    '# Calibration',
    `**${escapeMarkdown(summarize(calibration))}**`,
    'Each cell: what the report of the tool makes a person believe / what ssee-bench publishes of it. ✓ right: what the ' +
      'server did. ○ blind: cannot tell. ✗ wrong: the opposite of what the server did.',
    renderMatrix(calibration),
    escapeMarkdown(describeConditions(calibration)),
    ...calibration.tools
      .filter(({ missing }) => missing !== null)
      .map(({ name, missing }) => escapeMarkdown(`${name} was not run: ${missing}`)),
    ...calibration.behaviours.flatMap(({ id, does }) => [
      `## ${escapeMarkdown(id)}`,
      escapeMarkdown(`Every stream ${does}.`),
      renderCells(calibration, id),
    ]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function renderMatrix(calibration: Calibration): string {
  const { tools, behaviours } = calibration;
  return markdownTable([
    ['behaviour: every stream ...', ...tools.map(({ name }) => escapeMarkdown(name))],
    ...behaviours.map(({ id, does }) => [
      escapeMarkdown(`${id}: ${does}`),
      ...tools.map(({ name }) => {
        const cell = cellOf(calibration, name, id);
        return cell ? `${MARKS[markOf(cell.raw)]} / ${MARKS[markOf(cell.normalized)]}` : MARKS['not run'];
      }),
    ]),
  ]);
}

function renderCells(calibration: Calibration, behaviour: string): string {
  const cells = calibration.tools.flatMap(({ name }): CalibrationCell[] => {
    const cell = cellOf(calibration, name, behaviour);
    return cell ? [cell] : [];
  });
  return markdownTable([
    ['tool', 'its report', 'makes one believe', 'published', 'which is'],
    ...cells.map(({ tool, raw, normalized }) => [
      escapeMarkdown(tool),
      said(raw),
      verdict(raw),
      said(normalized),
      verdict(normalized),
    ]),
  ]);
}

function said(layer: CalibrationLayer): string {
  return layer.state === 'judged' ? escapeMarkdown(layer.said) : '';
}

function verdict(layer: CalibrationLayer): string {
  const reason = layer.state === 'judged' ? layer.because : layer.reason;
  return `${MARKS[markOf(layer)]}: ${escapeMarkdown(reason)}`;
}
