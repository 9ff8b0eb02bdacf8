import { findFloorViolations } from './lib/find-floor-violations.mjs';
import { ROOT } from './lib/root.mjs';

// `npm run floors [-- FOLDER]`: is the dependency direction kept? FOLDER is a checkout, default this one.
const violations = findFloorViolations(process.argv[2] ?? ROOT);
for (const { file, line, message } of violations) process.stderr.write(`${file}:${line}: ${message}\n`);
process.exitCode = violations.length > 0 ? 1 : 0;
