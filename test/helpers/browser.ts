import { delimiter } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
// @ts-expect-error plain JavaScript without types
import { BROWSERS, completePath, findExecutable } from '../../scripts/lib/system-tools.mjs';

/** Without these Chromium looks for its maker's servers at every start. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Start the machine's Chromium or Chrome, headless. @throws when there is none: `npm test` installs it */
export async function launchBrowser(): Promise<Browser> {
  const path = completePath(process.env.PATH) as string;
  const executablePath = (BROWSERS as string[])
    .map((name) => findExecutable(name, path) as string | undefined)
    .find((found) => found !== undefined);
  if (executablePath === undefined) {
    throw new Error(`none of ${(BROWSERS as string[]).join(', ')} in ${path.split(delimiter).join(', ')}`);
  }
  // Its sandbox refuses to run as root, and all it is shown is our own page.
  const asRoot = process.geteuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...QUIET, ...asRoot] });
}
