import type { Browser } from 'playwright-core';
// @ts-expect-error plain JavaScript without types
import { launchBrowser as launch } from '../../scripts/lib/launch-browser.mjs';

/** Start the machine's Chromium or Chrome, headless. @throws when there is none: `npm test` installs it */
export const launchBrowser = launch as () => Promise<Browser>;
