import { requireNode } from './lib/require-node.mjs';

// `npm test [-- vitest arguments]`: set up, run every test once, end with a line that counts them.
requireNode();
const { reportSetupErrors, setUp, takeNoInstall } = await import('./lib/start.mjs');
const { runTests } = await import('./lib/run-tests.mjs');
const { ALL_TOOLS } = await import('./lib/system-tools.mjs');

const { mayInstall, rest } = takeNoInstall(process.argv.slice(2));
process.exitCode = await reportSetupErrors(async () => {
  await setUp({ mayInstall, tools: ALL_TOOLS });
  return runTests(rest);
});
