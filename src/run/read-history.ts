import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../model/errors.ts';
import { extractRun, type RunExtract } from '../report/history/read-history-run.ts';

/** Folders of ours that are no runs: `calibrate` and `history` may write beside them. */
const OTHER_KINDS = ['calibration.json', 'history.json'];

/**
 * What the run folders in a results folder say. Files in it, and folders that hold no run, are none.
 *
 * @returns one warning per folder that cannot be used, with the remedy
 * @throws UserError (exit 2) when the folder cannot be read
 */
export function readHistory(resultsDir: string): { runs: RunExtract[]; warnings: string[] } {
  const runs: RunExtract[] = [];
  const warnings: string[] = [];
  for (const folder of listFolders(resultsDir)) {
    const dir = join(resultsDir, folder);
    const read = readFolder(dir, folder);
    if ('run' in read) runs.push(read.run);
    else if (!OTHER_KINDS.some((file) => existsSync(join(dir, file))))
      warnings.push(`${dir}: left out: ${read.why}`);
  }
  return { runs, warnings };
}

function listFolders(resultsDir: string): string[] {
  try {
    return readdirSync(resultsDir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what =
      code === 'ENOENT' ? 'is not there' : code === 'ENOTDIR' ? 'is no folder' : `cannot be read (${code})`;
    throw new UserError(
      `${resultsDir} ${what}; name the folder that run folders are in, or measure first: ssee-bench run SCENARIO --out ${resultsDir}`,
    );
  }
}

function readFolder(dir: string, folder: string): { run: RunExtract } | { why: string } {
  let text: string;
  try {
    text = readFileSync(join(dir, 'comparison.json'), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return { why: `comparison.json cannot be read (${code})` };
    return existsSync(join(dir, 'run.json'))
      ? { why: `it has no comparison.json; make it: ssee-bench report ${dir}` }
      : { why: 'it is no run folder' };
  }
  try {
    return { run: extractRun(JSON.parse(text), folder, existsSync(join(dir, 'report.html'))) };
  } catch (error) {
    return {
      why: `comparison.json is damaged or foreign: ${firstLine(error)}; make it again: ssee-bench report ${dir}`,
    };
  }
}

function firstLine(error: unknown): string {
  return (error as Error).message.split('\n')[0]!;
}
