import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute folder of this package, found upwards because src/ and dist/src/ differ in depth. */
export const PACKAGE_ROOT: string = findPackageRoot();

function findPackageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder))
      throw new Error('package.json of ssee-bench not found above its own code');
  }
}
