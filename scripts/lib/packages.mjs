import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLine } from './last-line.mjs';
import { SetupError } from './setup-error.mjs';

/** Typed by the user or run by us: devDependencies are needed for the build, whatever NODE_ENV says. */
export const INSTALL_COMMAND = 'npm ci --include=dev';

/**
 * True when node_modules holds what package-lock.json asks for. Compared by content, since git gives files
 * the time of the checkout: npm leaves in node_modules a copy of the lock with what it really installed.
 *
 * @param {string} root absolute path of the checkout
 */
export function arePackagesInstalled(root) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(root, 'node_modules/.package-lock.json'));
  if (!wanted || !installed) return false;
  for (const [path, { version, integrity, optional }] of Object.entries(wanted)) {
    if (path === '') continue;
    const found = installed[path];
    // Optional packages are mostly binaries for other platforms, which npm leaves out.
    if (!found && optional) continue;
    if (found?.version !== version || found.integrity !== integrity) return false;
    if (!existsSync(join(root, path, 'package.json'))) return false;
  }
  return Object.keys(installed).every((path) => path in wanted);
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    // Missing, or cut off by a killed npm: both mean that npm has to run.
    return undefined;
  }
}

/** @throws SetupError with npm's own last words */
export function installPackages(root) {
  const [command, ...args] = INSTALL_COMMAND.split(' ');
  const result = spawnSync(command, [...args, '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.error?.code === 'ENOENT') throw new SetupError('npm is not on PATH: install it with Node');
  if (result.status !== 0) {
    const reason = result.error?.message ?? npmError(result.stderr) ?? `exit code ${result.status}`;
    throw new SetupError(`${INSTALL_COMMAND} failed: ${reason}`);
  }
}

/** npm ends with where its log is; what went wrong stands before that. */
function npmError(stderr) {
  const lines = stderr
    .split('\n')
    .filter((line) => /^npm (error|ERR!) \S/.test(line) && !/log of this run|\.log$/.test(line));
  return lines.length > 0
    ? lines
        .slice(0, 4)
        .join('; ')
        .replaceAll(/npm (error|ERR!) /g, '')
    : lastLine(stderr);
}
