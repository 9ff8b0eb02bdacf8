import { UserError } from '../model/errors.ts';
import { deriveComparison } from '../run/derive-comparison.ts';
import { chooseGate } from '../run/read-gate-file.ts';
import { readRun } from '../run/run-store.ts';
import { HARNESS_VERSION } from '../run/version.ts';
import { USUAL_FORMATS } from '../run/write-reports.ts';
import { findTool, requireTool } from '../tools/index.ts';
import { emitReports, parseFormats } from './emit-reports.ts';

/** `ssee-bench report RUN`: the reports again from the stored raw data and verdict; nothing is measured. */
export function reportCommand(runDir: string, options: { format?: string; quiet?: boolean }): number {
  const formats = parseFormats(options.format ?? USUAL_FORMATS);
  const run = readRun(runDir);
  const unknown = run.plan.arms.find((arm) => findTool(arm.tool) === undefined);
  if (unknown) {
    throw new UserError(
      `${runDir} was measured with ${unknown.tool}, which this version (${HARNESS_VERSION}) does not know; report it with version ${run.harnessVersion}`,
    );
  }
  const derived = deriveComparison(runDir, requireTool, run);
  derived.comparison.gate = chooseGate(runDir, derived.comparison.gate);
  const complaints = emitReports(runDir, derived, formats, options);
  if (complaints.length > 0) throw new UserError(complaints.join('\n'), 1);
  process.stdout.write(`${runDir}\n`);
  return 0;
}
