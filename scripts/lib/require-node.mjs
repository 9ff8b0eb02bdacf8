import { readFileSync } from 'node:fs';

// This file and the entries that import it must load on a Node that is too old: no syntax and no module
// newer than Node 14.18 here, and everything else is imported after the check.

/**
 * Ends the process with one line on stderr when Node is older than package.json's `engines` asks for.
 */
export function requireNode(version = process.versions.node) {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const wanted = manifest.engines.node.replace('>=', '');
  if (!isOlder(version, wanted)) return;
  process.stderr.write(
    `ssee-bench needs Node ${wanted} or newer, this is ${version}: install one from https://nodejs.org\n`,
  );
  process.exit(1);
}

/** Compares major and minor; a missing minor counts as 0. */
export function isOlder(version, wanted) {
  const [major, minor = 0] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor = 0] = wanted.split('.').map(Number);
  return major === wantedMajor ? minor < wantedMinor : major < wantedMajor;
}
