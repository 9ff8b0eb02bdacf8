import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireNode } from './lib/require-node.mjs';

// `npm run verify:gate [-- NIGHTS]`: what the gate finds and how often it cries wolf, by simulated nights.
requireNode();
const { reportSetupErrors, setUp, takeNoInstall } = await import('./lib/start.mjs');
const { readCount, readOptions } = await import('./lib/read-options.mjs');
const { ROOT } = await import('./lib/root.mjs');

const { mayInstall, rest } = takeNoInstall(process.argv.slice(2));
process.exitCode = await reportSetupErrors(async () => {
  const { positionals } = readOptions('verify:gate', rest, {}, { mostPositionals: 1 });
  const nights = readCount('verify:gate', 'NIGHTS', positionals[0] ?? '2000');
  await setUp({ mayInstall, tools: [] });
  const { verifyGate } = await import(pathToFileURL(join(ROOT, 'dist/src/gate/verify-gate.js')).href);
  return verifyGate(nights, (line) => process.stdout.write(`${line}\n`)) ? 0 : 1;
});
