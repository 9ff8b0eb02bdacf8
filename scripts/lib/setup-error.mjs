/** Something the user has to do before the harness can start. Printed as its message alone. */
export class SetupError extends Error {}

/** Arguments that make no sense. Printed as its message alone; the exit code is 2. */
export class UsageError extends Error {}
