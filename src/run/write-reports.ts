import { join, resolve } from 'node:path';
import { UserError } from '../model/errors.ts';
import { giveToOwner } from '../process/give-to-owner.ts';
import { reportGithubActionBenchmark } from '../report/github-action-benchmark.ts';
import { reportHtml } from '../report/html/report-html.ts';
import { REPORTERS } from '../report/index.ts';
import type { DerivedRun } from './derive-comparison.ts';
import { deriveReportData } from './derive-report-data.ts';
import { readPageAssets } from './page-assets.ts';
import { writeFileAtomically } from './run-store.ts';

/** A file of a format and what it holds; undefined where there is nothing to say in it. */
type ReportFile = [name: string, write: (derived: DerivedRun, runDir: string) => string | undefined];

/** A reporter of the comparison alone. */
const ofComparison =
  (format: keyof typeof REPORTERS): ReportFile[1] =>
  ({ comparison }) =>
    REPORTERS[format](comparison, {});

/** Report formats that are files of the run folder, by their name in `--format`. The others go to stdout. */
export const FILES_OF_FORMAT = {
  json: [['comparison.json', ofComparison('json')]],
  csv: [['comparison.csv', ofComparison('csv')]],
  md: [['report.md', ofComparison('md')]],
  html: [
    [
      'report.html',
      (derived, runDir) =>
        reportHtml(derived.comparison, deriveReportData(runDir, derived), readPageAssets()),
    ],
  ],
  junit: [['junit.xml', ofComparison('junit')]],
  'csv-wide': [['comparison-wide.csv', ofComparison('csv-wide')]],
  benchstat: [['benchstat.txt', ofComparison('benchstat')]],
  bencher: [['bencher.json', ofComparison('bencher')]],
  prometheus: [['metrics.prom', ofComparison('prometheus')]],
  'github-summary': [['github-summary.md', ofComparison('github-summary')]],
  'github-action-benchmark': [
    ['benchmark-bigger.json', ({ comparison }) => reportGithubActionBenchmark(comparison, 'higher')],
    ['benchmark-smaller.json', ({ comparison }) => reportGithubActionBenchmark(comparison, 'lower')],
  ],
} satisfies Record<string, ReportFile[]>;

export type FileFormat = keyof typeof FILES_OF_FORMAT;

/** Those that every run folder has unless something else is asked for. */
export const USUAL_FORMATS = 'terminal,md,csv,json,html,junit';

/**
 * Write the reports that are files. The same stored run always gives the same bytes.
 * @throws UserError (exit 1) naming the first file that cannot be written, the cause and the remedy
 */
export function writeReports(runDir: string, derived: DerivedRun, formats: readonly FileFormat[]): void {
  let failure: UserError | undefined;
  for (const format of formats) {
    for (const [name, write] of FILES_OF_FORMAT[format] as ReportFile[]) {
      const text = write(derived, runDir);
      const failed = text === undefined ? undefined : tryToWrite(join(runDir, name), text);
      // The other files may still fit.
      failure ??= failed;
    }
  }
  if (failure) throw failure;
}

function tryToWrite(path: string, text: string): UserError | undefined {
  try {
    writeFileAtomically(path, text);
    giveToOwner(resolve(path));
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const remedy = 'make room there and make it writable for you, then run `ssee-bench report` on the folder';
    return new UserError(`cannot write ${path}: ${code ?? message}; ${remedy}`, 1);
  }
}
