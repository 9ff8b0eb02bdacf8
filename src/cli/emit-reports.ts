import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { UserError } from '../model/errors.ts';
import { REPORTERS } from '../report/index.ts';
import type { DerivedRun } from '../run/derive-comparison.ts';
import { writeFlameGraphs } from '../run/write-flame-graphs.ts';
import { FILES_OF_FORMAT, type FileFormat, writeReports } from '../run/write-reports.ts';
import { locateArms, type TextPlace } from '../scenario/locate-arms.ts';
import { writeWorkflowCommands } from './guard-workflow-log.ts';

/** What `--format` knows: the formats that go to stdout, then the files. */
const STDOUT_FORMATS = ['terminal', 'github-annotations'];
export const FORMATS = [...STDOUT_FORMATS, ...Object.keys(FILES_OF_FORMAT)];

/** @throws UserError naming the first format that is none */
export function parseFormats(text: string): string[] {
  const formats = text.split(',').map((format) => format.trim());
  for (const format of formats) {
    if (!FORMATS.includes(format)) {
      throw new UserError(`--format ${format}: this version writes ${FORMATS.join(', ')}`);
    }
  }
  return formats;
}

/**
 * Write and print the reports asked for. In a GitHub job the summary goes where the job shows it as well.
 *
 * @returns one line per file that could not be written: what can be shown is shown all the same
 */
export function emitReports(
  runDir: string,
  derived: DerivedRun,
  formats: readonly string[],
  options: { quiet?: boolean },
): string[] {
  const { comparison } = derived;
  const files = formats.filter((format): format is FileFormat => Object.hasOwn(FILES_OF_FORMAT, format));
  const complaints = [
    ...complaintsOf(() => writeReports(runDir, derived, files)),
    ...complaintsOf(() => writeFlameGraphs(runDir, derived.run, derived.arms)),
  ];
  const summaryFile = process.env.GITHUB_STEP_SUMMARY;
  if (formats.includes('github-summary') && summaryFile) {
    const text = REPORTERS['github-summary'](comparison);
    complaints.push(...complaintsOf(() => appendSummary(summaryFile, text)));
  }
  if (formats.includes('terminal') && !options.quiet) {
    process.stdout.write(REPORTERS.terminal(comparison, terminalOptions()));
  }
  // Asked for by name: silence is about what is printed without being asked for.
  if (formats.includes('github-annotations')) {
    const scenarioLines = readScenarioLines(comparison.scenario);
    writeWorkflowCommands(
      REPORTERS['github-annotations'](comparison, scenarioLines ? { scenarioLines } : {}),
    );
  }
  return complaints;
}

function complaintsOf(write: () => void): string[] {
  try {
    write();
    return [];
  } catch (error) {
    if (error instanceof UserError) return [error.message];
    throw error;
  }
}

function appendSummary(file: string, text: string): void {
  try {
    appendFileSync(file, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`cannot write the job summary to ${file} (${code})`, 1);
  }
}

/** Undefined where the scenario has been changed, moved or deleted since: its lines would be others. */
function readScenarioLines({
  path,
  sha256,
}: DerivedRun['comparison']['scenario']): Record<string, TextPlace> | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    return createHash('sha256').update(text).digest('hex') === sha256 ? locateArms(text) : undefined;
  } catch {
    return undefined;
  }
}

/** How wide standard output is, and whether it takes bold type. */
export function terminalOptions(): { columns: number; color: boolean } {
  const { stdout } = process;
  return {
    columns: stdout.isTTY && stdout.columns > 0 ? stdout.columns : Number(process.env.COLUMNS) || 160,
    color: Boolean(stdout.isTTY && !process.env.NO_COLOR),
  };
}
