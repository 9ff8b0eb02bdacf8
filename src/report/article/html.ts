import { createHash } from 'node:crypto';
import type { ArticlePart, ArticleResult } from '../../model/article.ts';
import { claimTable } from '../html/claims.ts';
import { html, rawHtml, type SafeHtml } from '../html/html.ts';
import { part, scrollable, table } from '../html/parts.ts';
import { STYLE } from '../html/style.ts';
import { compareTable, countVerdicts, describeRun } from './summarize.ts';

/** The article, settled, as one page without scripts that needs nothing from anywhere. */
export function reportArticleHtml(article: ArticleResult): string {
  const styleHash = createHash('sha256').update(STYLE).digest('base64');
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${rawHtml(styleHash)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>The article, settled - ssee-bench</title>
<style>${rawHtml(STYLE)}</style>
</head>
<body>
<main id="main">
<div class="hero"><p class="overline"><b>The article, settled</b></p><h1>${countVerdicts(article)}</h1>
<p class="about">Every sentence in quotation marks is the article's. None of them is a finding: each is held against what was measured here. ${describeRun(article)}.</p></div>
${renderTable(article)}
${article.parts.map(renderPart)}
</main>
</body>
</html>
`;
  return page.text;
}

function renderTable(article: ArticleResult): SafeHtml {
  const rows = compareTable(article);
  return part(
    'table',
    "The article's table beside ours",
    undefined,
    html`<div class="panel">${scrollable(
      "The article's table",
      table(
        'Figures of the article and of this machine',
        [
          { head: 'the article says' },
          { head: 'its figure', numeric: true },
          { head: 'measured here' },
          { head: 'verdict' },
        ],
        rows.map(({ figure, article: published, here, verdict }) => [figure, published, here, verdict]),
        'hidden',
      ),
    )}</div>`,
  );
}

function renderPart({ scenario, state, reason, problems, claims }: ArticlePart): SafeHtml {
  const lead = state === 'skipped' ? `Skipped: ${reason}` : (scenario.description ?? undefined);
  return part(
    scenario.name,
    scenario.name,
    lead,
    html`${problems.length > 0 && html`<ul>${problems.map((problem) => html`<li>${problem}</li>`)}</ul>`}<div class="panel">${scrollable(scenario.name, claimTable(claims))}</div>`,
  );
}
