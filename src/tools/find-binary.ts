import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';

/** A banner takes milliseconds; a machine under load may need more, a program that waits for input never ends. */
const BANNER_TIMEOUT_MS = 5000;
const BANNER_MAX_BYTES = 256 * 1024;

/** The first executable file of that name in PATH, absolute; undefined when there is none. */
export function findBinary(name: string, searchPath = process.env.PATH ?? ''): string | undefined {
  return searchPath
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/**
 * What a program prints on stdout and stderr when it is asked for its version or its usage. Its exit code says
 * nothing (wrk and hey exit 1 after theirs). Empty when it cannot be started or does not end in time.
 */
export async function readBanner(path: string, args: readonly string[]): Promise<string> {
  const result = await execa(path, args, {
    reject: false,
    timeout: BANNER_TIMEOUT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: BANNER_MAX_BYTES,
    stdin: 'ignore',
    all: true,
  });
  return result.all ?? '';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Absent, or not ours to run: both mean that the search goes on.
    return false;
  }
}
