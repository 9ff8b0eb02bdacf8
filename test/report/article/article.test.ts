import { expect, test } from 'vitest';
import { fillBlock, headOf } from '../../../scripts/lib/fill-block.mjs';
import { unjudgedClaims } from '../../../src/claims/evaluate-claims.ts';
import type { ArticleResult } from '../../../src/model/article.ts';
import { reportArticleHtml } from '../../../src/report/article/html.ts';
import { reportArticleMarkdown } from '../../../src/report/article/markdown.ts';
import { sampleClaims, sampleProbes } from '../../helpers/sample-claims.ts';
import { sampleComparison } from '../../helpers/sample-comparison.ts';

const ARTICLE: ArticleResult = {
  schema: 'ssee-bench/article/1',
  startedAt: '2026-01-01T00:00:00.000Z',
  durationS: 630,
  complete: true,
  harnessVersion: '0.1.0',
  environment: sampleComparison().environment,
  parts: [
    {
      scenario: { name: 'seed-1-table', path: 'scenarios/seed/1-table.yaml', description: 'The table' },
      state: 'done',
      reason: null,
      startedAt: '2026-01-01T00:00:00.000Z',
      problems: ['r1-curl skipped: curl is not installed'],
      claims: sampleClaims(),
      probes: sampleProbes(),
    },
    {
      scenario: { name: 'seed-2-go', path: 'scenarios/seed/2-go.yaml', description: null },
      state: 'skipped',
      reason: 'Go is not installed; install it',
      startedAt: null,
      problems: [],
      claims: unjudgedClaims(
        [{ id: 'go', text: 'Go is fast', section: '2', line: 3, column: 5 }],
        'Go is not installed; install it',
        { file: 'scenarios/seed/2-go.yaml' },
      ),
      probes: {},
    },
  ],
};

test('the article in Markdown', async () => {
  await expect(reportArticleMarkdown(ARTICLE)).toMatchFileSnapshot('golden/article.md');
});

test('its head is what the README shows: the article’s table beside ours', () => {
  const head = headOf(reportArticleMarkdown(ARTICLE));
  expect(head).toContain('5 claims: 1 confirmed, 1 refuted, 3 unproven.');
  expect(head).toMatch(/\| +792 QPS \| wrk requests_per_sec [\d,]+\/s +\| refuted/);
  expect(head).not.toContain('##');
  expect(fillBlock('a\n<!-- article -->\nb', 'article', head)).toContain(head);
});

test('the page has every claim and no script', () => {
  const page = reportArticleHtml(ARTICLE);
  expect(page).toContain('six connections &lt;per origin&gt;');
  expect(page).toContain('Skipped: Go is not installed; install it');
  expect(page).not.toContain('<script');
});

test('the same article gives the same bytes, also when read back from JSON', () => {
  const stored = JSON.parse(JSON.stringify(ARTICLE)) as ArticleResult;
  expect(reportArticleMarkdown(stored)).toBe(reportArticleMarkdown(ARTICLE));
  expect(reportArticleHtml(stored)).toBe(reportArticleHtml(ARTICLE));
});
