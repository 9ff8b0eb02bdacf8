import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UserError } from '../../src/model/errors.ts';
import type { TargetSpec } from '../../src/model/plan.ts';
import type { NetworkSpace } from '../../src/process/network-space.ts';
import { openSpace } from '../../src/process/open-space.ts';
import { isAlive, listProcStats, readProcStat } from '../../src/process/proc-stat.ts';
import { openRegistry, type ProcessRegistry } from '../../src/process/process-registry.ts';
import type { OwnGroup } from '../../src/process/read-output-of-group.ts';
import { type RunningProcess, startProcess } from '../../src/process/start-process.ts';
import { waitForDrain } from '../../src/target/drain.ts';
import { createTargetLauncher } from '../../src/target/launch-target.ts';
import { prepareTarget } from '../../src/target/prepare-target.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let dir: string;
let registry: ProcessRegistry;
let space: NetworkSpace;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'target-'));
  registry = openRegistry({ dir });
  space = await openSpace({ registry });
});
afterEach(async () => {
  await space.close();
  registry.killAll();
  registry.close();
  rmSync(dir, { recursive: true });
});

// biome-ignore lint/suspicious/noTemplateCurlyInString: what scenarios write where the port is to stand
const PORT = '${port}';
const SERVER = `
  require('http').createServer((request, response) => {
    response.statusCode = request.url === '/ready' ? 204 : 503;
    response.end();
  }).listen(Number(process.argv[1]), '127.0.0.1')`;

function describeTarget(spec: Partial<TargetSpec>): TargetSpec {
  return { args: [], env: {}, cwd: dir, ready: { withinMs: 10_000 }, ...spec };
}

const group = (): OwnGroup => ({ registry, signal: new AbortController().signal });

function launch(spec: Partial<TargetSpec>, signal = new AbortController().signal) {
  return createTargetLauncher({ registry }).launch({ spec: describeTarget(spec), space, dir, signal });
}

/** The message of the UserError that launching ends in; nothing may be left running. */
async function failureOf(spec: Partial<TargetSpec>): Promise<string> {
  const childrenBefore = childrenOfThis();
  const error = await launch(spec).then(
    async (target) => {
      await target.stop();
      return undefined;
    },
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ exitCode: 1 });
  expect(childrenOfThis()).toEqual(childrenBefore);
  const { message } = error as UserError;
  expect(message).not.toContain('\n');
  return message;
}

const childrenOfThis = (): number[] =>
  listProcStats()
    .filter((stat) => stat.ppid === process.pid && isAlive(stat))
    .map((stat) => stat.pid);

describe('launching a target', () => {
  it.each([{ use: 'node-http' as const }, { use: 'faulty' as const }, { use: 'go-nethttp' as const }])(
    'starts the bundled $use, which answers, and stops it',
    async ({ use }) => {
      expect(await prepareTarget(describeTarget({ use }), group())).toMatchObject({ ok: true, name: use });
      const target = await launch({ use, ready: { path: '/healthz', withinMs: 10_000 } });
      expect(target.record).toMatchObject({ name: use, isolated: true, pid: target.pid });
      expect(target.record.version).toMatch(/^(v\d+\.|go1\.)/);
      expect(target.url).toBe(`http://127.0.0.1:${target.port}`);
      expect(await space.get(`${target.url}/healthz`, 2000)).toMatchObject({ status: 200 });
      await target.stop();
      expect(isAlive(readProcStat(target.pid!))).toBe(false);
      expect(await space.accepts(target.port, 500)).toBe(false);
    },
  );

  it('puts the port into command and environment, keeps the output, runs where it is told', async () => {
    const program = `console.log([process.env.ADDRESS, process.cwd()].join(' ')); ${SERVER}`;
    const target = await launch({
      command: ['node', '-e', program],
      args: [PORT],
      env: { ADDRESS: `:${PORT}` },
      ready: { path: '/ready', withinMs: 10_000 },
    });
    expect(readFileSync(join(dir, 'target-stdout.txt'), 'utf8')).toBe(`:${target.port} ${dir}\n`);
    expect(target.record).toMatchObject({ name: 'node', isolated: true });
    await target.stop();
  });

  it('opens the profiles of go-nethttp where they are asked for, and nowhere else', async () => {
    const request = {
      spec: describeTarget({ use: 'go-nethttp', ready: { path: '/healthz', withinMs: 10_000 } }),
      space,
      dir,
      signal: new AbortController().signal,
    };
    for (const [profiling, status] of [
      [undefined, 404],
      [{ env: {} }, 200],
    ] as const) {
      const target = await createTargetLauncher({ registry }).launch({
        ...request,
        ...(profiling ? { profiling } : {}),
      });
      const file = join(dir, 'goroutine.pb.gz');
      const answer = await space.download(`${target.url}/debug/pprof/goroutine`, file, 5000);
      expect(answer.status).toBe(status);
      if (status === 200) expect([...readFileSync(file).subarray(0, 2)]).toEqual([0x1f, 0x8b]);
      await target.stop();
    }
  });

  it('pins the target to its CPUs', async () => {
    const target = await launch({ command: ['node', '-e', SERVER, PORT], pin: [1] });
    expect(readFileSync(`/proc/${target.pid}/status`, 'utf8')).toMatch(/Cpus_allowed_list:\s+1\n/);
    await target.stop();
  });

  it('says when the target dies by itself', async () => {
    const target = await launch({ command: ['node', '-e', SERVER, PORT] });
    process.kill(target.pid!, 'SIGKILL');
    expect(await target.died).toMatchObject({ signal: 'SIGKILL', sent: [] });
    await target.stop();
  });

  it('says when the target dies while it is started again', async () => {
    const once = `test -e once && exit 3; touch once; exec node -e "$0" ${PORT}`;
    const target = await launch({ command: ['sh', '-c', once, SERVER] });
    await target.restart!.end('SIGKILL');
    await expect(target.restart!.begin(() => {})).rejects.toThrow(/exited with code 3 before it was ready/);
    expect(await target.died).toMatchObject({ code: 3, sent: [] });
    await target.stop();
  });

  it('kills a target that ignores SIGTERM, with its children', async () => {
    const stubborn = `process.on('SIGTERM', () => {}); ${SERVER}`;
    const target = await launch({
      command: ['sh', '-c', `trap "" TERM; node -e "$0" ${PORT} & wait`, stubborn],
    });
    await target.stop();
    expect(await space.accepts(target.port, 500)).toBe(false);
    expect(isAlive(readProcStat(target.pid!))).toBe(false);
  });

  it('launches nothing once the run is aborted', async () => {
    await expect(launch({ use: 'node-http' }, AbortSignal.abort())).rejects.toThrow();
    expect(existsSync(join(dir, 'target-stdout.txt'))).toBe(false);
  });

  it('stops waiting when the run is aborted', async () => {
    const abort = new AbortController();
    const before = childrenOfThis();
    const launched = launch({ command: ['sleep', '60'], ready: { withinMs: 60_000 } }, abort.signal);
    await waitUntil('it runs', () => childrenOfThis().length > before.length);
    abort.abort();
    await expect(launched).rejects.toThrow(/abort/i);
    expect(childrenOfThis()).toEqual(before);
  });

  it('uses the fallback where there is no Go, and says so', async () => {
    vi.resetModules();
    vi.doMock('../../src/target/build-go-target.ts', () => ({
      buildGoTarget: async () => ({ ok: false, reason: 'Go is not installed', remedy: 'install it' }),
    }));
    const { prepareTarget: prepare } = await import('../../src/target/prepare-target.ts');
    const spec = describeTarget({ use: 'go-nethttp' });
    expect(await prepare(spec, group())).toEqual({
      ok: false,
      reason: 'Go is not installed',
      remedy: 'install it',
    });
    expect(await prepare({ ...spec, fallback: 'node-http' }, group())).toEqual({
      ok: true,
      name: 'node-http',
      version: process.version,
      fallbackReason: 'Go is not installed, so node-http was used in place of go-nethttp',
    });
    vi.doUnmock('../../src/target/build-go-target.ts');
  });
});

describe('a target that cannot be launched', () => {
  it('because there is no such command', async () => {
    expect(await failureOf({ command: ['no-such-server', PORT] })).toMatch(
      /no-such-server: command not found; install it or put its folder on PATH/,
    );
  });

  it('because it exits at once: code, last words, log file', async () => {
    const program = 'console.error("cannot read config: no such file"); process.exit(3)';
    expect(await failureOf({ command: ['node', '-e', program, PORT] })).toBe(
      `the target exited with code 3 before it was ready, saying "cannot read config: no such file"; see ${join(dir, 'target-stderr.txt')}`,
    );
  });

  it('because it exits at once without a word', async () => {
    expect(await failureOf({ command: ['false'] })).toMatch(/exited with code 1 .* and said nothing/);
  });

  it('because it is killed', async () => {
    expect(await failureOf({ command: ['sh', '-c', 'kill -SEGV $$'] })).toMatch(/was ended by SIGSEGV/);
  });

  it('because a port of its own choice is taken', async () => {
    const occupied = await space.freePort();
    const occupant = await occupy(occupied);
    const message = await failureOf({ command: ['node', '-e', SERVER, String(occupied)] });
    expect(message).toContain(`port ${occupied} is already in use; end what listens there`);
    await occupant.stop([{ signal: 'SIGKILL', waitMs: 1000 }]);
  });

  it.each([
    [
      'cannot know',
      [],
      /^the target ended at once because a port that target\.command names is already in use; end what/,
    ],
    ['was given', [PORT], /^the target ended at once because port \d+ is already in use; run it again/],
  ])('because a port is taken that it does not name and that it %s', async (_which, args, message) => {
    const program = 'console.error("OSError: [Errno 98] Address already in use"); process.exit(1)';
    expect(await failureOf({ command: ['node', '-e', program, ...args] })).toMatch(message);
  });

  it('because it is never ready in time, and where the remedy is', async () => {
    const message = await failureOf({
      command: ['node', '-e', SERVER, PORT],
      ready: { path: '/never', withinMs: 500 },
    });
    expect(message).toMatch(
      /did not answer GET \/never with 2xx on port \d+ within 500ms; raise target\.ready\.within/,
    );
    expect(message).toContain('target-stderr.txt');
  });

  it('because it cannot know the port that it was to listen on', async () => {
    const message = await failureOf({ command: ['sleep', '60'], ready: { withinMs: 200 } });
    expect(message).toMatch(/did not accept on port \d+ within 200ms/);
    expect(message).toContain(`does not contain ${PORT}`);
  });
});

async function occupy(port: number): Promise<RunningProcess> {
  const occupant = startProcess({
    argv: space.wrap(['node', '-e', SERVER, String(port)]),
    stdoutFile: '/dev/null',
    stderrFile: '/dev/null',
    registry,
  });
  await waitUntil('the port is taken', () => space.accepts(port, 500));
  return occupant;
}

describe('a target that runs already', () => {
  async function find(url: string, ready: TargetSpec['ready'] = { withinMs: 10_000 }) {
    return createTargetLauncher({ registry }).launch({
      spec: describeTarget({ url, ready }),
      space: await openSpace({ registry, shared: true }),
      dir,
      signal: new AbortController().signal,
    });
  }

  /** Answers 200 to `path` alone, on one address alone. */
  async function serve(address: string, path = '/'): Promise<{ port: number; close(): void }> {
    const server = createHttpServer((request, response) => {
      response.statusCode = request.url === path ? 200 : 404;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    const bound = server.address();
    return { port: typeof bound === 'object' && bound ? bound.port : 0, close: () => server.close() };
  }

  it('is found at its url and left alone', async () => {
    const server = await serve('127.0.0.1');
    const target = await find(`http://localhost:${server.port}/`);
    const { port } = server;
    expect(target).toMatchObject({ url: `http://127.0.0.1:${port}`, port, record: { isolated: false } });
    expect(target.pid).toBeUndefined();
    await target.stop();
    const shared = await openSpace({ registry, shared: true });
    expect(await shared.accepts(port, 500)).toBe(true);
    server.close();
  });

  it('is asked at the address that is named, and no other', async () => {
    const server = await serve('127.0.0.2');
    const ready = { path: '/', withinMs: 300 };
    expect(await find(`http://127.0.0.2:${server.port}`)).toMatchObject({ port: server.port });
    expect(await find(`http://127.0.0.2:${server.port}`, ready)).toMatchObject({
      url: `http://127.0.0.2:${server.port}`,
    });
    await expect(find(`http://127.0.0.3:${server.port}`, { withinMs: 300 })).rejects.toThrow(
      /nothing accepts/,
    );
    await expect(find(`http://127.0.0.3:${server.port}`, ready)).rejects.toThrow(/no 2xx from \//);
    server.close();
  });

  it('is found on either family where the url says localhost', async () => {
    const asked: unknown[] = [];
    const space: NetworkSpace = {
      ...(await openSpace({ registry, shared: true })),
      accepts: async (port, _timeoutMs, host) => asked.push([host, port]) > 1,
      get: async (url) => {
        asked.push(url);
        return { status: url.startsWith('http://[::1]') ? 204 : 404, text: '' };
      },
    };
    const launch = (ready: TargetSpec['ready']) =>
      createTargetLauncher({ registry }).launch({
        spec: describeTarget({ url: 'http://localhost:9000/api/', ready }),
        space,
        dir,
        signal: new AbortController().signal,
      });
    const target = { url: 'http://[::1]:9000/api', port: 9000 };
    expect(await launch({ withinMs: 10_000 })).toMatchObject(target);
    expect(await launch({ path: '/healthz', withinMs: 10_000 })).toMatchObject(target);
    expect(asked).toEqual([
      ['127.0.0.1', 9000],
      ['::1', 9000],
      'http://127.0.0.1:9000/api/healthz',
      'http://[::1]:9000/api/healthz',
    ]);
  });

  it('is asked for its readiness path below its url', async () => {
    const server = await serve('127.0.0.1', '/behind/a/proxy/healthz');
    const url = `http://127.0.0.1:${server.port}/behind/a/proxy`;
    const ready = { path: '/healthz', withinMs: 10_000 };
    expect(await find(`${url}/`, ready)).toMatchObject({ url });
    server.close();
  });

  it('has to run', async () => {
    const shared = await openSpace({ registry, shared: true });
    await expect(find(`http://127.0.0.1:${await shared.freePort()}`, { withinMs: 200 })).rejects.toThrow(
      /nothing accepts connections at .* start the server or correct target.url/,
    );
  });

  it('is not waited for once the run is aborted', async () => {
    const shared = await openSpace({ registry, shared: true });
    const abort = new AbortController();
    const found = createTargetLauncher({ registry }).launch({
      spec: describeTarget({
        url: `http://127.0.0.1:${await shared.freePort()}`,
        ready: { withinMs: 600_000 },
      }),
      space: shared,
      dir,
      signal: abort.signal,
    });
    abort.abort();
    await expect(found).rejects.toThrow(/abort/i);
  });
});

describe('waitForDrain', () => {
  it('sees a connection that is open, and that it has gone', async () => {
    const target = await launch({ use: 'node-http', ready: { path: '/healthz', withinMs: 10_000 } });
    const client = startProcess({
      argv: space.wrap(['node', '-e', `require('net').connect(${target.port}, '127.0.0.1')`]),
      stdoutFile: '/dev/null',
      stderrFile: '/dev/null',
      registry,
    });
    await waitUntil(
      'the connection is open',
      async () => (await waitForDrain(space, target.port, 0)).established > 0,
    );
    expect(await waitForDrain(space, target.port, 100)).toMatchObject({ established: 1, closeWait: 0 });
    await client.stop([{ signal: 'SIGKILL', waitMs: 1000 }]);
    expect(await waitForDrain(space, target.port, 5000)).toMatchObject({ established: 0, closeWait: 0 });
    await target.stop();
  });
});
