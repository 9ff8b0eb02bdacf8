import { existsSync } from 'node:fs';
import type { Comparison } from '../model/comparison.ts';
import { UserError } from '../model/errors.ts';
import type { JudgedArm } from '../model/finding.ts';
import type { RunRecord } from '../model/run-record.ts';
import { suggestName } from '../scenario/closest-name.ts';
import type { LoadTool } from '../tools/load-tool.ts';
import { deriveComparison } from './derive-comparison.ts';
import { readRun } from './run-store.ts';
import { HARNESS_VERSION } from './version.ts';

/** A stored run with what was derived from it. */
export interface LoadedRun {
  /** As the user wrote it. */
  dir: string;
  run: RunRecord;
  arms: JudgedArm[];
  comparison: Comparison;
}

/** `RUN` or `RUN@variant`. A folder whose own name has an @ is taken as it is. */
export function parseRunName(name: string): { dir: string; variant?: string } {
  const at = name.lastIndexOf('@');
  if (at <= 0 || existsSync(name)) return { dir: name };
  return { dir: name.slice(0, at), variant: name.slice(at + 1) };
}

/** @throws UserError (exit 2) when the folder is no run, or one of a tool that this version does not know */
export function loadRun(dir: string, findTool: (name: string) => LoadTool | undefined): LoadedRun {
  const run = readRun(dir);
  return {
    dir,
    ...deriveComparison(
      dir,
      (name) => {
        const tool = findTool(name);
        if (tool) return tool;
        throw new UserError(
          `${dir} was measured with ${name}, which this version (${HARNESS_VERSION}) does not know; read it with version ${run.harnessVersion}`,
        );
      },
      run,
    ),
  };
}

/** @throws UserError (exit 2) when the run has no rows of this variant */
export function requireVariant({ dir, run }: LoadedRun, variant: string | undefined): void {
  if (variant === undefined) return;
  const variants = [...new Set(run.plan.arms.flatMap((arm) => arm.variant ?? []))];
  if (variants.includes(variant)) return;
  const remedy =
    variants.length === 0
      ? '; it was measured without variants'
      : suggestName(variant, variants) || `; it has ${variants.join(', ')}`;
  throw new UserError(`${dir} has no variant ${JSON.stringify(variant)}${remedy}`);
}
