import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Where system programs stand that an ordinary user's PATH may not name. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin'];

/**
 * Absolute path of a program, looked up as the shell does: a name with a slash is a path (from `cwd`), any other is
 * searched in PATH and then in the folders of system programs. Undefined when there is none that can be executed.
 */
export function findExecutable(
  name: string,
  options: { path?: string; cwd?: string } = {},
): string | undefined {
  if (name.includes('/')) {
    const path = resolve(options.cwd ?? process.cwd(), name);
    return isExecutable(path) ? path : undefined;
  }
  const folders = (options.path ?? process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...folders, ...SYSTEM_FOLDERS].map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Absent or not ours to execute: the search goes on either way.
    return false;
  }
}
