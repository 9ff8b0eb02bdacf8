import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './setup-error.mjs';

/** Written after a build that succeeded: the hash of everything it was made from. */
const STAMP = 'dist/.built-from';
const MAIN = 'dist/src/cli/ssee-bench.js';
const ERROR_LINES = 20;
/** What runs in Node, then what runs in the page of a report. */
const PROJECTS = ['tsconfig.json', 'tsconfig.page.json'];

/**
 * True when dist/ was made from the sources as they are now. By content: times say nothing after a checkout of
 * an older commit, a copy, or a deleted file. Reads about a megabyte, some ten milliseconds.
 *
 * @param {string} root absolute path of the checkout
 */
export function isBuilt(root) {
  try {
    // A build by hand is newer than the stamp, which then says nothing about it.
    if (statSync(join(root, MAIN)).mtimeMs > statSync(join(root, STAMP)).mtimeMs) return false;
    return readFileSync(join(root, STAMP), 'utf8') === hashSources(root);
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

/** @throws SetupError with the compiler's messages */
export function build(root) {
  const hash = hashSources(root);
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  for (const project of projectsIn(root)) {
    const result = spawnSync(process.execPath, [compiler, '-p', project], { cwd: root, encoding: 'utf8' });
    if (result.status === 0) continue;
    const messages = `${result.error?.message ?? ''}${result.stdout ?? ''}${result.stderr ?? ''}`.trim();
    throw new SetupError(`the build failed:\n${messages.split('\n').slice(0, ERROR_LINES).join('\n')}`);
  }
  writeFileSync(join(root, STAMP), hash);
}

/** Sources, compiler options, and the lock file, which decides on the compiler and the types it sees. */
function hashSources(root) {
  const hash = createHash('sha256');
  const files = [
    ...projectsIn(root),
    'package-lock.json',
    ...sourcesBelow(root, 'src'),
    ...sourcesBelow(root, 'targets'),
    ...sourcesBelow(root, 'perf'),
  ];
  for (const file of files) {
    const text = readFileSync(join(root, file));
    hash.update(`${file}\0${text.length}\0`).update(text);
  }
  return hash.digest('hex');
}

function projectsIn(root) {
  return PROJECTS.filter((file) => existsSync(join(root, file)));
}

function sourcesBelow(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => `${folder}/${name}`);
}
