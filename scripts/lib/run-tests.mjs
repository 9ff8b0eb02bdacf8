import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countResults, formatCounts, isGreen } from './count-results.mjs';
import { giveToOwnerOf } from './prepare.mjs';
import { ROOT } from './root.mjs';
import { keepEnvironment } from './root-rights.mjs';

/** Above the ten minutes that the suite may take, so that a hang ends with a count as well. */
const TIMEOUT_MS = 14 * 60_000;

/** The line for whoever may not run the tests that need root. */
export const NEEDS_ROOT =
  'npm test needs root, or sudo without a password, for network namespaces, captures and changing users; ' +
  'type: sudo env "PATH=$PATH" npm test';

/**
 * Run Vitest once with `args` handed through and print the counts as the last line.
 *
 * @param {string[]} args
 * @param {string[]} [prefix] that runs a command as root, where this process is not root itself
 * @returns the exit code: 0 when something ran, nothing failed and nothing was skipped
 */
export function runTests(args, prefix = []) {
  const folder = mkdtempSync(join(tmpdir(), 'ssee-bench-tests-'));
  const reportFile = join(folder, 'report.json');
  try {
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
    const asRoot = prefix.length > 0 ? [...prefix, ...keepEnvironment(process.env)] : [];
    const [command, ...rest] = [...asRoot, process.execPath, vitest, 'run', ...reporters, ...args];
    const { status } = spawnSync(command, rest, {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: TIMEOUT_MS,
    });
    giveToOwnerOf(ROOT, prefix);
    const counts = countResults(readReport(reportFile), status);
    process.stdout.write(`${formatCounts(counts)}\n`);
    return isGreen(
      counts,
      args.some((arg) => arg === '-t' || arg.startsWith('--testNamePattern')),
    )
      ? 0
      : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Undefined when Vitest ended before it wrote a report. */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
