import { mkdirSync, realpathSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { UserError } from '../model/errors.ts';
import { giveToOwner } from '../process/give-to-owner.ts';
import { cleanText } from '../report/clean-text.ts';
import { buildHistory } from '../report/history/build-history.ts';
import { historyHtml } from '../report/html/history/history-html.ts';
import { readPageAssets } from '../run/page-assets.ts';
import { readHistory } from '../run/read-history.ts';
import { writeFileAtomically } from '../run/run-store.ts';
import { HARNESS_VERSION } from '../run/version.ts';
import { displayPath } from './run-command.ts';

/**
 * `ssee-bench history [RESULTS]`: trends over all stored runs; nothing is measured.
 * @throws UserError exit 2 where there is no run, exit 1 where the page cannot be written
 */
export function historyCommand(resultsDir: string, options: { out?: string }): number {
  const { runs, warnings } = readHistory(resultsDir);
  for (const line of warnings) process.stderr.write(`${cleanText(line)}\n`);
  if (runs.length === 0) {
    throw new UserError(
      `${resultsDir} holds no run that can be read; measure first: ssee-bench run SCENARIO --out ${resultsDir}`,
    );
  }
  const outDir = options.out ?? resultsDir;
  const page = join(outDir, 'index.html');
  try {
    mkdirSync(outDir, { recursive: true });
    const history = buildHistory(runs, {
      harnessVersion: HARNESS_VERSION,
      warnings,
      pathTo: (folder) => linkTo(outDir, join(resultsDir, folder, 'report.html')),
    });
    writeFileAtomically(join(outDir, 'history.json'), `${JSON.stringify(history)}\n`);
    writeFileAtomically(page, historyHtml(history, readPageAssets('history')));
    for (const name of ['index.html', 'history.json']) giveToOwner(resolve(outDir, name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UserError(
      `cannot write the history to ${outDir}: ${code}; choose a folder you may write with --out DIR`,
      1,
    );
  }
  process.stdout.write(`${displayPath(resolve(page))}\n`);
  return 0;
}

/** A relative address: folders may have names with signs that mean something in one. */
function linkTo(outDir: string, file: string): string {
  // Through links on either side, `..` would lead elsewhere.
  const path = relative(realpathSync(outDir), resolve(realpathSync(resolve(file, '..')), 'report.html'));
  return path.split(sep).map(encodeURIComponent).join('/');
}
