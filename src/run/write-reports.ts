import { join } from 'node:path';
import type { Comparison } from '../model/comparison.ts';
import { UserError } from '../model/errors.ts';
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
  for (const format of formats) {
    writeReportFile(
      join(runDir, FILE_OF_FORMAT[format]),
      REPORTERS[format](comparison, {}),
      'make room and the folder writable, or copy it to where it is, then run `ssee-bench report`',
    );
  }
}

/** @throws UserError (exit 1) naming the file, the cause and the remedy */
export function writeReportFile(path: string, text: string, remedy: string): void {
  try {
    writeFileAtomically(path, text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(`cannot write ${path}: ${code ?? message}; ${remedy}`, 1);
  }
}
