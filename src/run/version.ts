import { existsSync, readFileSync } from 'node:fs';

/** Version from this package's package.json, found upwards because src/ and dist/src/ differ in depth. */
export const HARNESS_VERSION: string = readVersion();

function readVersion(): string {
  for (let folder = new URL('../', import.meta.url); ; folder = new URL('../', folder)) {
    const file = new URL('package.json', folder);
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
    if (folder.pathname === '/') throw new Error('package.json of ssee-bench not found above its own code');
  }
}
