// ssee-tester against the bundled server that sends wrong ids: what it says of them beside what the server counted.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = (path) => fileURLToPath(new URL(`../../../dist/${path}`, import.meta.url));
const SEQUENCE = '/sequence?count=300&interval=1ms&gap=0.02&dup=0.02&rollback=0.02&reorder=0.05&seed=7';
const COMMENTS = '/comments?count=50&interval=1ms&long=0.2&control=0.2';
const RETRY = '/retry?count=50&interval=1ms';

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
async function measure(path, ...options) {
  return JSON.parse(
    await new Promise((resolve, reject) => {
      const tester = spawn(
        process.execPath,
        [program('src/cli/bin/ssee-tester.js'), `${url}${path}`, '-c', '4', '-d', '3s', '--json', ...options],
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
}
try {
  const { sequence } = await measure(SEQUENCE);
  const { comments } = (await measure(COMMENTS)).audit;
  const { retry } = (await measure(RETRY, '--retry-limit', '10')).audit;
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const counted = (kind, family = 'sequence_total') => {
    const [, digits] = new RegExp(`ssee_target_${family}\\{kind="${kind}"\\} (\\d+)`).exec(metrics) ?? [];
    if (digits === undefined) throw new Error(`the server has no ${family} of kind ${kind}`);
    return Number(digits);
  };
  const kinds = { gaps: 'gap', duplicates: 'duplicate', reordered: 'reordered', rolledBack: 'rolled-back' };
  const figures = {};
  for (const [name, kind] of Object.entries(kinds)) {
    figures[`client_${name}`] = sequence[name];
    figures[`server_${name}`] = counted(kind);
  }
  figures.client_badComments = comments.bad;
  figures.server_badComments = ['long', 'control']
    .map((kind) => counted(kind, 'comment_kinds_total'))
    .reduce((sum, count) => sum + count);
  figures.client_badRetries = retry.bad;
  figures.server_badRetries = counted('negative', 'retries_total') + counted('text', 'retries_total');
  figures.client_retriesOverLimit = retry.overLimit;
  figures.server_retriesOverLimit = counted('over-10', 'retries_total');
  // Streams that the end of the run cut: each may differ by what was on its way.
  const agree = (name) =>
    Math.abs(figures[`client_${name}`] - figures[`server_${name}`]) <=
    Math.max(4, 0.02 * figures[`server_${name}`]);
  figures.sequence_agrees =
    figures.server_rolledBack > 0 && ['gaps', 'duplicates', 'rolledBack'].every(agree);
  figures.reordered_agrees = figures.server_reordered > 0 && agree('reordered');
  figures.comments_agree = figures.server_badComments > 0 && agree('badComments');
  figures.retries_agree = figures.server_badRetries > 0 && ['badRetries', 'retriesOverLimit'].every(agree);
  process.stdout.write(JSON.stringify({ figures }));
} finally {
  server.kill();
}
process.exit(0);
