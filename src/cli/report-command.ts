import { REPORTERS } from '../report/index.ts';
import { deriveComparison } from '../run/derive-comparison.ts';
import { type FileFormat, writeReports } from '../run/write-reports.ts';
import { requireTool } from '../tools/index.ts';
import { terminalOptions } from './run-command.ts';

/** `ssee-bench report RUN`: every report again from the stored raw data; nothing is measured. */
export function reportCommand(runDir: string, options: { quiet?: boolean }): number {
  const { comparison } = deriveComparison(runDir, requireTool);
  const formats: FileFormat[] = ['json', 'csv', 'md'];
  writeReports(runDir, comparison, formats);
  if (!options.quiet) process.stdout.write(REPORTERS.terminal(comparison, terminalOptions()));
  process.stdout.write(`${runDir}\n`);
  return 0;
}
