import { markdownTable } from 'markdown-table';
import type { ArticlePart, ArticleResult } from '../../model/article.ts';
import type { ClaimResult } from '../../model/claim.ts';
import { detailsOfClaim } from '../describe-claim.ts';
import { escapeMarkdown } from '../escape-markdown.ts';
import { compareTable, countVerdicts, describeRun } from './summarize.ts';

/** The article, settled, in GitHub's Markdown: its table beside ours, then every claim with its evidence. */
export function reportArticleMarkdown(article: ArticleResult): string {
  const blocks = [
    '# The article, settled',
    `**${escapeMarkdown(countVerdicts(article))}**`,
    'Every sentence in quotation marks is the article’s. None of them is a finding: each is held against what was measured here.',
    renderTable(article),
    escapeMarkdown(describeRun(article)),
    'Measure it again with `npm run article`, or one claim by the command below it.',
    '## Verdicts',
    renderVerdicts(article),
    ...article.parts.flatMap(renderPart),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function renderTable(article: ArticleResult): string {
  const rows = compareTable(article);
  if (rows.length === 0) return '';
  return markdownTable(
    [
      ['the article says', 'its figure', 'measured here', 'verdict'],
      ...rows.map(({ figure, article: published, here, verdict }) =>
        [figure, published, here, verdict].map(escapeMarkdown),
      ),
    ],
    { align: ['l', 'r', 'l', 'l'] },
  );
}

function renderVerdicts({ parts }: ArticleResult): string {
  return markdownTable([
    ['section', 'claim', 'verdict'],
    ...parts.flatMap(({ claims }) =>
      claims.map(({ section, text, verdict }) => [
        escapeMarkdown(section ?? ''),
        escapeMarkdown(text),
        `**${verdict}**`,
      ]),
    ),
  ]);
}

function renderPart({ scenario, state, reason, problems, claims, probes }: ArticlePart): string[] {
  const figures = Object.entries(probes).map(([name, probe]) =>
    probe.state === 'done'
      ? `${name}: ${Object.entries(probe.figures)
          .map(([id, { value, unit }]) => `${id} ${value}${unit === '' ? '' : ` ${unit}`}`)
          .join(', ')}`
      : `${name} ${probe.state}: ${probe.reason}`,
  );
  return [
    `## ${escapeMarkdown(scenario.name)}`,
    escapeMarkdown(scenario.description ?? ''),
    state === 'skipped' ? `**Skipped: ${escapeMarkdown(reason ?? 'no reason recorded')}**` : '',
    problems.map((problem) => `- ${escapeMarkdown(problem)}`).join('\n'),
    ...claims.map(renderClaim),
    figures.length === 0
      ? ''
      : ['Probes:', '', ...figures.map((line) => `- ${escapeMarkdown(line)}`)].join('\n'),
  ];
}

function renderClaim(claim: ClaimResult): string {
  const head = `### ${claim.verdict}: ${escapeMarkdown(claim.text)}`;
  const lines = [
    ...(claim.section === null ? [] : [`section ${claim.section} of the article`]),
    ...detailsOfClaim(claim).slice(0, -1),
  ].map((line) => `- ${escapeMarkdown(line)}`);
  return [head, '', ...lines, `- again: ${code(claim.reproduce)}`].join('\n');
}

/** Inline code whose fence is longer than any run of backticks inside. */
function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const mark = '`'.repeat(longest + 1);
  return longest === 0 ? `${mark}${text}${mark}` : `${mark} ${text} ${mark}`;
}
