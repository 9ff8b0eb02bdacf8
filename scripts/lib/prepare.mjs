import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build, isBuilt } from './build.mjs';
import { arePackagesInstalled, INSTALL_COMMAND, installPackages } from './packages.mjs';
import { SetupError } from './setup-error.mjs';
import { withLock } from './with-lock.mjs';

/** What setting up and testing write, below the checkout. */
const WRITTEN = ['node_modules', 'dist', '.cache', 'results'];

/** Absolute path of the lock that every step of setting up is done under. */
export function lockPath(root) {
  return join(root, '.cache/setup.lock');
}

/**
 * Make the checkout ready to run: npm packages as locked, dist/ built from the sources as they are.
 * Costs some ten milliseconds when nothing is to be done.
 *
 * @param {object} options
 * @param {string} options.root absolute path of the checkout
 * @param {boolean} options.mayInstall false: missing packages are an error that says what to type
 * @param {(line: string) => void} options.say told each thing that is done
 * @throws SetupError
 */
export async function prepare({ root, mayInstall, say }) {
  if (isReady(root)) return;
  if (!mayInstall && !arePackagesInstalled(root)) {
    throw new SetupError(
      `npm packages are missing or not those of package-lock.json; type: ${INSTALL_COMMAND}`,
    );
  }
  await withLock(
    lockPath(root),
    () => {
      // Whoever held the lock before may have done it.
      if (!arePackagesInstalled(root)) {
        say(`installing npm packages as locked: ${INSTALL_COMMAND}`);
        installPackages(root);
      }
      if (!isBuilt(root)) {
        say('building dist/');
        build(root);
      }
      giveToOwnerOf(root);
    },
    say,
  );
}

function isReady(root) {
  return arePackagesInstalled(root) && isBuilt(root);
}

/**
 * What root did in a user's checkout must not leave folders that the user cannot write to next time.
 *
 * @param {string[]} [prefix] that runs a command as root, where this process is not root itself
 */
export function giveToOwnerOf(root, prefix = []) {
  const { uid, gid } = statSync(root);
  if (uid === 0 || (prefix.length === 0 && process.geteuid?.() !== 0)) return;
  const folders = WRITTEN.map((name) => join(root, name)).filter((folder) => existsSync(folder));
  const [command, ...args] = [...prefix, 'chown', '-R', `${uid}:${gid}`, ...folders];
  spawnSync(command, args, { stdio: 'ignore' });
}
