import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillBlock, headOf } from './lib/fill-block.mjs';
import { ROOT } from './lib/root.mjs';

// `npm run readme [-- FOLDER]`: put the heads of the committed reports between their marks in README.md. FOLDER is one
// that `ssee-bench calibrate` has written: its report becomes docs/calibration.md first.
const BLOCKS = [
  { name: 'article', report: 'docs/article.md' },
  { name: 'calibration', report: 'docs/calibration.md' },
  { name: 'sample', report: 'results/sample/report.md' },
];

const [folder] = process.argv.slice(2);
if (folder !== undefined) copyFileSync(join(folder, 'calibration.md'), join(ROOT, 'docs/calibration.md'));

const path = join(ROOT, 'README.md');
let readme = readFileSync(path, 'utf8');
for (const { name, report } of BLOCKS) {
  const file = join(ROOT, report);
  if (!existsSync(file)) {
    process.stderr.write(`the block ${name} is left as it is: there is no ${report}\n`);
    continue;
  }
  readme = fillBlock(readme, name, headOf(readFileSync(file, 'utf8')));
  process.stdout.write(`README.md: ${name} from ${report}\n`);
}
writeFileSync(path, readme);
