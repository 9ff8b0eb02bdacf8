import { UserError } from '../model/errors.ts';
import { REPORTERS } from '../report/index.ts';
import { deriveComparison } from '../run/derive-comparison.ts';
import { readRun } from '../run/run-store.ts';
import { HARNESS_VERSION } from '../run/version.ts';
import { writeFlameGraphs } from '../run/write-flame-graphs.ts';
import { type FileFormat, writeReports } from '../run/write-reports.ts';
import { findTool, requireTool } from '../tools/index.ts';
import { terminalOptions } from './run-command.ts';

/** `ssee-bench report RUN`: every report again from the stored raw data; nothing is measured. */
export function reportCommand(runDir: string, options: { quiet?: boolean }): number {
  const run = readRun(runDir);
  const unknown = run.plan.arms.find((arm) => findTool(arm.tool) === undefined);
  if (unknown) {
    throw new UserError(
      `${runDir} was measured with ${unknown.tool}, which this version (${HARNESS_VERSION}) does not know; report it with version ${run.harnessVersion}`,
    );
  }
  const { comparison, arms } = deriveComparison(runDir, requireTool, run);
  const formats: FileFormat[] = ['json', 'csv', 'md'];
  writeReports(runDir, comparison, formats);
  writeFlameGraphs(runDir, run, arms);
  if (!options.quiet) process.stdout.write(REPORTERS.terminal(comparison, terminalOptions()));
  process.stdout.write(`${runDir}\n`);
  return 0;
}
