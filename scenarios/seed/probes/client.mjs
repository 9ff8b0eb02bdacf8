// ssee-tester against the bundled server that sends wrong ids: what it says of them beside what the server counted.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = (path) => fileURLToPath(new URL(`../../../dist/${path}`, import.meta.url));
const QUERY = 'count=300&interval=1ms&gap=0.02&dup=0.02&rollback=0.02&reorder=0.05&seed=7';

const server = spawn(process.execPath, [program('targets/faulty/server.js'), '--port', '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
process.on('SIGTERM', () => {
  server.kill();
  process.exit(1);
});
const url = await new Promise((resolve, reject) => {
  server.on('exit', () => reject(new Error('the server ended')));
  server.stdout.on('data', (line) => resolve(`http://${String(line).trim().replace('listening on ', '')}`));
});
try {
  const report = JSON.parse(
    await new Promise((resolve, reject) => {
      const tester = spawn(
        process.execPath,
        [program('src/cli/bin/ssee-tester.js'), `${url}/sequence?${QUERY}`, '-c', '4', '-d', '3s', '--json'],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let text = '';
      tester.stdout.on('data', (piece) => {
        text += piece;
      });
      tester.on('error', reject);
      tester.on('close', () => resolve(text));
    }),
  );
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const counted = (kind) =>
    Number(
      new RegExp(`ssee_target_sequence_total\\{kind="${kind}"\\} (\\d+)`).exec(metrics)?.[1] ?? Number.NaN,
    );
  const kinds = { gaps: 'gap', duplicates: 'duplicate', reordered: 'reordered', rolledBack: 'rolled-back' };
  const figures = {};
  for (const [name, kind] of Object.entries(kinds)) {
    figures[`client_${name}`] = report.sequence[name];
    figures[`server_${name}`] = counted(kind);
  }
  // Streams that the end of the run cut: each may differ by what was on its way.
  const agree = (name) =>
    Math.abs(figures[`client_${name}`] - figures[`server_${name}`]) <=
    Math.max(4, 0.02 * figures[`server_${name}`]);
  figures.sequence_agrees =
    figures.server_rolledBack > 0 && ['gaps', 'duplicates', 'rolledBack'].every(agree);
  figures.reordered_agrees = figures.server_reordered > 0 && agree('reordered');
  process.stdout.write(JSON.stringify({ figures }));
} finally {
  server.kill();
}
process.exit(0);
