import { CommanderError } from 'commander';
import { UserError } from '../model/errors.ts';

/**
 * Say on stderr what ended a command: one line where the user can mend it, the stack where it is a bug. What commander
 * refused it has said itself.
 * @returns the exit code
 */
export function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UserError) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`internal error: ${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}
