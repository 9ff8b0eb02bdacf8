import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../helpers/browser.ts';
import { findRunDir, makeOutDir, readRunRecord, startCli, waitFor } from '../helpers/run-cli.ts';

/** Notes what the page shows as soon as it does: all of it is gone when the page has gone on to the report. */
const WATCH_PAGE = `
  const look = () => {
    const figures = document.querySelector('.figures')?.textContent;
    if (/\\d/.test(document.querySelector('#figure-requests')?.textContent ?? '')) noteFigures(figures);
    const badges = document.querySelectorAll('[data-trial]');
    if (badges.length > 0 && document.querySelector('.comparison tbody tr')) noteRow();
    for (const badge of badges) noteBadge(badge.textContent);
  };
  new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true});
`;

const SCENARIO = `name: live
target: {use: node-http, ready: {path: /healthz, within: 20s}, metrics: /metrics}
request: {path: "/events?count=5&interval=5ms", headers: {Accept: text/event-stream}}
stream: finite
load: {connections: 5, duration: 2s, timeout: 5s, rounds: 1}
tools: [ssee-tester, curl]
capture: off
`;

describe('a run that a browser and a client that never reads look on', () => {
  const dir = makeOutDir();
  const outDir = join(dir, 'runs');
  const scenario = join(dir, 'live.yaml');
  const seen = {
    figures: '',
    rows: false,
    badges: new Set<string>(),
    report: '',
    noises: [] as string[],
  };
  let url = '';
  let code: number | null = null;
  let stderr = '';
  let stdout = '';

  beforeAll(async () => {
    writeFileSync(scenario, SCENARIO);
    const browser = await launchBrowser();
    const cli = startCli(['run', scenario, '--out', outDir, '--live-during-trials', '--quiet']);
    const address = (): string | undefined => /live page: (http:\S+)/.exec(cli.stderrSoFar())?.[1];
    await waitFor('the address of the page', () => address() !== undefined);
    url = address()!;
    const stuck = connect(Number(new URL(url).port), '127.0.0.1');
    stuck.on('error', () => {});
    stuck.pause();
    stuck.write('GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    try {
      const page = await browser.newPage();
      page.on('console', (message) => seen.noises.push(message.text()));
      page.on('pageerror', (error) => seen.noises.push(String(error)));
      await page.exposeFunction('noteFigures', (text: string) => {
        seen.figures ||= text;
      });
      await page.exposeFunction('noteRow', () => {
        seen.rows = true;
      });
      await page.exposeFunction('noteBadge', (text: string) => seen.badges.add(text));
      await page.addInitScript(WATCH_PAGE);
      await page.goto(url);
      // The whole run fits in between, and a neighbour may slow it down.
      await page.waitForURL('**/report.html', { timeout: 90_000 });
      await page.locator('#comparison').waitFor();
      seen.report = (await page.locator('h1').textContent()) ?? '';
      ({ code, stderr, stdout } = await cli.done);
    } finally {
      stuck.destroy();
      await browser.close();
    }
  }, 120_000);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('ends as any other run, although one client never took a byte', () => {
    expect(stderr).not.toMatch(/internal error/);
    expect(code).toBe(0);
    expect(stdout.trimEnd()).toBe(findRunDir(outDir));
  });

  it('showed rates of the running tester, the table as it grew, and at last the report', () => {
    expect(seen.figures).toMatch(/responses\/s.*events\/s/s);
    expect(seen.rows).toBe(true);
    expect([...seen.badges]).toContain('done');
    expect(seen.report).not.toBe('');
    expect(seen.noises).toEqual([]);
  });

  it('is recorded as one that could be looked into', () => {
    expect(readRunRecord(findRunDir(outDir)).live).toBe('during-trials');
  });

  it('leaves no server behind', async () => {
    await expect(fetch(url)).rejects.toThrow();
  });
});
