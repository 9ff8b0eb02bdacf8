import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launchBrowser } from './lib/launch-browser.mjs';
import { readOptions } from './lib/read-options.mjs';
import { ROOT } from './lib/root.mjs';
import { UsageError } from './lib/setup-error.mjs';
import { reportSetupErrors } from './lib/start.mjs';

// `node scripts/screenshots.mjs RUN [RUN WITH STREAMS WORTH SEEING]`: the pictures of the README, from stored runs.
const OUT = join(ROOT, 'docs/images');
const WIDTH = 1400;
const TERMINAL_COLUMNS = 150;

process.exitCode = await reportSetupErrors(main);

async function main() {
  const { positionals } = readOptions('screenshots', process.argv.slice(2), {}, { mostPositionals: 2 });
  const [run, streamsRun = run] = positionals;
  if (run === undefined) throw new UsageError('usage: node scripts/screenshots.mjs RUN [RUN]');
  mkdirSync(OUT, { recursive: true });
  const terminalText = report(run);
  report(streamsRun);
  const browser = await launchBrowser();
  try {
    for (const scheme of ['light', 'dark']) {
      const page = await open(browser, join(resolve(run), 'report.html'), WIDTH, scheme);
      await page.screenshot({
        path: join(OUT, `report-${scheme}.png`),
        clip: await clipTo(page, '.comparison'),
      });
      await page.context().close();
    }
    const streams = await open(browser, join(resolve(streamsRun), 'report.html'), WIDTH, 'dark');
    await streams.locator('#streams .panel').screenshot({ path: join(OUT, 'streams.png') });

    const file = join(tmpdir(), `ssee-terminal-${process.pid}.html`);
    writeFileSync(file, terminalPage(terminalText));
    const terminal = await open(browser, file, WIDTH, 'dark');
    await terminal.locator('pre').screenshot({ path: join(OUT, 'terminal.png') });
    rmSync(file);
  } finally {
    await browser.close();
  }
  return 0;
}

/** Make the reports of a stored run again. @returns what the terminal would show */
function report(folder) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'scripts/ssee-bench.mjs'), 'report', folder],
    { encoding: 'utf8', env: { ...process.env, COLUMNS: String(TERMINAL_COLUMNS) } },
  );
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

async function open(browser, file, width, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, offline: true });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  // As tall as the page: where nothing scrolls, no bar that stays at the top lies over a picture.
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height });
  // Charts are drawn in the frame after the page is there.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return page;
}

/** The page from its top down to the end of an element. */
async function clipTo(page, selector) {
  const box = await page.locator(selector).boundingBox();
  return { x: 0, y: 0, width: WIDTH, height: Math.ceil(box.y + box.height + 16) };
}

/** The first part of the text, down to the end of the notes, as a terminal shows it. */
function terminalPage(text) {
  const shown = text.slice(0, text.indexOf('\nWhat limits each row')).trimEnd();
  const escaped = shown.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  const [verdict, ...rest] = escaped.split('\n\n');
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #0d1117; }
pre { margin: 0; padding: 18px 22px; width: max-content; font: 13px/1.45 "DejaVu Sans Mono", monospace; color: #d5dde8; background: #0d1117; }
</style><pre><b>${verdict}</b>\n\n${rest.join('\n\n')}</pre>`;
}
