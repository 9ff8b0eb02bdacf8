import { markdownTable } from 'markdown-table';
import type { Comparison } from '../model/comparison.ts';
import { ARM_COLUMN, COLUMNS } from './columns.ts';
import { escapeMarkdown } from './escape-markdown.ts';
import { writeGridMarkdown } from './grid.ts';
import { Notes } from './notes.ts';
import { buildSections, describeLoad, type Section } from './sections.ts';

/** The report in GitHub's Markdown, to be pasted into an issue or a job summary. */
export function reportMarkdown(comparison: Comparison): string {
  const notes = new Notes();
  const columns = [ARM_COLUMN, ...COLUMNS];
  const rows = comparison.arms.map((arm) => columns.map((column) => cellText(column.lines(arm, notes))));
  const table = markdownTable([columns.map((column) => escapeMarkdown(column.head.join(' '))), ...rows], {
    align: columns.map(({ align }) => align),
  });
  const blocks = [
    `# ${escapeMarkdown(comparison.scenario.name)}`,
    `**${escapeMarkdown(comparison.verdict)}**`,
    escapeMarkdown(describeLoad(comparison)),
    table,
    ...(notes.list().length > 0
      ? [
          notes
            .list()
            .map((note) => `- ${escapeMarkdown(note)}`)
            .join('\n'),
        ]
      : []),
    ...buildSections(comparison).flatMap((section) => [
      `## ${escapeMarkdown(section.title)}`,
      renderSection(section),
    ]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** Value first, what belongs to it in brackets. */
function cellText([first = '', ...rest]: string[]): string {
  return escapeMarkdown(rest.length === 0 ? first : `${first} (${rest.join(', ')})`);
}

function renderSection(section: Section): string {
  if (section.kind === 'code') return fence(section.items.map((item) => item.text));
  const lines = section.items
    .flatMap((item) => [
      `- ${escapeMarkdown(item.text)}`,
      ...item.details.map((detail) => `  - ${escapeMarkdown(detail)}`),
    ])
    .join('\n');
  return [...(section.grid ? [writeGridMarkdown(section.grid)] : []), lines]
    .filter((block) => block !== '')
    .join('\n\n');
}

/** A code block whose fence is longer than any run of backticks inside. */
function fence(lines: readonly string[]): string {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []);
  const mark = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return [`${mark}sh`, ...lines, mark].join('\n');
}
