/** ab's report, which it prints at its end or when SIGINT ends it. */
export interface AbText {
  timeTakenS: number;
  /** Responses that ended, in whatever way; `failed` and `non2xx` are among them. */
  complete: number;
  failed: number;
  /** Status other than 2xx, redirects included. */
  non2xx: number;
  /** Everything read, heads and unfinished bodies included. */
  transferredBytes: number;
  /** Request written to first byte, whole milliseconds; undefined without a finished response. */
  waitingMs?: { median: number; max: number };
}

/** Undefined unless the report is there with all its counts. */
export function parseAbText(stdout: string): AbText | undefined {
  const timeTakenS = readNumber(stdout, /^Time taken for tests: +([\d.]+) seconds$/m);
  const complete = readNumber(stdout, /^Complete requests: +(\d+)$/m);
  const failed = readNumber(stdout, /^Failed requests: +(\d+)$/m);
  const transferredBytes = readNumber(stdout, /^Total transferred: +(\d+) bytes$/m);
  if (timeTakenS === undefined || complete === undefined) return undefined;
  if (failed === undefined || transferredBytes === undefined) return undefined;
  const waiting = /^Waiting: +(\d+) +(\d+) +([\d.]+) +(\d+) +(\d+)$/m.exec(stdout);
  return {
    timeTakenS,
    complete,
    failed,
    non2xx: readNumber(stdout, /^Non-2xx responses: +(\d+)$/m) ?? 0,
    transferredBytes,
    ...(waiting ? { waitingMs: { median: Number(waiting[4]), max: Number(waiting[5]) } } : {}),
  };
}

/** The socket error at which ab gave the whole run up, e.g. `apr_socket_recv: Connection refused (111)`. */
export function findAbAbort(stderr: string): string | undefined {
  return /^\w+(\(\))?: .+ \(\d+\)$/m.exec(stderr)?.[0];
}

function readNumber(text: string, pattern: RegExp): number | undefined {
  const match = pattern.exec(text)?.[1];
  const value = match === undefined ? Number.NaN : Number(match);
  return Number.isFinite(value) && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}
