/**
 * Real nights through the gate, on a shortened node-100c: nights in which nothing changed must raise no alarm, and a
 * target that became slower, loses events or resets streams must be caught every time, by an alarm that names metric, size and
 * finding.
 *
 *   npm run verify:nights [-- --nights N --only a-a,slower,lossy,resets --duration 800ms --keep DIR]
 *
 * Exits with 1 on a miss or a false alarm, with 4 where the machine was so disturbed that a night could not be judged.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CASES, judgeNight, shortenScenario } from './lib/nights.mjs';
import { requireNode } from './lib/require-node.mjs';
import { ROOT } from './lib/root.mjs';

requireNode();
const PROGRAM = 'verify:nights';
const INCONCLUSIVE = 4;
/** Measurements of a night whose machine was used by others. */
const ATTEMPTS = 3;
/** Per variant; six against twelve is enough for three figures, and a night is done in 40 s. */
const ROUNDS = 6;
const NIGHT_TIMEOUT_MS = 300_000;

const { reportSetupErrors, setUp, takeNoInstall } = await import('./lib/start.mjs');
const { readChoices, readCount, readOptions } = await import('./lib/read-options.mjs');
process.exitCode = await reportSetupErrors(verify);

async function verify() {
  const { mayInstall, rest } = takeNoInstall(process.argv.slice(2));
  const options = readNights(rest);
  await setUp({ mayInstall, tools: ['ip'] });
  const { parse, stringify } = await import('yaml');
  const { clopperPearson } = await import(
    pathToFileURL(join(ROOT, 'dist/src/stats/clopper-pearson.js')).href
  );
  const scenario = parse(readFileSync(join(ROOT, 'scenarios/node-100c.yaml'), 'utf8'));
  const outDir = resolve(options.keep ?? mkdtempSync(join(tmpdir(), 'ssee-nights-')));
  mkdirSync(outDir, { recursive: true });
  const results = [];
  try {
    for (let night = 1; night <= options.nights; night++) {
      for (const name of options.cases) {
        const { flaw } = CASES[name];
        const file = join(outDir, `${name}.yaml`);
        writeFileSync(
          file,
          stringify(shortenScenario(scenario, { flaw, duration: options.duration, rounds: ROUNDS })),
        );
        let result;
        for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
          const startedMs = Date.now();
          result = judgeNight(name, measureNight(file, join(outDir, name)));
          const seconds = Math.round((Date.now() - startedMs) / 1000);
          const mark = result.ok ? 'ok  ' : result.unjudged ? 'none' : 'FAIL';
          process.stdout.write(`${mark} ${name}, night ${night} (${seconds} s): ${result.line}\n`);
          if (!result.unjudged) break;
        }
        results.push({ name, ...result });
      }
    }
  } finally {
    if (options.keep === undefined) rmSync(outDir, { recursive: true, force: true });
  }
  process.stdout.write(`\n${renderTable(results, clopperPearson)}`);
  if (results.some(({ ok, unjudged }) => !ok && !unjudged)) return 1;
  return results.some(({ unjudged }) => unjudged) ? INCONCLUSIVE : 0;
}

function readNights(args) {
  const { values } = readOptions(PROGRAM, args, {
    nights: { type: 'string', default: '5' },
    only: { type: 'string', default: Object.keys(CASES).join(',') },
    duration: { type: 'string', default: '800ms' },
    keep: { type: 'string' },
  });
  return {
    nights: readCount(PROGRAM, '--nights', values.nights),
    cases: readChoices(PROGRAM, '--only', values.only, Object.keys(CASES)),
    duration: values.duration,
    keep: values.keep,
  };
}

/** One interleaved run and the gate over it, as users start them. */
function measureNight(file, outDir) {
  const bench = (...args) =>
    spawnSync(process.execPath, [join(ROOT, 'dist/src/cli/bin/ssee-bench.js'), ...args], {
      encoding: 'utf8',
      timeout: NIGHT_TIMEOUT_MS,
      cwd: ROOT,
    });
  const run = bench('run', file, '--out', outDir, '--format', 'json,md', '--quiet');
  const last = run.stdout?.trim().split('\n').at(-1) ?? '';
  if (run.status !== 0 || last === '') {
    return { problem: `run exited with ${run.status}: ${run.stderr?.trim().split('\n').at(-1) ?? ''}` };
  }
  const runDir = resolve(ROOT, last);
  const gate = bench('gate', runDir, '--quiet');
  try {
    return {
      gate: JSON.parse(readFileSync(join(runDir, 'gate.json'), 'utf8')),
      text: readFileSync(join(runDir, 'gate.md'), 'utf8'),
    };
  } catch {
    return { problem: `gate exited with ${gate.status}: ${gate.stderr.trim().split('\n').at(-1)}` };
  }
}

function renderTable(results, clopperPearson) {
  const percent = (ratio) => `${Number((ratio * 100).toFixed(1))} %`;
  const rows = Object.entries(CASES).flatMap(([name, { what, flaw, finding }]) => {
    const own = results.filter((result) => result.name === name);
    if (own.length === 0) return [];
    const judged = own.filter(({ unjudged }) => !unjudged);
    const good = judged.filter(({ ok }) => ok).length;
    const [low, high] = clopperPearson(good, judged.length);
    return [
      [
        name,
        what,
        String(own.length),
        `${good} of ${judged.length} ${flaw === '' ? 'without alarm' : 'caught and named'}`,
        finding ?? '-',
        judged.length === 0 ? 'none was judged' : `${percent(low)} to ${percent(high)}`,
        String(own.length - judged.length),
      ],
    ];
  });
  const table = [
    ['case', 'head variant', 'nights', 'result', 'finding', '95 % interval', 'unjudged'],
    ...rows,
  ];
  const widths = table[0].map((_, index) => Math.max(...table.map((row) => row[index].length)));
  return table
    .map(
      (row) =>
        `${row
          .map((text, index) => text.padEnd(widths[index]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
