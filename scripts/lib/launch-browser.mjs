import { SetupError } from './setup-error.mjs';
import { BROWSERS, completePath, findExecutable } from './system-tools.mjs';

/** Without these Chromium looks for its maker's servers at every start. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Start the machine's Chromium or Chrome, headless.
 *
 * @returns {Promise<import('playwright-core').Browser>}
 * @throws SetupError when there is none on the PATH or in the usual folders
 */
export async function launchBrowser() {
  const path = completePath(process.env.PATH);
  const executablePath = BROWSERS.map((name) => findExecutable(name, path)).find(Boolean);
  if (executablePath === undefined) {
    throw new SetupError(`none of ${BROWSERS.join(', ')} is installed: apt-get install chromium`);
  }
  const { chromium } = await import('playwright-core');
  // Its sandbox refuses to run as root, and all it is shown is our own page.
  const asRoot = process.geteuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...QUIET, ...asRoot] });
}
