import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireNode } from './lib/require-node.mjs';

// `npm run article [-- --only 1-table,3.2-hey --docs DIR --out DIR]`: every claim of the article, measured. Writes
// docs/article.md, .html and .json; run folders go to results/article.
requireNode();
const { reportSetupErrors, setUp, takeNoInstall } = await import('./lib/start.mjs');
const { ROOT } = await import('./lib/root.mjs');

const { mayInstall, rest } = takeNoInstall(process.argv.slice(2));
/** Everything that a scenario of the family uses; what stays missing is a skipped row. */
const TOOLS = [
  'wrk',
  'hey',
  'curl',
  'tcpdump',
  'go',
  'nginx',
  'ip',
  'unshare',
  'nsenter',
  'taskset',
  'setpriv',
  'chromium',
];

process.exitCode = await reportSetupErrors(async () => {
  await setUp({ mayInstall, tools: TOOLS });
  const { main } = await import(pathToFileURL(join(ROOT, 'dist/src/cli/ssee-bench.js')).href);
  const here = (path) => relative(process.cwd(), join(ROOT, path)) || '.';
  return main(['article', here('scenarios/seed'), ...rest]);
});
