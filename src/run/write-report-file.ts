import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from '../model/errors.ts';
import { giveToOwner } from '../process/give-to-owner.ts';
import { writeFileAtomically } from './run-store.ts';

/**
 * One report of a comparison or a gate, in a folder that is made where it is not there.
 * @throws UserError (exit 1) naming the file, the cause and the remedy
 */
export function writeReportFile(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileAtomically(path, text);
    giveToOwner(resolve(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(
      `cannot write ${path}: ${code ?? message}; name a folder you may write with --out DIR`,
      1,
    );
  }
}
