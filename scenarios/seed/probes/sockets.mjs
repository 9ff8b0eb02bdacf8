// What curl, httpx (ProjectDiscovery), wrk and hey do with their connections, seen by a server of ours that counts them
// and by the kernel's table of sockets. Tools that are not there have no figures.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REQUESTS = 100;
/** What breaks this shortly before a tool ended was broken by its end. */
const END_MS = 300;
/** Where `npm run article` puts it. */
const INSTALLED_HTTPX = fileURLToPath(new URL('../../../.cache/go-bin/httpx', import.meta.url));
const figures = {};

/** A server that knows its connections, for one run of a tool. With a delay, half of the answer comes at once. */
async function serve(delayMs = 0) {
  const seen = { connections: 0, requests: 0, keepAliveHeaders: 0, brokenAtMs: [] };
  const server = createServer((request, response) => {
    seen.requests += 1;
    if (/keep-alive/i.test(request.headers.connection ?? '')) seen.keepAliveHeaders += 1;
    // The connection went before its answer was complete.
    response.on('close', () => {
      if (!response.writableFinished) seen.brokenAtMs.push(performance.now());
    });
    if (delayMs > 0) response.write('half\n');
    setTimeout(() => response.end('ok\n'), delayMs);
  });
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => {
    seen.connections += 1;
    // A tool that ends in the middle of an answer resets its connection.
    socket.on('error', () => {});
  });
  // A connection that ends between requests is no error to Node's server.
  server.on('clientError', (_, socket) => socket.destroy());
  await new Promise((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  const { port } = server.address();
  return {
    seen,
    port,
    url: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Sockets of the server's port in one state; undefined where `ss` does not say. */
function countSockets(state, side, port) {
  const { status, stdout } = spawnSync('ss', ['-Htan', 'state', state, `( ${side} = :${port} )`], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.split('\n').filter((line) => line !== '').length : undefined;
}

function run(command, args, input) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (piece) => (output.stdout += piece));
    child.stderr.on('data', (piece) => (output.stderr += piece));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    child.on('error', () => resolve(undefined));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ ...output, code });
    });
  });
}

async function measureCurl() {
  const server = await serve();
  const urls = Array.from({ length: REQUESTS }, (_, index) => [
    `${server.url}/${index}`,
    '-o',
    '/dev/null',
  ]).flat();
  const output = await run('curl', ['-sS', ...urls]);
  server.close();
  if (output?.code !== 0) return;
  figures.curl_requests = server.seen.requests;
  figures.curl_connections = server.seen.connections;
  figures.curl_reused = server.seen.requests - server.seen.connections;
  figures.curl_sends_keep_alive = server.seen.keepAliveHeaders > 0;
}

/** Python's httpx has the same name: the banner decides. */
async function findHttpx() {
  for (const path of ['httpx', INSTALLED_HTTPX, join(homedir(), 'go/bin/httpx')]) {
    if (path.includes('/') && !existsSync(path)) continue;
    const output = await run(path, ['-version']);
    if (/projectdiscovery/i.test(`${output?.stdout}${output?.stderr}`)) return path;
  }
  return undefined;
}

/** With the scheme as given: by default it tries https first, which doubles the connections. */
async function measureHttpx() {
  const httpx = await findHttpx();
  if (httpx === undefined) return;
  const server = await serve();
  const urls = Array.from({ length: REQUESTS }, (_, index) => `${server.url}/?n=${index}`).join('\n');
  await run(
    httpx,
    ['-silent', '-duc', '-no-fallback-scheme', '-random-agent=false', '-rl', '1000', '-t', '10'],
    urls,
  );
  server.close();
  if (server.seen.requests < REQUESTS) return;
  figures.httpx_requests = server.seen.requests;
  figures.httpx_connections = server.seen.connections;
  figures.httpx_reused = server.seen.requests - server.seen.connections;
}

async function measureWrk() {
  const slow = await serve(1500);
  const output = await run('wrk', ['-t1', '-c4', '-d4s', '--timeout', '1s', slow.url]);
  const endedAtMs = performance.now();
  if (output?.code !== 0) return slow.close();
  figures.wrk_timeouts_in_slow_run = Number(/timeout (\d+)/.exec(output.stdout)?.[1] ?? 0);
  // The connect test of wrk is one more.
  figures.wrk_connections_in_slow_run = slow.seen.connections;
  figures.wrk_requests_in_slow_run = slow.seen.requests;
  // At the end of its run wrk breaks off whatever is open: those are no timeouts.
  figures.wrk_broken_by_timeout = slow.seen.brokenAtMs.filter((at) => at < endedAtMs - END_MS).length;
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const closeWait = countSockets('close-wait', 'sport', slow.port);
  if (closeWait !== undefined) figures.wrk_close_wait = closeWait;
  slow.close();
}

async function measureHey(workers) {
  const server = await serve();
  const output = await run('hey', [
    '-disable-compression',
    '-c',
    String(workers),
    '-n',
    String(workers * 10),
    server.url,
  ]);
  if (output?.code === 0) {
    figures[`hey_${workers}_connections`] = server.seen.connections;
    figures[`hey_${workers}_requests`] = server.seen.requests;
    const sides = ['dport', 'sport'].map((side) => countSockets('time-wait', side, server.port));
    if (!sides.includes(undefined)) figures[`hey_${workers}_time_wait`] = sides[0] + sides[1];
  }
  server.close();
}

await measureCurl();
await measureHttpx();
await measureWrk();
await measureHey(50);
await measureHey(600);
process.stdout.write(
  JSON.stringify(Object.keys(figures).length > 0 ? { figures } : { skipped: 'none of the tools is here' }),
);
process.exit(0);
