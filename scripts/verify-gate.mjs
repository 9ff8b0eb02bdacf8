import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireNode } from './lib/require-node.mjs';

// `npm run verify:gate [-- NIGHTS]`: what the gate finds and how often it cries wolf, by simulated nights.
requireNode();
const { reportSetupErrors, setUp, takeNoInstall } = await import('./lib/start.mjs');
const { ROOT } = await import('./lib/root.mjs');

const { mayInstall, rest } = takeNoInstall(process.argv.slice(2));
process.exitCode = await reportSetupErrors(async () => {
  await setUp({ mayInstall, tools: [] });
  const { verifyGate } = await import(pathToFileURL(join(ROOT, 'dist/src/gate/verify-gate.js')).href);
  const nights = rest.length > 0 ? Number(rest[0]) : 2000;
  if (!Number.isInteger(nights) || nights < 1) {
    process.stderr.write(`verify:gate ${rest[0]}: give a whole number of nights, such as 2000\n`);
    return 2;
  }
  return verifyGate(nights, (line) => process.stdout.write(`${line}\n`)) ? 0 : 1;
});
