import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Comparison } from '../../../src/model/comparison.ts';
import { reportHtml } from '../../../src/report/html/report-html.ts';
import { reportJunit } from '../../../src/report/junit.ts';
import { readPageAssets } from '../../../src/run/page-assets.ts';
import { launchBrowser } from '../../helpers/browser.ts';
import { gatedComparison } from '../../helpers/gated-comparison.ts';
import { HOSTILE, poison } from '../../helpers/hostile.ts';
import { sampleComparison } from '../../helpers/sample-comparison.ts';
import { sampleReportData } from '../../helpers/sample-report-data.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const MAX_BYTES = 3_000_000;

const dir = mkdtempSync(join(tmpdir(), 'ssee-page-'));
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  const assets = readPageAssets();
  const comparison = withHeaders(gatedComparison());
  const pages = {
    plain: reportHtml(comparison, sampleReportData(comparison), assets),
    large: reportHtml(comparison, sampleReportData(comparison, { connections: 1000, seconds: 60 }), assets),
    hostile: reportHtml(poison(comparison), poison(sampleReportData(comparison)), assets),
    empty: reportHtml(sampleComparison(), emptyData(), assets),
  };
  for (const [name, text] of Object.entries(pages)) writeFileSync(join(dir, `${name}.html`), text);
});
afterAll(async () => {
  await browser.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Tables of headers as a run with replays has them: a figure, one without interval, and one that is absent. */
function withHeaders(comparison: Comparison): Comparison {
  const known = (value: number, unit: string) => ({ known: true, value, unit, definition: 'x/1' }) as const;
  const absent = { known: false, why: 'not-collected', detail: 'nobody asked' } as const;
  const figures = {
    rate: known(21_000, '1/s'),
    ttfb_us_p50: known(300, 'us'),
    header_parse_us_p50: known(5, 'us'),
    header_parse_us_mean: absent,
  };
  const ratio = { ...known(1.02, 'ratio'), interval: [0.97, 3] as [number, number] };
  comparison.arms[0]!.ablation = {
    trial: 'ablation-x',
    rounds: 6,
    sliceMs: 1000,
    metric: 'events_per_sec',
    sentence: 'no header is shown to change the rate',
    rows: [
      { change: 'whole', header: null, bytes: 121, ...figures },
      { change: 'without', header: 'Accept', bytes: 94, ...figures, rate_ratio: ratio },
      { change: 'bare', header: null, bytes: 69, ...figures, rate_ratio: known(0.9, 'ratio') },
      { change: 'with', header: 'Accept', bytes: 96, ...figures, rate_ratio: absent },
    ],
  };
  comparison.headers = [
    {
      variant: null,
      follows: 'neither',
      sentence: 'rates follow neither the bytes of the request nor the client',
      requests: [
        { arm: 'wrk', client: 'wrk', request: 'wrk', ...figures, bytes: 121 },
        { arm: 'wrk-bytes', client: 'ssee-tester', request: 'wrk', ...figures, bytes: null },
      ],
    },
  ];
  return comparison;
}

function emptyData(): ReturnType<typeof sampleReportData> {
  const none = { known: false, detail: 'nothing was kept' } as const;
  const arms = sampleComparison().arms.map(({ id }) => ({
    id,
    curves: [],
    trials: [],
    survival: none,
    strip: none,
  }));
  return { arms };
}

interface Opened {
  page: Page;
  /** Console messages, faults, dialogs and requests for anything but the page itself. */
  noises: string[];
}

async function open(name: string, width: number, scheme: 'light' | 'dark'): Promise<Opened> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    offline: true,
  });
  const page = await context.newPage();
  const noises: string[] = [];
  const file = `file://${join(dir, `${name}.html`)}`;
  page.on('console', (message) => noises.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => noises.push(String(error)));
  page.on('dialog', (dialog) => {
    noises.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  page.on('request', (request) => {
    const url = request.url();
    if (url !== file && !url.startsWith('data:')) noises.push(`request: ${url}`);
  });
  await page.goto(file);
  return { page, noises };
}

/** Everything visible, so that everything is checked. */
async function unfold(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
}

async function findViolations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate('axe.run(document)')) as AxeResults;
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
  );
}

describe.each([
  ['plain', 1600, 'light'],
  ['plain', 375, 'dark'],
  ['hostile', 375, 'light'],
  ['empty', 1600, 'light'],
] as const)('the %s report at %i pixels, %s', (name, width, scheme) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open(name, width, scheme);
  });
  afterAll(() => opened.page.context().close());

  // Seconds on a machine at rest; axe-core looks at every element and has to share the CPU with other tests.
  test('is silent, asks nobody, and has no fault that axe-core knows', { timeout: 120_000 }, async () => {
    await unfold(opened.page);
    expect(await findViolations(opened.page)).toEqual([]);
    expect(opened.noises).toEqual([]);
    expect(await opened.page.evaluate('window.pwned')).toBeUndefined();
  });

  test('is no wider than the window', async () => {
    const wide = await opened.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
  });

  test('draws a chart, or says why not, in every figure', async () => {
    const blank = await opened.page.evaluate(() =>
      [...document.querySelectorAll('figure')]
        .filter((figure) => !figure.querySelector('canvas, .empty'))
        .map((figure) => figure.textContent),
    );
    expect(blank).toEqual([]);
  });

  test('has a table behind every chart', async () => {
    const bare = await opened.page.evaluate(() =>
      [...document.querySelectorAll('[data-chart], #strip')]
        .filter((chart) => !chart.closest('section')?.querySelector('details table'))
        .map((chart) => chart.outerHTML.slice(0, 80)),
    );
    expect(bare).toEqual([]);
  });
});

test('the headers of requests have a table each, and the ratios of an ablation a line each', async () => {
  const { page } = await open('plain', 1280, 'light');
  const part = page.locator('#headers');
  expect(await part.locator('table').count()).toBe(2);
  expect(await part.locator('.ratios li').allInnerTexts()).toEqual([
    'without Accept, against whole',
    'bare, against whole',
  ]);
  expect(await part.locator('tbody tr').nth(3).textContent()).toMatch(
    /without Accept, against whole\s*94\s*21,000\s*1\.020 \[0\.970, 3\.000\]\s*300 us\s*5 us\s*n\/a/,
  );
  const { page: without } = await open('empty', 1280, 'light');
  expect(await without.locator('#headers, a[href="#headers"]').count()).toBe(0);
});

test('a report of a thousand streams over a minute is below 3 MB', () => {
  expect(statSync(join(dir, 'large.html')).size).toBeLessThan(MAX_BYTES);
});

test('the texts of others are shown as they are, and make no element', async () => {
  const { page } = await open('hostile', 1600, 'light');
  const shown = await page.evaluate(() => document.querySelector('main')?.textContent);
  expect(shown).toContain('</script><script>window.pwned = 1</script>');
  expect(await page.evaluate(() => document.querySelectorAll('img').length)).toBe(0);
  expect(await page.evaluate(() => document.querySelectorAll('script').length)).toBe(3);
  await page.context().close();
});

test('without scripts every figure stands in a table, and no control pretends to work', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`file://${join(dir, 'plain.html')}`);
  expect(await page.locator('.chart:visible, button:visible, select:visible').count()).toBe(0);
  await page.locator('summary', { hasText: 'Stream duration as a table' }).click();
  expect(await page.locator('#latency td:visible').count()).toBeGreaterThan(10);
  await context.close();
});

test('the theme can be chosen against the system, and charts follow', async () => {
  const { page } = await open('plain', 1200, 'light');
  const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const chart = page.locator('[data-chart="latency"] canvas').first();
  const before = { ground: await ground(), chart: await chart.evaluate(pixelSum) };
  await page.locator('#theme').click();
  await page.locator('#theme').click();
  expect(await page.locator('#theme').textContent()).toBe('Theme: dark');
  expect(await ground()).not.toBe(before.ground);
  expect(await chart.evaluate(pixelSum)).not.toBe(before.chart);
  await page.context().close();
});

/** In the page: tells one drawing of a chart from another. */
function pixelSum(canvas: SVGElement | HTMLElement): number {
  const drawn = canvas as HTMLCanvasElement;
  const { data } = drawn.getContext('2d')!.getImageData(0, 0, drawn.width, drawn.height);
  return data.reduce((sum, byte, index) => (sum + byte * (index % 97)) % 1_000_003, 0);
}

test('another trial and another arm can be chosen by keyboard, and their tables follow', async () => {
  const { page, noises } = await open('large', 1200, 'light');
  await unfold(page);
  await page.locator('#trial').selectOption('r1-ssee-tester');
  const interval = page.locator('#time-table tbody tr');
  expect(await interval.count()).toBe(30);
  await page.locator('#trial').selectOption('r1-wrk');
  expect(await page.locator('[data-series="events"]').textContent()).toMatch(/reports totals only/);
  expect(await page.locator('#strip-table tbody tr').count()).toBe(1000);
  expect(noises).toEqual([]);
  await page.context().close();
});

test('the streams are drawn, pan by arrow keys, zoom by keys, and come back whole', async () => {
  const { page } = await open('large', 1200, 'dark');
  const canvas = page.locator('#strip canvas');
  const settled = async (): Promise<number> => {
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    return canvas.evaluate(pixelSum);
  };
  const whole = await settled();
  await page.locator('#strip').focus();
  await page.keyboard.press('+');
  const zoomed = await settled();
  expect(zoomed).not.toBe(whole);
  await page.keyboard.press('ArrowRight');
  expect(await settled()).not.toBe(zoomed);
  await page.locator('#strip-all').click();
  expect(await settled()).toBe(whole);
  await page.context().close();
});

test('the reason of an absent value is shown where it stands when it has the focus', async () => {
  const { page } = await open('plain', 1200, 'light');
  const note = page.locator('a.note').first();
  await note.focus();
  const reason = await page
    .locator(`${await note.getAttribute('href')}`)
    .evaluate((item) => item.lastChild?.textContent);
  expect(await page.locator('.tip').textContent()).toBe(reason);
  await page.keyboard.press('Escape');
  expect(await page.locator('.tip').isVisible()).toBe(false);
  await page.context().close();
});

describe('junit.xml, read by a browser', () => {
  test.each([
    ['plain', gatedComparison()],
    ['hostile', poison(gatedComparison())],
  ])('with %s strings it is XML and keeps to the schema of JUnit reports', async (name, comparison) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const read = await page.evaluate(readJunit, reportJunit(comparison));
    expect(read.fault).toBeNull();
    expect(read.problems).toEqual([]);
    expect(read.suite).toMatchObject({ package: 'ssee-bench', id: '0', hostname: 'localhost' });
    expect(read.suite.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    expect(Number(read.suite.tests)).toBe(read.cases.length);
    for (const [element, count] of [
      ['failure', read.suite.failures],
      ['error', read.suite.errors],
      ['skipped', read.suite.skipped],
    ] as const) {
      expect(read.cases.filter((found) => found.problem === element)).toHaveLength(Number(count));
    }
    expect(read.cases.filter(({ problem }) => problem === 'skipped').length).toBeGreaterThan(0);
    // What XML can carry of the hostile text is there, character by character.
    if (name === 'hostile')
      expect(read.verdict.startsWith(HOSTILE.slice(0, HOSTILE.indexOf('\u001b')))).toBe(true);
    await context.close();
  });
});

/** In the page: the document as read by the browser, and where it leaves the schema of Ant's JUnit task. */
function readJunit(text: string) {
  const xml = new DOMParser().parseFromString(text, 'application/xml');
  const problems: string[] = [];
  const attributesOf = (element: Element): Record<string, string> =>
    Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
  const demand = (element: Element, required: string[], allowed: string[] = []): void => {
    const names = Object.keys(attributesOf(element));
    for (const name of required) if (!names.includes(name)) problems.push(`${element.tagName} lacks ${name}`);
    for (const name of names) {
      if (![...required, ...allowed].includes(name)) problems.push(`${element.tagName} has ${name}`);
    }
  };
  const [suite, more] = [...xml.documentElement.children] as [Element, Element | undefined];
  if (xml.documentElement.tagName !== 'testsuites' || more) problems.push('not one suite in testsuites');
  demand(xml.documentElement, []);
  demand(
    suite,
    ['package', 'id', 'name', 'timestamp', 'hostname', 'tests', 'failures', 'errors', 'time'],
    ['skipped'],
  );
  const order = [...suite.children].map(({ tagName }) => tagName).join(' ');
  if (!/^properties( testcase)* system-out system-err$/.test(order)) problems.push(`children: ${order}`);
  for (const property of suite.querySelectorAll('property')) demand(property, ['name', 'value']);
  const cases = [...suite.querySelectorAll('testcase')].map((found) => {
    demand(found, ['name', 'classname', 'time']);
    if (!/^\d+(\.\d+)?$/.test(found.getAttribute('time') ?? '')) problems.push('a time is no decimal');
    const [problem, second] = [...found.children];
    if (second) problems.push('a case with two problems');
    if (problem) demand(problem, problem.tagName === 'skipped' ? ['message'] : ['message', 'type']);
    return { ...attributesOf(found), problem: problem?.tagName ?? null };
  });
  return {
    fault: xml.querySelector('parsererror')?.textContent ?? null,
    problems,
    suite: attributesOf(suite) as Record<string, string>,
    cases,
    verdict: suite.querySelector('system-out')?.textContent ?? '',
  };
}
