// What a real Chromium does with event streams: connections per origin, required headers, joined data, resuming,
// silence. A page is served, opens EventSources, and posts what it saw.
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const SILENCE_MS = 32_000;
/** Long enough for any event over loopback, and for a reconnect. */
const EVENT_MS = 5000;
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const browser = BROWSERS.flatMap((name) =>
  (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)),
).find((file) => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
});
if (browser === undefined) {
  process.stdout.write(JSON.stringify({ skipped: 'Chromium is not installed' }));
  process.exit(0);
}

const PAGE = `<!doctype html><title>probe</title><script>
const seen = {};
const opens = (path) => new Promise((resolve) => {
  const source = new EventSource(path);
  source.onopen = () => { source.close(); resolve(true); };
  source.onerror = () => { source.close(); resolve(false); };
});
const first = (path, name) => new Promise((resolve) => {
  const source = new EventSource(path);
  source.addEventListener(name, (event) => { source.close(); resolve(event.data); });
  setTimeout(() => { source.close(); resolve(undefined); }, ${EVENT_MS});
});
const isJson = (text) => { try { JSON.parse(text); return true; } catch { return false; } };
(async () => {
  seen.opens_without_content_type = await opens('/untyped');
  seen.opens_with_content_type_alone = await opens('/typed');
  seen.multi_line_data = await first('/lines', 'message');
  if (seen.multi_line_data !== undefined) seen.multi_line_data_is_json = isJson(seen.multi_line_data);
  const afterEmpty = await first('/empty', 'message');
  if (afterEmpty !== undefined) seen.empty_data_dispatches = afterEmpty === '';
  seen.last_event_id = await first('/resume', 'resumed');
  const silent = new EventSource('/silent');
  let failed = false;
  silent.onerror = () => { failed = true; };
  await new Promise((resolve) => { silent.addEventListener('message', resolve); setTimeout(resolve, ${SILENCE_MS + 4000}); silent.onopen = () => {}; });
  seen.silent_stream_survives = !failed;
  silent.close();
  for (let i = 0; i < 12; i++) new EventSource('/hold?' + i);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  // Another origin: this one has no connection left.
  await fetch(OTHER + '/seen', { method: 'POST', mode: 'no-cors', body: JSON.stringify(seen) });
})();
</script>`;

const STREAM = { 'Content-Type': 'text/event-stream' };
let held = 0;
let resumed = 0;
const ended = Promise.withResolvers ? Promise.withResolvers() : deferred();

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

function answer(request, response) {
  const { pathname } = new URL(request.url, 'http://x');
  switch (pathname) {
    case '/':
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.end(PAGE.replace('OTHER', JSON.stringify(`http://127.0.0.1:${other.address().port}`)));
      return;
    case '/untyped':
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      response.end('data: x\n\n');
      return;
    case '/typed':
      // Node adds Connection, Keep-Alive and Date to every head of its own.
      request.socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n');
      return;
    case '/lines':
      response.writeHead(200, STREAM);
      response.write(
        'event: message\nid: 123\ndata: {"user":"alice","status":"online"}\ndata: {"count":42}\n\n',
      );
      return;
    case '/empty':
      response.writeHead(200, STREAM);
      response.write('data:\n\ndata: next\n\n');
      return;
    case '/resume':
      response.writeHead(200, STREAM);
      resumed += 1;
      if (resumed === 1) response.end('retry: 100\nid: 123\ndata: first\n\n');
      else response.write(`event: resumed\ndata: ${request.headers['last-event-id'] ?? 'none'}\n\n`);
      return;
    case '/silent':
      response.writeHead(200, STREAM);
      response.write(': opened\n\n');
      setTimeout(() => response.write('data: late\n\n'), SILENCE_MS).unref();
      return;
    case '/hold':
      held += 1;
      response.writeHead(200, STREAM);
      response.write(': held\n\n');
      return;
    case '/seen': {
      let body = '';
      request.on('data', (piece) => {
        body += piece;
      });
      request.on('end', () => {
        response.end();
        ended.resolve(JSON.parse(body));
      });
      return;
    }
    default:
      response.writeHead(404).end();
  }
}

const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const server = createServer(answer);
const other = createServer(answer);
await Promise.all([listen(server), listen(other)]);

const profile = mkdtempSync(join(tmpdir(), 'ssee-browser-'));
const child = spawn(
  browser,
  [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--no-first-run',
    `--user-data-dir=${profile}`,
    '--remote-debugging-port=0',
    `http://127.0.0.1:${server.address().port}/`,
  ],
  { stdio: 'ignore', detached: true },
);
child.on('error', ended.reject);
child.on('exit', () => ended.reject(new Error('Chromium ended by itself')));
const stop = () => {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
};
process.on('SIGTERM', () => {
  stop();
  process.exit(1);
});
try {
  const seen = await ended.promise;
  process.stdout.write(JSON.stringify({ figures: { ...seen, connections_per_origin: held } }));
} finally {
  stop();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(0);
