import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../process/package-root.ts';
import { linkModules } from '../report/html/link-modules.ts';
import type { PageAssets } from '../report/html/page-assets.ts';

/** Compiled always, also while this module runs from source: browsers do not run TypeScript. */
const PAGE_ENTRY = join(PACKAGE_ROOT, 'dist/src/report/html/page/main.js');

/**
 * The scripts and styles that an HTML report carries inside.
 * @throws Error when the package has not been built
 */
export function readPageAssets(): PageAssets {
  if (!existsSync(PAGE_ENTRY)) throw new Error(`${PAGE_ENTRY} is missing: npm run build`);
  const { resolve } = createRequire(import.meta.url);
  return {
    pageScript: linkModules(PAGE_ENTRY, (path) => readFileSync(path, 'utf8')),
    chartScript: readFileSync(resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
    chartStyle: readFileSync(resolve('uplot/dist/uPlot.min.css'), 'utf8'),
  };
}
