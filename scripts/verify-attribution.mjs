/**
 * Runs the scenarios whose truth is planted and compares what the harness finds with it.
 *
 *   npm run verify:attribution [-- --seed N --only a,b --withhold capture,metrics,root --markdown FILE --keep DIR | --judge DIR]
 *
 * Rates, durations and numbers of connections are drawn anew for every seed within the ranges that the scenarios give
 * in their comments. Each run is judged three times: whole, and from its stored evidence as if there had been no capture,
 * or no counters of the target; then no verdict may be wrong. With `--withhold` the runs themselves go without, and are
 * judged once; without root the harness runs as nobody, and what only root can plant is left out. `--keep` leaves the runs in
 * a folder, and `--judge` judges those of such a folder again, after a change of a rule, without running anything. Exits with 1 on a miss or
 * a false claim, with 4 where other programs held the machine so that a case could not be judged.
 */
import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { drawScenario, explainUnplantable, judgeCase, readPlan, renderMatrix } from './lib/planted-truth.mjs';
import { requireNode } from './lib/require-node.mjs';
import { ROOT } from './lib/root.mjs';
import { UsageError } from './lib/setup-error.mjs';
import { withholdEvidence } from './lib/withhold-evidence.mjs';

requireNode();
const PROGRAM = 'verify:attribution';
/** As for every command: an invalid measurement is no verdict. */
const INCONCLUSIVE = 4;
/** Runs of a case whose machine was used by others. */
const ATTEMPTS = 2;
/** A user and a group that own nothing. */
const NOBODY = 65_534;
const WITHHOLDABLE = ['capture', 'metrics', 'root'];
/** What a stored run is judged again without. */
const JUDGED_WITHOUT = [[], ['capture'], ['metrics'], ['capture', 'metrics']];
/** Of the compiled harness, which is there once everything is set up. */
let deriveComparison;
let requireTool;
const { reportSetupErrors, setUp, takeNoInstall } = await import('./lib/start.mjs');
const { readChoices, readOptions } = await import('./lib/read-options.mjs');
process.exitCode = await reportSetupErrors(verify);

async function verify() {
  const { mayInstall, rest } = takeNoInstall(process.argv.slice(2));
  const { values } = readOptions(PROGRAM, rest, {
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    withhold: { type: 'string' },
    markdown: { type: 'string' },
    keep: { type: 'string' },
    judge: { type: 'string' },
  });
  const seed = Number(values.seed);
  const choose = (option, known) =>
    values[option] === undefined ? [] : readChoices(PROGRAM, `--${option}`, values[option], known);
  const withheld = choose('withhold', WITHHOLDABLE);
  const folder = join(ROOT, 'scenarios/planted');
  const planted = readdirSync(folder).map((file) => file.replace(/\.yaml$/, ''));
  const only = choose('only', planted);
  const names = planted.filter((name) => only.length === 0 || only.includes(name)).sort();
  if (values.judge !== undefined) requireFolder(values.judge);
  const tools = ['wrk', 'hey', 'tcpdump', 'go', 'nginx', 'nft', 'prlimit', 'ip'];
  await setUp({ mayInstall, tools: values.judge === undefined ? tools : [] });
  const keptDir = values.judge ?? values.keep;
  const outDir = keptDir ?? mkdtempSync(join(tmpdir(), 'ssee-attribution-'));
  mkdirSync(outDir, { recursive: true });
  const asNobody = withheld.includes('root');
  if (asNobody) chownSync(outDir, NOBODY, NOBODY);
  // What is withheld from the runs themselves is not withheld from their records once more.
  const views = (withheld.length > 0 ? [withheld] : JUDGED_WITHOUT).map((without) => ({
    without,
    results: [],
    unplanted: [],
  }));
  ({ deriveComparison } = await import('../dist/src/run/derive-comparison.js'));
  ({ requireTool } = await import('../dist/src/tools/index.js'));
  const judge = (plan, outcome, without) => {
    if (outcome.problem !== undefined || without === withheld || without.length === 0) {
      return judgeCase(plan, outcome, without);
    }
    const run = withholdEvidence(outcome.run, without);
    return judgeCase(plan, deriveComparison(outcome.runDir, requireTool, run), without);
  };
  try {
    for (const name of names) {
      const text = readFileSync(join(folder, `${name}.yaml`), 'utf8');
      const plan = readPlan(name, text);
      const able = views.filter(({ without, unplanted }) => {
        const reason = explainUnplantable(text, plan, without);
        if (reason !== undefined) unplanted.push(`${name} (${reason})`);
        return reason === undefined;
      });
      if (able.length === 0) continue;
      const drawn = drawScenario(text, plan, seed, withheld);
      let results = [];
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const outcome =
          values.judge === undefined
            ? runScenario(`${name}-${attempt}`, drawn, outDir, asNobody)
            : readLastAttempt(name, outDir);
        results = able.map(({ without }) => judge(plan, outcome, without));
        // A miss while others held the machine is tried again; a false claim stands, because no noise excuses one.
        const wrong = results.filter(({ ok }) => !ok);
        if (
          values.judge !== undefined ||
          wrong.length === 0 ||
          wrong.some((r) => !r.disturbed || r.falseClaims.length > 0)
        )
          break;
        process.stdout.write(
          `     ${wrong[0].line} (the machine was disturbed, attempt ${attempt} of ${ATTEMPTS})\n`,
        );
      }
      for (const [index, { without, results: all }] of able.entries()) {
        const result = results[index];
        all.push(result);
        const state = result.ok ? 'ok  ' : result.unjudged ? 'none' : 'FAIL';
        const label = without.length > 0 && without !== withheld ? `without ${without.join(' and ')}, ` : '';
        // Four lines per case would hide what matters: of the views on the same run only what is wrong.
        if (index === 0 || !result.ok) process.stdout.write(`${state} ${label}${result.line}\n`);
      }
    }
  } finally {
    if (keptDir === undefined) rmSync(outDir, { recursive: true, force: true });
  }
  const matrix = views
    .map(({ without, results, unplanted }) => renderMatrix(results, { seed, withheld: without, unplanted }))
    .join('\n');
  process.stdout.write(`\n${matrix}`);
  if (values.markdown) writeFileSync(values.markdown, matrix);
  const results = views.flatMap((view) => view.results);
  if (results.some(({ ok, unjudged }) => !ok && !unjudged)) return 1;
  return results.some(({ unjudged }) => unjudged) ? INCONCLUSIVE : 0;
}

/** The comparison of one run, or why there is none. */
function runScenario(name, text, outDir, asNobody) {
  const file = join(outDir, `${name}.yaml`);
  writeFileSync(file, text);
  const program = join(ROOT, 'dist/src/cli/bin/ssee-bench.js');
  const command = [process.execPath, program, 'run', file, '--out', join(outDir, name)];
  const [first, ...rest] = asNobody
    ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--no-new-privs', ...command]
    : command;
  const { stdout, stderr } = spawnSync(first, [...rest, '--format', 'json', '--quiet'], {
    encoding: 'utf8',
    timeout: 120_000,
    cwd: ROOT,
    // Nobody has no home: the target is built below the folder that is theirs.
    env: asNobody ? { ...process.env, HOME: outDir, XDG_CACHE_HOME: join(outDir, 'cache') } : process.env,
  });
  const printed = stdout.trim().split('\n').at(-1) ?? '';
  // An absolute path where the folder is outside of the checkout.
  return readOutcome(resolve(ROOT, printed)) ?? { problem: lastLineOf(stderr) };
}

/** @throws UsageError for a folder of kept runs that cannot be read */
function requireFolder(dir) {
  try {
    readdirSync(dir);
  } catch (error) {
    throw new UsageError(`${PROGRAM}: --judge ${dir} cannot be read: ${error.code}`);
  }
}

/** What the last attempt of a scenario left in a folder of `--keep`, judged by the rules of today. */
function readLastAttempt(name, dir) {
  for (let attempt = ATTEMPTS; attempt >= 1; attempt--) {
    const folder = join(dir, `${name}-${attempt}`);
    const [last] = existsSync(folder) ? readdirSync(folder).sort().reverse() : [];
    const outcome = last === undefined ? undefined : readOutcome(join(folder, last));
    if (outcome) return { ...outcome, comparison: deriveComparison(outcome.runDir, requireTool).comparison };
  }
  return { problem: `there is no run of it in ${dir}` };
}

function readOutcome(runDir) {
  try {
    const read = (base) => JSON.parse(readFileSync(join(runDir, base), 'utf8'));
    return { runDir, run: read('run.json'), comparison: read('comparison.json') };
  } catch {
    return undefined;
  }
}

function lastLineOf(text) {
  return text.trim().split('\n').at(-1) || 'no comparison was written';
}
