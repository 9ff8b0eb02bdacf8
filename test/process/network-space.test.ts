import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NetworkSpace } from '../../src/process/network-space.ts';
import { openSpace, probeIsolation } from '../../src/process/open-space.ts';
import { PACKAGE_ROOT } from '../../src/process/package-root.ts';
import { isAlive, listProcStats, readProcStat } from '../../src/process/proc-stat.ts';
import { openRegistry, type ProcessRegistry } from '../../src/process/process-registry.ts';
import { runToEnd } from '../../src/process/run-to-end.ts';
import { type RunningProcess, startProcess } from '../../src/process/start-process.ts';
import { asNobody, makePublicCopy } from '../helpers/unprivileged.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let dir: string;
let registry: ProcessRegistry;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'space-'));
  registry = openRegistry({ dir });
});
afterEach(() => {
  registry.killAll();
  registry.close();
  rmSync(dir, { recursive: true });
});

const SERVER = `
  require('http').createServer((request, response) => {
    if (request.url === '/silent') return;
    response.statusCode = request.url === '/missing' ? 404 : 200;
    response.end('you asked for ' + request.url);
  }).listen(Number(process.argv[1]), '127.0.0.1')`;

async function startServer(space: NetworkSpace): Promise<{ port: number; server: RunningProcess }> {
  const port = await space.freePort();
  const server = startProcess({
    argv: space.wrap([process.execPath, '-e', SERVER, String(port)]),
    stdoutFile: join(dir, 'out'),
    stderrFile: join(dir, 'err'),
    registry,
  });
  await waitUntil('the server accepts', () => space.accepts(port, 500));
  return { port, server };
}

const childrenOfThis = (): number[] =>
  listProcStats()
    .filter((stat) => stat.ppid === process.pid && isAlive(stat))
    .map((stat) => stat.pid);

describe.each([
  { kind: 'a namespace of its own', shared: false },
  { kind: 'the shared loopback', shared: true },
])('$kind', ({ shared }) => {
  let space: NetworkSpace;
  beforeEach(async () => {
    space = await openSpace({ registry, shared });
  });
  afterEach(() => space.close());

  it('gets pages, accepts connections and hands out free ports', async () => {
    expect(await space.accepts(await space.freePort(), 500)).toBe(false);
    const { port } = await startServer(space);
    expect(await space.get(`http://127.0.0.1:${port}/x`, 2000)).toEqual({
      status: 200,
      text: 'you asked for /x',
    });
    expect(await space.get(`http://127.0.0.1:${port}/missing`, 2000)).toMatchObject({ status: 404 });
    expect(await space.freePort()).not.toBe(port);
  });

  it('rejects a page that does not come in time, and one that nobody serves', async () => {
    const { port } = await startServer(space);
    await expect(space.get(`http://127.0.0.1:${port}/silent`, 100)).rejects.toThrow(/within 100 ms/);
    await expect(space.get(`http://127.0.0.1:${await space.freePort()}/`, 500)).rejects.toThrow(
      /ECONNREFUSED/,
    );
  });
});

describe('a namespace of its own', () => {
  it('has its own network, that of its process and of wrapped commands alike', async () => {
    expect(await probeIsolation(registry)).toEqual({ available: true });
    const space = await openSpace({ registry });
    const own = readlinkSync('/proc/self/ns/net');
    const inside = readlinkSync(`/proc/${space.pid}/ns/net`);
    expect(space.isolated).toBe(true);
    expect(inside).not.toBe(own);
    const exit = await runToEnd(
      {
        argv: ['readlink', '/proc/self/ns/net'],
        deadlineMs: 5000,
        signals: [{ signal: 'SIGKILL', waitMs: 500 }],
      },
      {
        stdoutFile: join(dir, 'out'),
        stderrFile: join(dir, 'err'),
        wrap: (argv) => space.wrap(argv),
        signal: new AbortController().signal,
        registry,
      },
    );
    expect(exit.code).toBe(0);
    expect(readFileSync(join(dir, 'out'), 'utf8')).toBe(`${inside}\n`);
    await space.close();
  });

  it('cannot be reached from outside', async () => {
    const space = await openSpace({ registry });
    const outside = await openSpace({ registry, shared: true });
    const { port } = await startServer(space);
    expect(await outside.accepts(port, 500)).toBe(false);
    await space.close();
  });

  it('takes everything that runs in it along when it is closed', async () => {
    const before = childrenOfThis();
    const space = await openSpace({ registry });
    const { server } = await startServer(space);
    await space.close();
    expect(await server.exited).toMatchObject({ signal: 'SIGKILL' });
    expect(childrenOfThis()).toEqual(before);
  });

  it('rejects questions once its process has gone', async () => {
    const space = await openSpace({ registry });
    process.kill(space.pid, 'SIGKILL');
    await expect(space.freePort()).rejects.toThrow(/has ended/);
    await expect(space.accepts(1, 100)).rejects.toThrow(/has ended/);
    await space.close();
  });

  it('ends with a harness that is killed', async () => {
    const module = (name: string): string =>
      JSON.stringify(pathToFileURL(join(PACKAGE_ROOT, 'dist/src/process', name)).href);
    const program = `
      import { openRegistry } from ${module('process-registry.js')};
      import { openSpace } from ${module('open-space.js')};
      const space = await openSpace({ registry: openRegistry({ dir: ${JSON.stringify(dir)} }) });
      console.log(space.pid);
      process.kill(process.pid, 'SIGKILL');`;
    const harness = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    expect(harness.signal).toBe('SIGKILL');
    const holder = Number(harness.stdout);
    expect(holder).toBeGreaterThan(1);
    await waitUntil('the holder has ended', () => !isAlive(readProcStat(holder)));
  });
});

describe('the shared loopback', () => {
  it('reaches what listens on this machine and runs commands as they are', async () => {
    const server = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const space = await openSpace({ registry, shared: true });
    expect(space).toMatchObject({ isolated: false, pid: process.pid });
    expect(space.wrap(['wrk', '-v'])).toEqual(['wrk', '-v']);
    expect(await space.accepts(port, 500)).toBe(true);
    server.close();
  });

  it('is what a user without rights gets, and says why', () => {
    chmodSync(dir, 0o755);
    const { root, node } = makePublicCopy(dir);
    const program = `
      import { openRegistry } from './dist/src/process/process-registry.js';
      import { openSpace, probeIsolation } from './dist/src/process/open-space.js';
      const registry = openRegistry();
      const space = await openSpace({ registry });
      console.log(JSON.stringify({ isolated: space.isolated, probe: await probeIsolation(registry) }));
      registry.close();`;
    const [command, ...args] = [...asNobody(), node, '--input-type=module', '-e', program];
    const result = spawnSync(command!, args, {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, TMPDIR: tmpdir() },
    });
    expect(result.stderr).toBe('');
    expect(JSON.parse(result.stdout)).toEqual({
      isolated: false,
      probe: { available: false, reason: 'a network namespace per trial needs root (CAP_SYS_ADMIN)' },
    });
  });
});
