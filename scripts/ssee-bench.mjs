import { requireNode } from './lib/require-node.mjs';

requireNode();
const { start } = await import('./lib/start.mjs');
process.exitCode = await start('ssee-bench.js', process.argv.slice(2));
