import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Baseline, EMPTY_BASELINE, parseBaseline } from '../gate/baseline.ts';
import { UserError } from '../model/errors.ts';
import { giveToOwner } from '../process/give-to-owner.ts';
import { writeFileAtomically } from './run-store.ts';

/**
 * A baseline file; one that is not there yet is empty.
 * @throws UserError (exit 2) when it cannot be read or is no baseline
 */
export function readBaselineFile(path: string): Baseline {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return EMPTY_BASELINE;
    throw new UserError(`cannot read baseline ${path}: ${code}`);
  }
  try {
    return parseBaseline(text);
  } catch (error) {
    throw new UserError(
      `${path} is no baseline: ${(error as Error).message}; name another file or delete it`,
    );
  }
}

/** @throws UserError (exit 1) when it cannot be written */
export function writeBaselineFile(path: string, baseline: Baseline): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileAtomically(path, `${JSON.stringify(baseline, null, 1)}\n`);
    giveToOwner(resolve(path));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`cannot write baseline ${path}: ${(error as NodeJS.ErrnoException).code}`, 1);
  }
}
