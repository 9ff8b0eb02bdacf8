import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveLivePage } from '../../../src/cli/live/live-server.ts';
import type { LivePlan, LiveProgress, LiveReading } from '../../../src/model/live-run.ts';
import { buildHistory } from '../../../src/report/history/build-history.ts';
import { extractRun } from '../../../src/report/history/read-history-run.ts';
import { historyHtml } from '../../../src/report/html/history/history-html.ts';
import { liveHtml, liveResults } from '../../../src/report/html/live/live-html.ts';
import { readPageAssets } from '../../../src/run/page-assets.ts';
import { launchBrowser } from '../../helpers/browser.ts';
import { historyComparisons, historyRuns } from '../../helpers/history-runs.ts';
import { HOSTILE, poison } from '../../helpers/hostile.ts';
import { sampleComparison } from '../../helpers/sample-comparison.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const dir = mkdtempSync(join(tmpdir(), 'ssee-pages-'));
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  const about = { harnessVersion: '0', pathTo: (folder: string) => `${folder}/report.html` };
  const assets = readPageAssets('history');
  const hostile = historyComparisons(7).map((comparison) => extractRun(poison(comparison), 'night', true));
  const pages = {
    trends: buildHistory(historyRuns(24, { slowerFrom: 15, nodeFrom: 15 }), { ...about, warnings: ['one'] }),
    hostile: buildHistory(hostile, { ...about, warnings: [HOSTILE] }),
  };
  for (const [name, history] of Object.entries(pages)) {
    writeFileSync(join(dir, `${name}.html`), historyHtml(history, assets));
  }
});
afterAll(async () => {
  await browser.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Opened {
  page: Page;
  /** Console messages, faults, dialogs. */
  noises: string[];
}

async function open(url: string, width: number, scheme: 'light' | 'dark', offline: boolean): Promise<Opened> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    offline,
  });
  const page = await context.newPage();
  const noises: string[] = [];
  page.on('console', (message) => noises.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => noises.push(String(error)));
  page.on('dialog', (dialog) => {
    noises.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  await page.goto(url);
  return { page, noises };
}

/** With every fold open, so that everything is checked. */
async function findFaults({ page, noises }: Opened): Promise<string[]> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate('axe.run(document)')) as AxeResults;
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return [
    ...violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
    ),
    ...noises,
    ...(wide > 0 ? [`${wide} px wider than the window`] : []),
    ...((await page.evaluate('window.pwned')) === undefined ? [] : ['pwned']),
  ];
}

describe('the history', () => {
  test.each([
    ['trends', 1600, 'light'],
    ['trends', 375, 'dark'],
    ['hostile', 375, 'light'],
  ] as const)(
    '%s at %i pixels, %s: no fault, a chart or a reason in every figure, a table behind each',
    { timeout: 120_000 },
    async (name, width, scheme) => {
      const opened = await open(`file://${join(dir, `${name}.html`)}`, width, scheme, true);
      expect(await findFaults(opened)).toEqual([]);
      const figures = await opened.page.evaluate(() =>
        [...document.querySelectorAll('figure')].map((figure) => [
          figure.querySelector('canvas, .empty') !== null,
          figure.querySelector('details table') !== null,
        ]),
      );
      expect(figures).toHaveLength(8);
      expect(figures.flat()).not.toContain(false);
      await opened.page.context().close();
    },
  );

  test('says the last change for the worse first, with its run, and every figure can be read without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`file://${join(dir, 'trends.html')}`);
    expect(await page.locator('h1').textContent()).toMatch(
      /^The last change for the worse: .*ssee-tester: .*, with the run of 2026-01-16\.$/,
    );
    expect(await page.locator('.changes').first().textContent()).toContain('Node v20.19.0 -> v22.1.0');
    expect(await page.locator('.chart:visible, button:visible, select:visible').count()).toBe(0);
    await page.locator('summary', { hasText: 'requests/s as a table' }).click();
    expect(await page.locator('figure').first().locator('tbody tr:visible').count()).toBe(24);
    await context.close();
  });

  test('one row can be shown alone by keyboard', async () => {
    const { page, noises } = await open(`file://${join(dir, 'trends.html')}`, 1200, 'light', true);
    await page.locator('select[data-arms]').selectOption('wrk');
    expect(await page.locator('[data-metric="ttfe_us_p50"]').textContent()).toMatch(/no run has this figure/);
    expect(await page.locator('[data-metric="requests_per_sec"] canvas').count()).toBe(1);
    expect(noises).toEqual([]);
    await page.context().close();
  });
});

describe('the live page', () => {
  const plan = (name: string, arms: string[]): LivePlan => ({
    scenario: { name, description: name },
    arms,
    trials: arms.map((arm, index) => ({
      id: `r1-${index}`,
      arm,
      kind: 'measured',
      round: 1,
      durationMs: 5000,
    })),
    duringTrials: true,
  });
  const progress = (overrides: Partial<LiveProgress>): LiveProgress => ({
    sentence: 'Round 1: wrk measures for 5s',
    running: 0,
    phase: 'measuring',
    states: ['running', 'waiting'],
    doneAtMs: Date.now() + 10_000,
    leftMs: 10_000,
    nextNewsAtMs: null,
    ...overrides,
  });
  const reading = (atS: number): LiveReading => ({
    trialId: 'r1-0',
    atS,
    toolCpus: 0.5,
    targetCpus: 0.25,
    load: {
      requestsPerSec: 1000,
      eventsPerSec: 5000,
      open: 9,
      asked: 10,
      ttfbP50Us: 400,
      ttfbP99Us: 900,
      ttfeP50Us: 500,
      ttfeP99Us: 1500,
    },
  });

  test.each([
    ['plain', 1600, 'light'],
    ['hostile', 375, 'dark'],
  ] as const)(
    '%s at %i pixels, %s: follows, grows, has no fault, and gives way to the report',
    async (kind, width, scheme) => {
      const comparison = kind === 'hostile' ? poison(sampleComparison()) : sampleComparison();
      const name = kind === 'hostile' ? HOSTILE : 'quick';
      const arms = kind === 'hostile' ? [`${HOSTILE}1`, `${HOSTILE}2`] : ['wrk', 'hey'];
      const server = await serveLivePage(0, liveHtml(plan(name, arms), '0', readPageAssets('live')));
      try {
        const opened = await open(server.url, width, scheme, false);
        const { page } = opened;
        server.hub.publish('progress', progress({}));
        await page.locator('h1', { hasText: 'measures for 5s' }).waitFor();
        expect(await page.locator('[data-trial="0"]').textContent()).toBe('running');
        expect(await page.locator('#announcement').textContent()).toBe('0 of 2 trials done; now r1-0');
        for (const atS of [1, 2, 3]) server.hub.publish('reading', reading(atS), 'series');
        await page.locator('#figure-requests', { hasText: '1,000' }).waitFor();
        await page.locator('[data-series="cpu"] canvas').waitFor();
        await page.locator('#now-table summary').click();
        await page.locator('#now-table tbody tr').nth(2).waitFor();
        server.hub.publish('results', { html: liveResults(comparison), news: `${arms[0]}: stream-paced` });
        await page.locator('#results table.comparison tbody tr').nth(3).waitFor();
        await page.locator('#results summary').first().click();
        await page.locator('#results summary').first().focus();
        server.hub.publish('results', { html: liveResults(comparison), news: '' });
        server.hub.publish(
          'progress',
          progress({ sentence: 'Round 1: next', states: ['done', 'running'], running: 1 }),
        );
        await page.locator('h1', { hasText: 'Round 1: next' }).waitFor();
        // Whoever read in a part that was replaced finds it as it was.
        const kept = await page.evaluate(() => [
          document.activeElement?.tagName,
          document.querySelector<HTMLDetailsElement>('#results details')?.open,
        ]);
        expect(kept).toEqual(['SUMMARY', true]);
        expect(await page.locator('#bar').evaluate((bar) => (bar as HTMLProgressElement).value)).toBe(1);
        expect(await findFaults(opened)).toEqual([]);
        const over = server.handOver(
          '<!doctype html><html lang="en"><title>r</title><h1>The report</h1>',
          60_000,
        );
        server.hub.publish('end', { sentence: 'over', report: '/report.html', folder: 'results/x' });
        await page.locator('h1', { hasText: 'The report' }).waitFor();
        await over;
        await page.context().close();
      } finally {
        await server.close();
      }
    },
    120_000,
  );

  test('says that the run has ended when its server is gone', async () => {
    const server = await serveLivePage(
      0,
      liveHtml(plan('quick', ['wrk', 'hey']), '0', readPageAssets('live')),
    );
    const { page } = await open(server.url, 800, 'light', false);
    server.hub.publish('end', { sentence: 'wrk and hey agree', report: null, folder: 'results/x' });
    await page.locator('#connection', { hasText: 'stored in results/x' }).waitFor();
    expect(await page.locator('h1').textContent()).toBe('wrk and hey agree');
    await server.close();
    await page.context().close();
  });
});
