import { requireNode } from './lib/require-node.mjs';

// `npm run bench -- SCENARIO [options]` is `ssee-bench run SCENARIO [options]`.
requireNode();
const { start } = await import('./lib/start.mjs');
process.exitCode = await start('ssee-bench.js', ['run', ...process.argv.slice(2)]);
