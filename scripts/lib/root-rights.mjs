import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

/**
 * What to put before a command that needs root: nothing for root, sudo where it asks for no password.
 *
 * @param {object} options
 * @param {string} options.path where to look for sudo
 * @param {boolean} options.isRoot
 * @returns {string[] | undefined} undefined when neither is to be had
 */
export function rootPrefix({ path, isRoot }) {
  if (isRoot) return [];
  for (const folder of path.split(delimiter).filter((name) => name !== '')) {
    const sudo = join(folder, 'sudo');
    const { status, error } = spawnSync(sudo, ['-n', 'true'], {
      stdio: 'ignore',
      env: { ...process.env, PATH: path },
    });
    if (error === undefined) return status === 0 ? [sudo, '-n'] : undefined;
  }
  return undefined;
}

/** The whole environment as arguments of `env`, because sudo hands on next to nothing of it. */
export function keepEnvironment(env) {
  // What sudo sets says whose right is used, and where that user's home is.
  const own = ['HOME', 'USER', 'LOGNAME', 'MAIL', 'SUDO_COMMAND', 'SUDO_USER', 'SUDO_UID', 'SUDO_GID'];
  const kept = Object.entries(env).filter(([name]) => !own.includes(name));
  return ['env', ...kept.map(([name, value]) => `${name}=${value}`)];
}
