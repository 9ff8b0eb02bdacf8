import { requireNode } from './lib/require-node.mjs';

// `npm test [-- vitest arguments]`: set up, run every test once, end with a line that counts them.
requireNode();
const { reportSetupErrors, setUp, takeNoInstall } = await import('./lib/start.mjs');
const { NEEDS_ROOT, runTests } = await import('./lib/run-tests.mjs');
const { rootPrefix } = await import('./lib/root-rights.mjs');
const { ALL_TOOLS } = await import('./lib/system-tools.mjs');

const { mayInstall, rest } = takeNoInstall(process.argv.slice(2));
process.exitCode = await reportSetupErrors(async () => {
  await setUp({ mayInstall, tools: ALL_TOOLS });
  const prefix = rootPrefix({ path: process.env.PATH ?? '', isRoot: process.geteuid?.() === 0 });
  if (prefix === undefined) {
    process.stderr.write(`ssee-bench: ${NEEDS_ROOT}\n`);
    // Some of the tests may do without: whoever names them knows.
    if (rest.length === 0) return 1;
  }
  return runTests(rest, prefix);
});
