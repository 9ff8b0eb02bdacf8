import { lchownSync, lstatSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { PACKAGE_ROOT } from './package-root.ts';

/**
 * A run with sudo in a user's checkout must not leave folders there that the user can neither write to nor delete: give
 * what lies at `path`, and every folder between it and the checkout, to the checkout's owner. Does nothing for anybody
 * but root, in a checkout of root's, and outside of it. Links are given away themselves, never followed.
 * @param path what is gone by then is left out
 */
export function giveToOwner(path: string, checkout: string = PACKAGE_ROOT): void {
  if (process.geteuid?.() !== 0) return;
  const root = resolve(checkout);
  const below = relative(root, path);
  if (below === '' || below.startsWith('..')) return;
  const { uid, gid } = lstatSync(root);
  if (uid === 0) return;
  for (let folder = dirname(path); folder !== join(checkout); folder = dirname(folder))
    give(folder, uid, gid);
  giveTree(path, uid, gid);
}

function giveTree(path: string, uid: number, gid: number): void {
  if (!give(path, uid, gid)) return;
  for (const name of readdirSync(path)) giveTree(join(path, name), uid, gid);
}

/** True when it is a folder. */
function give(path: string, uid: number, gid: number): boolean {
  try {
    const stat = lstatSync(path);
    if (stat.uid !== uid) lchownSync(path, uid, gid);
    return stat.isDirectory();
  } catch (error) {
    // ENOENT: gone meanwhile. EPERM, EROFS: a file system that knows no owners, such as a shared folder of a VM.
    if (['ENOENT', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
