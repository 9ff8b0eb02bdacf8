/**
 * What looking into a run with `--live-during-trials` costs: the same load in turn with and without a page that looks on,
 * the order changing from pair to pair, and the ratios of the pairs.
 *
 *   npm run live-cost [-- --pairs N --duration 2s --write docs/live-and-history.md]
 *
 * Prints one block of Markdown; `--write` puts it into a file as well, between `<!-- live-cost -->` and its end. Needs
 * Chromium; some ten seconds per pair. The figures are of the machine, which ought to do nothing else.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fillBlock } from './lib/fill-block.mjs';
import { launchBrowser } from './lib/launch-browser.mjs';
import { lookOn } from './lib/look-on.mjs';
import { requireNode } from './lib/require-node.mjs';
import { ROOT } from './lib/root.mjs';

requireNode();
const BLOCK = 'live-cost';
const RUN_TIMEOUT_MS = 60_000;
const METRICS = [
  ['requests_per_sec', 'requests/s'],
  ['ttfe_us_p50', 'TTFE p50'],
  ['ttfe_us_p99', 'TTFE p99'],
  ['tool_cpu_us_per_request', 'CPU of ssee-tester per request'],
  ['target_cpu_s', 'CPU of the target'],
];

const { reportSetupErrors, setUp, takeNoInstall } = await import('./lib/start.mjs');
const { readCount, readOptions } = await import('./lib/read-options.mjs');
process.exitCode = await reportSetupErrors(main);

async function main() {
  const { mayInstall, rest } = takeNoInstall(process.argv.slice(2));
  const { values: options } = readOptions(BLOCK, rest, {
    pairs: { type: 'string', default: '6' },
    duration: { type: 'string', default: '2s' },
    write: { type: 'string' },
  });
  const wanted = readCount(BLOCK, '--pairs', options.pairs);
  const { BROWSERS } = await import('./lib/system-tools.mjs');
  await setUp({ mayInstall, tools: [BROWSERS[0], 'ip'] });
  const folder = mkdtempSync(join(tmpdir(), 'ssee-live-cost-'));
  const scenario = join(folder, 'watched.yaml');
  writeFileSync(scenario, await shortened(options.duration));
  const browser = await launchBrowser();
  const pairs = [];
  try {
    for (let pair = 0; pair < wanted; pair++) {
      const measured = {};
      for (const watched of pair % 2 === 0 ? [false, true] : [true, false]) {
        measured[watched ? 'watched' : 'quiet'] = await measure(scenario, folder, watched, browser);
      }
      pairs.push(measured);
    }
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const block = renderBlock(pairs, options.duration);
  process.stdout.write(block);
  if (options.write !== undefined) {
    writeFileSync(options.write, fillBlock(readFileSync(options.write, 'utf8'), BLOCK, block));
  }
  return 0;
}

/** node-100c with one tool and one short round. */
async function shortened(duration) {
  const { parse, stringify } = await import('yaml');
  const scenario = parse(readFileSync(join(ROOT, 'scenarios/node-100c.yaml'), 'utf8'));
  return stringify({
    ...scenario,
    name: 'watched',
    load: { ...scenario.load, duration, warmup: '500ms', rounds: 1 },
    tools: ['ssee-tester'],
    capture: 'off',
  });
}

/** One run, with a page open on it where it is watched. @returns its metrics by id @throws Error when nobody looked on */
async function measure(scenario, folder, watched, browser) {
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'dist/src/cli/bin/ssee-bench.js'),
      'run',
      scenario,
      '--out',
      folder,
      '--format',
      'json',
      '--quiet',
      ...(watched ? ['--live-during-trials'] : []),
    ],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], timeout: RUN_TIMEOUT_MS },
  );
  const ended = new Promise((done) => child.on('close', done));
  let runDir = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    runDir = line;
  });
  // Without a page the browser is there all the same, and rests.
  let looking;
  const messages = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    messages.push(line);
    const url = /^live page: (\S+)/.exec(line)?.[1];
    if (url === undefined) return;
    // The reason is kept until the run has ended: nobody waits for it before.
    looking = lookOn(browser, url, ended).then(
      () => undefined,
      (error) => error,
    );
  });
  const code = await ended;
  if (code !== 0) throw new Error(`run exited with ${code}: ${messages.at(-1) ?? ''}`);
  if (watched && looking === undefined) throw new Error('there was no live page to look at');
  const blindness = await looking;
  if (blindness !== undefined) throw blindness;
  const { arms } = JSON.parse(readFileSync(resolve(ROOT, runDir, 'comparison.json'), 'utf8'));
  return arms[0].metrics;
}

function renderBlock(pairs, duration) {
  const rows = METRICS.flatMap(([metric, name]) => {
    const ratios = pairs
      .filter(({ quiet, watched }) => quiet[metric]?.known && watched[metric]?.known)
      .map(({ quiet, watched }) => watched[metric].value / quiet[metric].value)
      .sort((a, b) => a - b);
    if (ratios.length === 0) return [];
    const middle = ratios.length >> 1;
    const median = ratios.length % 2 === 1 ? ratios[middle] : (ratios[middle - 1] + ratios[middle]) / 2;
    const show = (ratio) => ratio.toFixed(3);
    return [[name, show(median), `${show(ratios[0])} to ${show(ratios.at(-1))}`]];
  });
  if (rows.length === 0) throw new Error('no figure is known on both sides of any pair');
  const table = [['watched / not watched', 'median', 'lowest to highest'], ...rows];
  const widths = table[0].map((_, index) => Math.max(...table.map((cells) => cells[index].length)));
  const line = (cells) => `| ${cells.map((text, index) => text.padEnd(widths[index])).join(' | ')} |\n`;
  const [head, ...body] = table;
  return `${pairs.length} pairs of ${duration} on ${cpus().length} CPUs (${cpus()[0].model.trim()}), node-100c with ssee-tester alone, one page open in headless Chromium:

${line(head)}${line(widths.map((width) => '-'.repeat(width)))}${body.map(line).join('')}`;
}
