/** Something the user has to do before the harness can start. Printed as its message alone. */
export class SetupError extends Error {}
