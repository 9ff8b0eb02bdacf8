import { join } from 'node:path';
import { buildSide } from '../gate/build-side.ts';
import { COMPARABLE, compareSides, DEFAULT_COMPARED } from '../gate/compare-sides.ts';
import { UserError } from '../model/errors.ts';
import type { RunSide } from '../model/gate.ts';
import { METRICS, type MetricId } from '../model/metrics.ts';
import { cleanText } from '../report/clean-text.ts';
import { reportCompareMarkdown, reportCompareTerminal } from '../report/compare-text.ts';
import { type LoadedRun, loadRun, parseRunName, requireVariant } from '../run/load-run.ts';
import { writeReportFile } from '../run/write-report-file.ts';
import { suggestName } from '../scenario/closest-name.ts';
import { findTool } from '../tools/index.ts';
import { terminalOptions } from './emit-reports.ts';
import { displayPath } from './run-command.ts';

export interface CompareCommandOptions {
  baseVariant?: string;
  headVariant?: string;
  metrics?: string;
  out?: string;
  quiet?: boolean;
}

/** `ssee-bench compare BASE [HEAD]`: two runs, or two variants of one run, for reading. Returns 0. */
export function compareCommand(
  baseName: string,
  headName: string | undefined,
  options: CompareCommandOptions,
): number {
  const metrics = parseMetrics(options.metrics);
  const { base, head, headRun } = loadSides(baseName, headName, options);
  const comparison = compareSides(base, head, metrics);
  const out = options.out ?? headRun.dir;
  writeReportFile(join(out, 'compare.json'), `${JSON.stringify(comparison, null, 1)}\n`);
  writeReportFile(join(out, 'compare.md'), reportCompareMarkdown(comparison));
  process.stdout.write(
    options.quiet
      ? `${cleanText(comparison.verdict)}\n`
      : reportCompareTerminal(comparison, terminalOptions()),
  );
  if (!options.quiet) process.stdout.write(`${displayPath(join(out, 'compare.json'))}\n`);
  return 0;
}

function parseMetrics(list: string | undefined): readonly MetricId[] {
  if (list === undefined) return DEFAULT_COMPARED;
  if (list === 'all') return COMPARABLE;
  return list.split(',').map((text) => {
    const name = text.trim();
    if (COMPARABLE.includes(name as MetricId)) return name as MetricId;
    const why = Object.hasOwn(METRICS, name)
      ? 'it is neither better high nor low'
      : `no such metric${suggestName(name, COMPARABLE)}`;
    throw new UserError(`--metrics ${name}: ${why}`);
  });
}

/** The two sides that the command line names, and the runs that they are from. */
export interface LoadedSides {
  base: RunSide;
  head: RunSide;
  baseRun: LoadedRun;
  headRun: LoadedRun;
}

/**
 * `BASE HEAD`, each with a variant behind an @ or by its option; or one run with two variants, by options or as the
 * scenario's `gate` names them.
 * @throws UserError (exit 2)
 */
export function loadSides(
  baseName: string,
  headName: string | undefined,
  options: { baseVariant?: string; headVariant?: string },
): LoadedSides {
  const before = parseRunName(baseName);
  const after = headName === undefined ? { dir: before.dir } : parseRunName(headName);
  const baseRun = loadRun(before.dir, findTool);
  const headRun = after.dir === before.dir ? baseRun : loadRun(after.dir, findTool);
  const sameRun = headRun === baseRun;
  // Two runs are compared as wholes; inside one run the scenario may have said which variants are meant.
  const gate = sameRun ? baseRun.run.plan.gate : undefined;
  const baseVariant = options.baseVariant ?? before.variant ?? gate?.base;
  const headVariant = options.headVariant ?? after.variant ?? gate?.head;
  if (sameRun && (baseVariant === undefined || headVariant === undefined || baseVariant === headVariant)) {
    throw new UserError(
      `${before.dir} alone: give a second run, or two variants of it with --base-variant and --head-variant`,
    );
  }
  requireVariant(baseRun, baseVariant);
  requireVariant(headRun, headVariant);
  return {
    base: buildSide(baseRun.run, baseRun.arms, before.dir, baseVariant),
    head: buildSide(headRun.run, headRun.arms, after.dir, headVariant),
    baseRun,
    headRun,
  };
}
