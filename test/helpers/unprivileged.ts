import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run-cli.ts';

/** A user and a group that own nothing. */
const NOBODY = 65_534;

/** The command line that runs what follows it as a user without rights. */
export function asNobody(): string[] {
  requireRoot();
  const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`];
  return ['setpriv', ...ids, '--clear-groups', '--no-new-privs'];
}

/** @throws in a test that changes users or owners and is not run as root */
export function requireRoot(): void {
  if (process.geteuid!() !== 0) throw new Error('this test needs root: run it by npm test, which uses sudo');
}

export interface PublicCopy {
  /** Checkout with what is needed at run time. */
  root: string;
  node: string;
  /** `ssee-bench`, compiled. */
  program: string;
}

/**
 * The compiled program in a folder that every user can read: the checkout, and Node as well, may lie in a home folder
 * that is its owner's alone.
 * @param parent exists and can be entered by everybody
 */
export function makePublicCopy(parent: string): PublicCopy {
  const root = join(parent, 'public-copy');
  mkdirSync(root);
  for (const name of ['dist', 'package.json', ...runtimePackages()]) {
    cpSync(join(ROOT, name), join(root, name), { recursive: true });
  }
  let node = process.execPath;
  if (spawnSync(asNobody()[0]!, [...asNobody().slice(1), node, '--version']).status !== 0) {
    node = join(root, 'node');
    copyFileSync(process.execPath, node);
  }
  spawnSync('chmod', ['-R', 'a+rX', root]);
  return { root, node, program: join(root, 'dist/src/cli/bin/ssee-bench.js') };
}

/** Folders of the npm packages that are not for development alone; those inside others come with them. */
function runtimePackages(): string[] {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev)
    .map(([path]) => path)
    .filter((path) => existsSync(join(ROOT, path)));
}
