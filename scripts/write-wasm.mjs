import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileWat } from './lib/compile-wat.mjs';
import { ROOT } from './lib/root.mjs';

// `npm run wasm`: compile src/sse/line-scanner.wat after a change.
const source = join(ROOT, 'src/sse/line-scanner.wat');
const base64 = await compileWat(readFileSync(source, 'utf8'));
writeFileSync(
  join(ROOT, 'src/sse/line-scanner-module.ts'),
  `/** line-scanner.wat, compiled by \`npm run wasm\`; a test keeps the two in step. */\nexport const LINE_SCANNER_WASM: string =\n  '${base64}';\n`,
);
process.stdout.write('src/sse/line-scanner-module.ts\n');
