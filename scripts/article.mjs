import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireNode } from './lib/require-node.mjs';

// `npm run article [-- --only 1-table,3.2-hey --docs DIR --out DIR]`: every claim of the article, measured. Writes
// docs/article.md, .html and .json; run folders go to results/article.
requireNode();
const { reportSetupErrors, setUp, takeNoInstall } = await import('./lib/start.mjs');
const { ROOT } = await import('./lib/root.mjs');

const { mayInstall, rest } = takeNoInstall(process.argv.slice(2));
/** Everything that a scenario of the family uses; what stays missing is a skipped row. */
const TOOLS = [
  'wrk',
  'hey',
  'curl',
  'tcpdump',
  'go',
  'nginx',
  'ip',
  'unshare',
  'nsenter',
  'taskset',
  'setpriv',
  'chromium',
];

/** ProjectDiscovery's, which has nothing to do with Python's of the same name. */
const HTTPX = { module: 'github.com/projectdiscovery/httpx', version: 'v1.6.10' };
const HTTPX_WITHIN_MS = 8 * 60_000;

process.exitCode = await reportSetupErrors(async () => {
  await setUp({ mayInstall, tools: TOOLS });
  provideHttpx(join(ROOT, '.cache/go-bin'));
  const { main } = await import(pathToFileURL(join(ROOT, 'dist/src/cli/ssee-bench.js')).href);
  const here = (path) => relative(process.cwd(), join(ROOT, path)) || '.';
  return main(['article', here('scenarios/seed'), ...rest]);
});

/**
 * Built in a module of its own: `go install` asks for the list of versions, which a proxy may refuse although it has this
 * one. Where it cannot be had, what needs it is skipped with that reason.
 */
function provideHttpx(folder) {
  process.env.PATH = [process.env.PATH, folder].join(delimiter);
  if (!mayInstall || existsSync(join(folder, 'httpx'))) return;
  process.stderr.write(`ssee-bench: building ${HTTPX.module}@${HTTPX.version}\n`);
  const module = mkdtempSync(join(tmpdir(), 'ssee-httpx-'));
  try {
    writeFileSync(
      join(module, 'go.mod'),
      `module x\n\ngo 1.21\n\nrequire ${HTTPX.module} ${HTTPX.version}\n`,
    );
    const output = join(folder, 'httpx');
    const { status } = spawnSync('go', ['build', '-o', output, `${HTTPX.module}/cmd/httpx`], {
      cwd: module,
      env: { ...process.env, GOFLAGS: '-mod=mod', GOWORK: 'off', CGO_ENABLED: '0' },
      stdio: 'ignore',
      timeout: HTTPX_WITHIN_MS,
    });
    if (status !== 0) process.stderr.write('ssee-bench: httpx cannot be had here; its row is left out\n');
  } finally {
    rmSync(module, { recursive: true, force: true });
  }
}
