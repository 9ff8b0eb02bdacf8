/**
 * What the report costs whoever makes it and whoever opens it: size of the page, time until it can be used, frames while
 * the heat-strip is moved, and time and memory of `ssee-bench report` on a run of a million events.
 *
 *   npm run page-speed [-- --write docs/report-cost.md --report results/sample/report.html --keep DIR]
 *
 * Prints one block of Markdown; `--write` puts it into a file as well, between `<!-- page-speed -->` and its end. Needs
 * Chromium, some 600 MB below the folder of temporary files and less than a minute. Runs are generated and the same each
 * time; the figures are of the machine, which ought to do nothing else. `--keep` leaves the generated runs in a folder.
 * Exits with 1 when a goal is missed.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fillBlock } from './lib/fill-block.mjs';
import { launchBrowser } from './lib/launch-browser.mjs';
import { requireNode } from './lib/require-node.mjs';
import { ROOT } from './lib/root.mjs';

requireNode();
const BLOCK = 'page-speed';
const CONNECTIONS = 1000;
const SECONDS = 60;
/** Of each stream. With pauses and reconnects the second comes to a million events in a minute. */
const STRIP_RATE = 1.2;
const MILLION_RATE = 20.5;
const MILLION = 1_000_000;
/** Times that the page is opened. */
const LOADS = 9;
const VIEWPORT = { width: 1600, height: 900 };
const REPORT_TIMEOUT_MS = 60_000;

const GOALS = { pageMb: 3, interactiveMs: 1000, frameMs: 50, reportMs: 5000, reportMb: 500 };

const { reportSetupErrors, setUp, takeNoInstall } = await import('./lib/start.mjs');
const { readOptions } = await import('./lib/read-options.mjs');
process.exitCode = await reportSetupErrors(main);

async function main() {
  const { mayInstall, rest } = takeNoInstall(process.argv.slice(2));
  const { values: options } = readOptions(BLOCK, rest, {
    write: { type: 'string' },
    report: { type: 'string', default: join(ROOT, 'results/sample/report.html') },
    keep: { type: 'string' },
  });
  const { BROWSERS } = await import('./lib/system-tools.mjs');
  await setUp({ mayInstall, tools: [BROWSERS[0]] });
  const { generateRun } = await import('./lib/generate-run.mjs');
  const folder = resolve(options.keep ?? mkdtempSync(join(tmpdir(), 'ssee-page-speed-')));
  const make = async (name, eventsPerSecond, from) => {
    const dir = join(folder, name);
    mkdirSync(dir, { recursive: true });
    const shape = { connections: CONNECTIONS, seconds: SECONDS, eventsPerSecond, from };
    return { dir, ...(await generateRun({ dist: join(ROOT, 'dist'), dir, ...shape })) };
  };
  try {
    const strip = await make('strip', STRIP_RATE, 'capture');
    runReport(strip.dir);
    const packets = await make('packets', MILLION_RATE, 'capture');
    const packetsCost = runReport(packets.dir);
    const lines = await make('lines', MILLION_RATE, 'events');
    const linesCost = runReport(lines.dir);
    for (const { events } of [packets, lines]) {
      if (events < MILLION) throw new Error(`only ${events} events were generated`);
    }
    const browser = await launchBrowser();
    let rows;
    const version = browser.version();
    try {
      rows = [
        ...(await pageRows(browser, resolve(options.report))),
        ...(await frameRows(browser, strip, 'heat-strip')),
        ...(await frameRows(browser, packets, 'heat-strip')),
        ...reportRows(packets, packetsCost, 'in a capture'),
        ...reportRows(lines, linesCost, 'in events.jsonl'),
      ];
    } finally {
      await browser.close();
    }
    const block = renderBlock(rows, version);
    process.stdout.write(block);
    if (options.write !== undefined) {
      writeFileSync(options.write, fillBlock(readFileSync(options.write, 'utf8'), BLOCK, block));
    }
    return rows.every(({ met }) => met !== false) ? 0 : 1;
  } finally {
    if (options.keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** `ssee-bench report` as users start it. @returns wall time, and the largest resident memory that the kernel saw */
function runReport(dir) {
  const peakFile = join(dir, 'peak.txt');
  // Of the address space itself: the peak in resource usage includes what the parent had before the program was loaded.
  const atExit = `import {readFileSync,writeFileSync} from 'node:fs';process.on('exit',()=>writeFileSync(${JSON.stringify(peakFile)},/VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status','utf8'))[1]))`;
  const startedMs = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(atExit)}`,
      join(ROOT, 'dist/src/cli/bin/ssee-bench.js'),
      'report',
      dir,
    ],
    { encoding: 'utf8', timeout: REPORT_TIMEOUT_MS, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const wallMs = performance.now() - startedMs;
  if (status !== 0) throw new Error(`report exited with ${status}: ${stderr.trim()}`);
  return { wallMs, peakMb: (Number(readFileSync(peakFile, 'utf8')) * 1024) / 1e6 };
}

async function openPage(browser, file) {
  const context = await browser.newContext({ viewport: VIEWPORT, offline: true });
  const page = await context.newPage();
  // Loaded, its charts drawn in the frame after, and free for input: a task that was queued behind that frame runs.
  await page.addInitScript(() => {
    addEventListener('load', () =>
      requestAnimationFrame(() =>
        setTimeout(() => {
          globalThis.interactiveMs = performance.now();
        }),
      ),
    );
  });
  await page.goto(pathToFileURL(file).href);
  await page.waitForFunction(() => globalThis.interactiveMs !== undefined);
  return { page, interactiveMs: await page.evaluate(() => globalThis.interactiveMs) };
}

async function pageRows(browser, file) {
  const name = relative(ROOT, file);
  const loads = [];
  for (let load = 0; load < LOADS; load++) {
    const { page, interactiveMs } = await openPage(browser, file);
    loads.push(interactiveMs);
    await page.context().close();
  }
  loads.sort((a, b) => a - b);
  const median = loads[Math.floor(loads.length / 2)];
  const pageMb = statSync(file).size / 1e6;
  return [
    row(`size of ${name}`, `${pageMb.toFixed(2)} MB`, `< ${GOALS.pageMb} MB`, pageMb < GOALS.pageMb),
    row(
      `the same page, navigation to interactive, median of ${LOADS} (lowest to highest)`,
      `${seconds(median)} (${seconds(loads[0])} to ${seconds(loads.at(-1))})`,
      `highest < ${seconds(GOALS.interactiveMs)}`,
      loads.at(-1) < GOALS.interactiveMs,
    ),
  ];
}

async function frameRows(browser, { dir, events }, what) {
  const file = join(dir, 'report.html');
  const { page, interactiveMs } = await openPage(browser, file);
  const { frames, idle } = await moveStrip(page);
  await page.context().close();
  frames.sort((a, b) => a - b);
  const longest = frames.at(-1);
  const name = `${what}, ${count(CONNECTIONS)} connections x ${SECONDS} s, ${count(events)} events`;
  return [
    row(
      `${name} (page of ${(statSync(file).size / 1e6).toFixed(2)} MB): navigation to interactive`,
      seconds(interactiveMs),
      '',
    ),
    row(
      `scrolled, zoomed, panned, dragged: longest of ${count(frames.length)} frames`,
      `${longest.toFixed(1)} ms`,
      `none > ${GOALS.frameMs} ms`,
      longest <= GOALS.frameMs,
    ),
    row('· 99th percentile of them', `${frames[Math.ceil(frames.length * 0.99) - 1].toFixed(1)} ms`, ''),
    row('· longest while nothing was done, for comparison', `${Math.max(...idle).toFixed(1)} ms`, ''),
  ];
}

/** Move the strip by mouse, wheel and keys in every way there is. @returns ms from frame to frame, and without moving */
async function moveStrip(page) {
  const box = page.locator('#strip');
  await box.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await box.boundingBox();
  const [left, middle, right] = [0.2, 0.5, 0.8].map((share) => x + share * width);
  const centre = y + height / 2;
  const { mouse, keyboard } = page;
  await mouse.move(middle, centre);
  const wheel = async (times, deltaX, deltaY) => {
    for (let turn = 0; turn < times; turn++) await mouse.wheel(deltaX, deltaY);
  };
  const press = async (times, key) => {
    for (let stroke = 0; stroke < times; stroke++) await keyboard.press(key);
  };
  const drag = async (from, to) => {
    await mouse.move(from, centre);
    await mouse.down();
    await mouse.move(to, centre, { steps: 60 });
    await mouse.up();
  };
  const moves = [
    // All of a minute in the width of the view is the most that there ever is to draw.
    () => wheel(60, 0, 40),
    () => wheel(30, 0, -40),
    async () => {
      await keyboard.down('Control');
      await wheel(12, 0, -100);
    },
    async () => {
      await keyboard.up('Control');
      await wheel(60, 30, 0);
    },
    () => drag(right, left),
    () => drag(left, right - 50),
    async () => {
      await box.focus();
      await press(20, 'ArrowRight');
      await press(12, 'ArrowLeft');
    },
    () => press(8, '-'),
    () => wheel(60, 0, 40),
  ];
  const frames = [];
  for (const move of moves) {
    const before = await drawn(page);
    frames.push(...(await recordFrames(page, move)));
    if ((await drawn(page)) === before) throw new Error('the strip did not move: nothing was measured');
  }
  const idle = await recordFrames(page, () => page.waitForTimeout(1000));
  return { frames, idle };
}

function drawn(page) {
  return page.evaluate(() => document.querySelector('#strip canvas').toDataURL());
}

async function recordFrames(page, act) {
  await page.evaluate(
    () =>
      new Promise((begun) => {
        const frames = [];
        let before;
        globalThis.recording = { frames, on: true };
        const step = (nowMs) => {
          if (before === undefined) begun();
          else frames.push(nowMs - before);
          before = nowMs;
          if (globalThis.recording.on) requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
  );
  await act();
  // What the last input asked for is drawn in the frame after it.
  return page.evaluate(
    () =>
      new Promise((done) =>
        requestAnimationFrame(() =>
          requestAnimationFrame(() => {
            globalThis.recording.on = false;
            done(globalThis.recording.frames);
          }),
        ),
      ),
  );
}

function reportRows({ events, bytes }, { wallMs, peakMb }, where) {
  return [
    row(
      `\`ssee-bench report\`, ${count(CONNECTIONS)} streams, ${count(events)} events ${where} of ${Math.round(bytes / 1e6)} MB: time`,
      seconds(wallMs),
      `< ${seconds(GOALS.reportMs)}`,
      wallMs < GOALS.reportMs,
    ),
    row(
      '· largest resident memory',
      `${Math.round(peakMb)} MB`,
      `< ${GOALS.reportMb} MB`,
      peakMb < GOALS.reportMb,
    ),
  ];
}

function row(what, measured, goal, met) {
  return { cells: [what, measured, goal, met === undefined ? '' : met ? 'met' : 'missed'], met };
}

function renderBlock(rows, version) {
  const [{ model }] = cpus();
  const table = [['what', 'measured', 'goal', ''], ...rows.map(({ cells }) => cells)];
  const widths = table[0].map((_, index) => Math.max(3, ...table.map((cells) => cells[index].length)));
  const line = (cells) => `| ${cells.map((text, index) => text.padEnd(widths[index])).join(' | ')} |\n`;
  const [head, ...body] = table;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return `One run on ${cpus().length} CPUs (${model.trim()}, Linux ${release().split('.').slice(0, 2).join('.')}, Node ${process.versions.node}), Chromium ${version}
headless without a GPU, ${VIEWPORT.width} x ${VIEWPORT.height}:

${line(head)}${rule}${body.map(line).join('')}`;
}

function seconds(ms) {
  return `${Number((ms / 1000).toPrecision(2))} s`;
}

function count(value) {
  return value.toLocaleString('en-US');
}
