import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireNode } from './lib/require-node.mjs';

// `npm run perf [-- options]`: what ssee-tester costs beside its peers. The code is in perf/.
requireNode();
const { reportSetupErrors, setUp, takeNoInstall } = await import('./lib/start.mjs');
const { ROOT } = await import('./lib/root.mjs');

const { mayInstall, rest } = takeNoInstall(process.argv.slice(2));
const onlyHelp = rest.includes('--help') || rest.includes('-h');
process.exitCode = await reportSetupErrors(async () => {
  await setUp({ mayInstall, tools: onlyHelp ? [] : ['wrk', 'hey', 'go', 'tshark'] });
  const { main } = await import(pathToFileURL(join(ROOT, 'dist/perf/main.js')).href);
  return main(rest, { mayInstall });
});
