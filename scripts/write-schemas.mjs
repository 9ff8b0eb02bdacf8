import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './lib/root.mjs';

// `npm run schema`: write the published JSON Schemas from dist/, so after a change `npm run build` comes first.
const SCHEMAS = [
  { file: 'scenario.schema.json', module: 'scenario/schema.js', name: 'scenarioJsonSchema' },
  { file: 'comparison.schema.json', module: 'report/comparison-schema.js', name: 'comparisonJsonSchema' },
  { file: 'compare.schema.json', module: 'report/gate-schema.js', name: 'runComparisonJsonSchema' },
  { file: 'gate.schema.json', module: 'report/gate-schema.js', name: 'gateJsonSchema' },
];

mkdirSync(join(ROOT, 'schema'), { recursive: true });
for (const { file, module, name } of SCHEMAS) {
  const path = join(ROOT, 'dist/src', module);
  if (!existsSync(path)) {
    process.stderr.write(`schema/${file} is left as it is: ${path} is not built; run npm run build\n`);
    process.exitCode = 1;
    continue;
  }
  const schema = (await import(pathToFileURL(path).href))[name];
  writeFileSync(join(ROOT, 'schema', file), `${JSON.stringify(schema, null, 2)}\n`);
  process.stdout.write(`schema/${file}\n`);
}
