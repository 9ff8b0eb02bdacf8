import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../process/package-root.ts';
import { linkModules } from '../report/html/link-modules.ts';
import type { PageAssets } from '../report/html/page-assets.ts';

/** Compiled always, also while this module runs from source: browsers do not run TypeScript. */
const PAGES_FOLDER = join(PACKAGE_ROOT, 'dist/src/report/html/page');
/** Their first modules by the name of the page. */
const ENTRIES = { report: 'main.js', live: 'live.js', history: 'history.js' };

/**
 * The scripts and styles that a page carries inside.
 * @throws Error when the package has not been built
 */
export function readPageAssets(page: keyof typeof ENTRIES = 'report'): PageAssets {
  const entry = join(PAGES_FOLDER, ENTRIES[page]);
  if (!existsSync(entry)) throw new Error(`${entry} is missing: npm run build`);
  const { resolve } = createRequire(import.meta.url);
  return {
    pageScript: linkModules(entry, (path) => readFileSync(path, 'utf8')),
    chartScript: readFileSync(resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
    chartStyle: readFileSync(resolve('uplot/dist/uPlot.min.css'), 'utf8'),
  };
}
