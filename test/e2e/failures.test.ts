import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  armOf,
  findRunDir,
  makeOutDir,
  ROOT,
  readComparison,
  readRunRecord,
  runCli,
} from '../helpers/run-cli.ts';
import { asNobody, makePublicCopy } from '../helpers/unprivileged.ts';

const root = makeOutDir();
let counter = 0;

beforeAll(() => chmodSync(root, 0o777));
/** How to run the command line as a user without rights. */
let unprivileged: { prefix: string[]; program: string[]; cwd: string };

beforeAll(() => {
  const copy = makePublicCopy(root);
  unprivileged = { prefix: asNobody(), program: [copy.node, copy.program], cwd: copy.root };
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Case {
  target: string;
  tools?: string;
  capture?: string;
  /** Further keys of `load`. */
  load?: string;
}

function writeScenario({ target, tools = 'ssee-tester', capture = 'off', load = '' }: Case): {
  file: string;
  out: string;
} {
  counter++;
  const dir = join(root, `case-${counter}`);
  mkdirSync(dir);
  chmodSync(dir, 0o777);
  const file = join(dir, 'scenario.yaml');
  writeFileSync(
    file,
    `
name: failing
target: ${target}
request: {method: GET, path: "/events?count=2&interval=5ms", headers: {Accept: text/event-stream}}
stream: finite
load: {connections: 2, duration: 1s, timeout: 500ms, rounds: 1${load}}
tools: [${tools}]
capture: ${capture}
`,
  );
  return { file, out: join(dir, 'runs') };
}

async function runCase(options: Case, how: Parameters<typeof runCli>[1] = {}) {
  const { file, out } = writeScenario(options);
  const result = await runCli(['run', file, '--out', out], how);
  expect(result.stderr).not.toMatch(/internal error|\n\s+at /);
  return { result, out };
}

describe('what can go wrong around a run', () => {
  it('names a target that exits at once, its code and its last words', async () => {
    const script = 'console.error("cannot read config: no such file"); process.exit(3)';
    const { result, out } = await runCase({ target: `{command: [node, -e, '${script}']}` });
    expect(result.code).toBe(1);
    const trial = readRunRecord(findRunDir(out)).trials[0]!;
    expect(trial.state).toBe('failed');
    expect(trial.reason).toMatch(/3/);
    expect(trial.reason).toContain('cannot read config: no such file');
    expect(trial.reason).not.toContain('\n');
    expect(result.stderr).toContain(trial.reason!);
  });

  it('names a target that never gets ready, the time it had and the remedy', async () => {
    const { result, out } = await runCase({
      target: `{command: [node, -e, 'setInterval(() => {}, 1000)'], ready: {within: 500ms}}`,
    });
    expect(result.code).toBe(1);
    const { reason } = readRunRecord(findRunDir(out)).trials[0]!;
    expect(reason).toMatch(/500ms|0\.5 ?s/);
    expect(reason).toMatch(/ready\.within/);
    expect(reason).not.toContain('\n');
  });

  it('names a port that is taken', async () => {
    const script =
      "require('net').createServer().listen(process.argv[1], '127.0.0.1', function () {" +
      "require('net').createServer().listen(process.argv[1], '127.0.0.1') })";
    const { result, out } = await runCase({ target: `{command: [node, -e, "${script}", "\${port}"]}` });
    expect(result.code).toBe(1);
    const { reason } = readRunRecord(findRunDir(out)).trials[0]!;
    expect(reason).toMatch(/port \d+/);
    expect(reason).toMatch(/in use|taken/);
    expect(reason).not.toContain('\n');
  });

  it('makes skipped rows with the line to type of tools that are missing', async () => {
    const bin = join(root, 'bin');
    mkdirSync(bin, { recursive: true });
    for (const name of ['node', 'sh', 'taskset', 'unshare', 'nsenter', 'ip']) {
      const path = await whereIs(name);
      if (path) symlinkSync(path, join(bin, name));
    }
    const { result, out } = await runCase(
      {
        target: '{use: node-http, ready: {path: /healthz, within: 10s}}',
        tools: 'wrk, ssee-tester',
        capture: 'headers',
      },
      { env: { PATH: bin, SSEE_BENCH_NO_INSTALL: '1' } },
    );
    expect(result.code).toBe(0);
    const comparison = readComparison(findRunDir(out));
    const wrk = armOf(comparison, 'wrk');
    expect(wrk.trials[0]).toMatchObject({ state: 'skipped' });
    expect(wrk.trials[0]!.reason).toMatch(/wrk/);
    expect(wrk.trials[0]!.reason).toMatch(/install/);
    expect(armOf(comparison, 'ssee-tester').trials[0]).toMatchObject({ state: 'done' });
    expect(result.stdout).toContain('skipped');
  });

  it('ends with 1 when no tool left anything to read, and says of each why', async () => {
    const bin = join(root, 'dying');
    mkdirSync(bin);
    const banner = 'wrk 4.1.0 [epoll] Copyright (C) 2012 Will Glozer';
    writeFileSync(
      join(bin, 'wrk'),
      `#!/bin/sh\n[ "$1" = -v ] && { echo '${banner}'; exit 1; }\necho 'out of memory' >&2; exit 1\n`,
    );
    chmodSync(join(bin, 'wrk'), 0o755);
    const { result, out } = await runCase(
      { target: '{use: node-http, ready: {path: /healthz, within: 10s}}', tools: 'wrk' },
      { env: { PATH: `${bin}${delimiter}${process.env.PATH}` } },
    );
    expect(result.code).toBe(1);
    expect(readRunRecord(findRunDir(out)).trials).toMatchObject([
      { state: 'failed', reason: 'wrk ended with exit code 1 and left no readable result: out of memory' },
    ]);
    expect(result.stdout).toContain('out of memory');
  });

  it.each([
    ['load.pin', { target: '{use: node-http}', load: ', pin: [0, 4095]' }],
    ['target.pin', { target: '{use: node-http, pin: [4095]}' }],
  ])(
    'refuses a CPU in %s that this machine does not have before it launches anything',
    async (key, options) => {
      const { result, out } = await runCase(options);
      expect(result.code).toBe(2);
      expect(result.stderr).toMatch(new RegExp(`^${key} names CPU 4095, which .* it has CPUs? \\d`, 'm'));
      expect(existsSync(out)).toBe(false);
    },
  );

  it('runs without capture rights as an unprivileged user and says how to get them', async () => {
    const { result, out } = await runCase(
      { target: '{use: node-http, ready: {path: /healthz, within: 10s}}', capture: 'headers' },
      { ...unprivileged, env: { HOME: root, XDG_RUNTIME_DIR: '', TMPDIR: root } },
    );
    expect(result.code).toBe(0);
    const evidence = readRunRecord(findRunDir(out)).trials.find((trial) => trial.kind === 'evidence')!;
    expect(evidence.capture).toMatchObject({ state: 'failed' });
    expect(evidence.capture?.state === 'failed' && evidence.capture.reason).toMatch(/CAP_NET_RAW|setcap/);
    const tester = armOf(readComparison(findRunDir(out)), 'ssee-tester');
    expect(tester.wire.requests_sent).toMatchObject({ known: false, why: 'not-collected' });
    expect(result.stdout).toMatch(/setcap|CAP_NET_RAW/);
  });

  it('refuses a results folder that cannot be written before it launches anything', async () => {
    const { file } = writeScenario({ target: '{use: node-http}' });
    const blocker = join(root, 'a-file');
    writeFileSync(blocker, '');
    const asFile = await runCli(['run', file, '--out', join(blocker, 'runs')]);
    expect(asFile.code).toBe(1);
    expect(asFile.stderr).toMatch(/cannot write results to .*--out DIR/);

    const locked = join(root, 'locked');
    mkdirSync(locked, { mode: 0o755 });
    const asNobody = await runCli(['run', file, '--out', locked], {
      ...unprivileged,
      env: { XDG_RUNTIME_DIR: '', TMPDIR: root },
    });
    expect(asNobody.code).toBe(1);
    expect(asNobody.stderr).toMatch(/cannot write results to .*EACCES.*--out DIR/);
  });

  it('refuses a url target outside loopback unless it is named', async () => {
    const { file, out } = writeScenario({ target: '{url: "http://192.0.2.1:80"}' });
    const result = await runCli(['run', file, '--out', out]);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/--allow-remote 192\.0\.2\.1/);
  });

  it('measures a server that runs already', async () => {
    const body = 'data: x\n\n';
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', () => {
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
      });
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { result, out } = await runCase({ target: `{url: "http://127.0.0.1:${port}"}` });
    server.close();
    expect(result.code).toBe(0);
    const tester = armOf(readComparison(findRunDir(out)), 'ssee-tester');
    expect(tester.outcomes.completed).toMatchObject({ known: true });
  });

  it('answers bad usage with exit code 2 and one line', async () => {
    expect((await runCli(['run'])).code).toBe(2);
    expect((await runCli(['frobnicate'])).code).toBe(2);
    const missing = await runCli(['run', 'no/such.yaml']);
    expect(missing).toMatchObject({ code: 2 });
    expect(missing.stderr).toMatch(/cannot read scenario no\/such\.yaml: no such file/);
    expect((await runCli(['report', root])).code).toBe(2);
    const format = await runCli(['run', 'scenarios/quick.yaml', '--format', 'pdf']);
    expect(format.code).toBe(2);
    expect(format.stderr).toMatch(/--format pdf/);
  });

  it('validates a broken scenario without launching anything', async () => {
    const file = join(root, 'broken.yaml');
    writeFileSync(
      file,
      readFileSync(join(ROOT, 'scenarios/quick.yaml'), 'utf8').replace('connections:', 'conections:'),
    );
    const result = await runCli(['validate', file]);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/broken\.yaml:\d+:\d+: .*did you mean "connections"/);
  });
});

async function whereIs(name: string): Promise<string | undefined> {
  const child = spawn('sh', ['-c', `command -v ${name}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  await new Promise((done) => child.on('close', done));
  return out.trim() || undefined;
}
