import { join, resolve } from 'node:path';
import type { Comparison } from '../model/comparison.ts';
import { UserError } from '../model/errors.ts';
import { giveToOwner } from '../process/give-to-owner.ts';
import { REPORTERS } from '../report/index.ts';
import { writeFileAtomically } from './run-store.ts';

/** Report formats by their name in `--format`; terminal goes to stdout, the others into the run folder. */
export const FILE_OF_FORMAT = {
  json: 'comparison.json',
  csv: 'comparison.csv',
  md: 'report.md',
} as const;

export type FileFormat = keyof typeof FILE_OF_FORMAT;

/**
 * Write the reports that are files. The same comparison always gives the same bytes.
 * @throws UserError (exit 1) naming the file, the cause and the remedy
 */
export function writeReports(runDir: string, comparison: Comparison, formats: readonly FileFormat[]): void {
  let failure: UserError | undefined;
  for (const format of formats) {
    const path = join(runDir, FILE_OF_FORMAT[format]);
    const text = REPORTERS[format](comparison, {});
    try {
      writeFileAtomically(path, text);
      giveToOwner(resolve(path));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const remedy =
        'make room there and make it writable for you, then run `ssee-bench report` on the folder';
      // The other formats may still fit.
      failure ??= new UserError(`cannot write ${path}: ${code ?? message}; ${remedy}`, 1);
    }
  }
  if (failure) throw failure;
}
