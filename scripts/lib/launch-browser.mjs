import { BROWSERS, findExecutable } from './system-tools.mjs';

/** Start the machine's Chromium or Chrome, headless. @throws Error when there is none on the PATH */
export async function launchBrowser() {
  const { chromium } = await import('playwright-core');
  const executablePath = BROWSERS.map((name) => findExecutable(name, process.env.PATH)).find(Boolean);
  if (executablePath === undefined) throw new Error(`none of ${BROWSERS.join(', ')} in ${process.env.PATH}`);
  return chromium.launch({
    executablePath,
    // Its sandbox refuses to run as root, and all it is shown is our own page.
    args: ['--disable-gpu', '--no-first-run', ...(process.geteuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
}
