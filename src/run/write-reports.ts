import { join } from 'node:path';
import type { Comparison } from '../model/comparison.ts';
import { REPORTERS } from '../report/index.ts';
import { writeFileAtomically } from './run-store.ts';

/** Report formats by their name in `--format`; terminal goes to stdout, the others into the run folder. */
export const FILE_OF_FORMAT = {
  json: 'comparison.json',
  csv: 'comparison.csv',
  md: 'report.md',
} as const;

export type FileFormat = keyof typeof FILE_OF_FORMAT;

/** Write the reports that are files. The same comparison always gives the same bytes. */
export function writeReports(runDir: string, comparison: Comparison, formats: readonly FileFormat[]): void {
  for (const format of formats) {
    writeFileAtomically(join(runDir, FILE_OF_FORMAT[format]), REPORTERS[format](comparison, {}));
  }
}
