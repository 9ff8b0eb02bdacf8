import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProxySpec } from '../../src/model/plan.ts';
import { openRegistry, type ProcessRegistry } from '../../src/process/process-registry.ts';
import { openSharedSpace } from '../../src/process/shared-space.ts';
import { launchProxy } from '../../src/target/launch-proxy.ts';

let dir: string;
let registry: ProcessRegistry;
let server: Server;
let targetPort: number;
/** What the target got last. */
let received = '';
const space = openSharedSpace();

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'proxy-'));
  registry = openRegistry({ dir });
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      received = bytes.toString('latin1');
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  targetPort = (server.address() as { port: number }).port;
});
afterEach(() => {
  server.close();
  registry.killAll();
  registry.close();
  rmSync(dir, { recursive: true, force: true });
});

const launch = (spec: ProxySpec) =>
  launchProxy({ spec, targetPort, space, dir, registry, signal: new AbortController().signal });

describe('a delay proxy', () => {
  it('passes a request and its answer on, each later by the delay', async () => {
    const proxy = await launch({ use: 'delay', delayMs: 30 });
    const began = performance.now();
    expect(await space.get(`${proxy.url}/`, 10_000)).toEqual({ status: 200, text: 'ok' });
    expect(performance.now() - began).toBeGreaterThanOrEqual(55);
    await proxy.stop();
    expect(await space.accepts(proxy.port, 500)).toBe(false);
  });
});

describe('nginx', () => {
  it('stands between as a real proxy, or is named as missing', async () => {
    const launching = launch({ use: 'nginx', buffering: true });
    const proxy = await launching.catch((error: Error) => error);
    if (proxy instanceof Error) {
      expect(proxy.message).toMatch(/nginx is not installed; install nginx/);
      return;
    }
    expect(await space.get(`${proxy.url}/`, 10_000)).toMatchObject({ status: 200, text: 'ok' });
    await proxy.stop();
    expect(await space.accepts(proxy.port, 500)).toBe(false);
  });

  it('passes on the headers that are named and no others', async () => {
    const launching = launch({ use: 'nginx', passHeaders: ['Accept', 'X-Kept'], obeyTarget: true });
    const proxy = await launching.catch((error: Error) => error);
    if (proxy instanceof Error) {
      expect(proxy.message).toMatch(/nginx is not installed; install nginx/);
      return;
    }
    const headers = { Accept: 'text/event-stream', 'X-Kept': 'a', 'X-Dropped': 'b', Cookie: 'c' };
    await fetch(`${proxy.url}/`, { headers });
    expect(received).toMatch(/^Accept: text\/event-stream\r$/m);
    expect(received).toMatch(/^X-Kept: a\r$/m);
    expect(received).not.toMatch(/X-Dropped|Cookie/i);
    await proxy.stop();
  });
});
