/**
 * A mistake of the user or a lack of the machine (scenario, missing tool, rights, ports). Printed as its
 * message alone; everything else that is thrown is a bug and prints a stack.
 */
export class UserError extends Error {
  /** Process exit code: 1 a trial or the harness failed, 2 bad usage or scenario, 130 interrupted before anything was measured. */
  readonly exitCode: 1 | 2 | 130;

  constructor(message: string, exitCode: 1 | 2 | 130 = 2) {
    super(message);
    this.name = 'UserError';
    this.exitCode = exitCode;
  }
}
