import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/**
 * Room below which a disk counts as full. Unit: bytes. Reason: what could not be written as a whole is taken back and leaves
 * some blocks free. Doubt: none beside the megabytes of a trial.
 */
const FULL_BELOW_BYTES = 64 * 1024;

/** True where a folder takes no further files. Never throws: a disk that cannot be asked is not called full. */
export function isDiskFull(dir: string): boolean {
  try {
    const { bsize, bfree, bavail, files, ffree } = statfsSync(dir);
    // What is kept back for root is free for root alone.
    const freeBlocks = process.getuid!() === 0 ? bfree : bavail;
    return freeBlocks * bsize < FULL_BELOW_BYTES || (files > 0 && ffree === 0);
  } catch {
    return false;
  }
}

/** True for the errors of a full disk and of a quota that is used up. */
export function isNoSpaceError(error: unknown): error is NodeJS.ErrnoException {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Why nothing could be stored in `dir`, with the remedy. `error` is what an attempt ended in. */
export function explainFullDisk(dir: string, full: boolean, error?: Error): string {
  if (full || !error) {
    return `no space is left in ${dir} (ENOSPC); make room there or choose another folder with --out DIR`;
  }
  // Notes of what runs and files of tools may be on another disk than the results.
  return `a disk is full (${error.message}); make room in ${dir} or in ${tmpdir()}, or choose another folder with --out DIR`;
}
