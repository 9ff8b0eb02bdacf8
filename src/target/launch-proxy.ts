import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../model/errors.ts';
import type { ProxySpec } from '../model/plan.ts';
import { findExecutable } from '../process/find-executable.ts';
import type { NetworkSpace } from '../process/network-space.ts';
import { PACKAGE_ROOT } from '../process/package-root.ts';
import type { ProcessRegistry } from '../process/process-registry.ts';
import { startProcess } from '../process/start-process.ts';
import { waitUntilReady } from './wait-until-ready.ts';

/** A proxy that accepts connections. */
export interface LaunchedProxy {
  url: string;
  port: number;
  /** Of a delay proxy: delay of what it gets from now on, in milliseconds. Order is kept. */
  setDelay?(delayMs: number): void;
  stop(): Promise<void>;
}

export interface ProxyRequest {
  spec: ProxySpec;
  /** Port of the target behind it. */
  targetPort: number;
  space: NetworkSpace;
  /** Absolute folder for its configuration and its words. */
  dir: string;
  registry: ProcessRegistry;
  signal: AbortSignal;
}

const READY_WITHIN_MS = 10_000;
const DEFAULT_DELAY_MS = 20;

/** @throws UserError when the proxy is not there or does not start */
export async function launchProxy(request: ProxyRequest): Promise<LaunchedProxy> {
  const { spec, space, dir, registry, signal } = request;
  const port = await space.freePort();
  const argv = spec.use === 'nginx' ? nginxCommand(request, port) : delayCommand(request, port);
  const running = startProcess({
    argv: space.wrap(argv),
    ...(spec.use === 'delay' ? { stdin: 'pipe' as const } : {}),
    stdoutFile: join(dir, 'proxy-stdout.txt'),
    stderrFile: join(dir, 'proxy-stderr.txt'),
    registry,
  });
  const stop = async (): Promise<void> => {
    await running.stop([
      { signal: 'SIGTERM', waitMs: 2000 },
      { signal: 'SIGKILL', waitMs: 1000 },
    ]);
  };
  const url = `http://127.0.0.1:${port}`;
  const ended = new AbortController();
  void running.exited.then(() => ended.abort());
  const giveUp = AbortSignal.any([signal, ended.signal]);
  if (!(await waitUntilReady(space, [{ url, path: undefined }], READY_WITHIN_MS, giveUp))) {
    await stop();
    signal.throwIfAborted();
    throw new UserError(`the proxy ${spec.use} did not start; see ${join(dir, 'proxy-stderr.txt')}`, 1);
  }
  const { stdin } = running;
  if (!stdin) return { url, port, stop };
  // One that has ended shows in the load and not here.
  stdin.on('error', () => undefined);
  return { url, port, stop, setDelay: (delayMs) => stdin.write(`${delayMs}\n`) };
}

function delayCommand({ spec, targetPort }: ProxyRequest, port: number): [string, ...string[]] {
  const program = join(PACKAGE_ROOT, 'dist/targets/delay-proxy/server.js');
  if (!existsSync(program)) throw new UserError(`${program} is not built; run npm run build`, 1);
  const delay = String(spec.delayMs ?? DEFAULT_DELAY_MS);
  return [process.execPath, program, '--port', String(port), '--to', String(targetPort), '--delay', delay];
}

function nginxCommand({ spec, targetPort, dir }: ProxyRequest, port: number): [string, ...string[]] {
  const nginx = findExecutable('nginx');
  if (nginx === undefined) throw new UserError('the proxy nginx is not installed; install nginx', 1);
  const file = join(dir, 'nginx.conf');
  writeFileSync(file, nginxConfig(port, targetPort, spec, dir));
  return [nginx, '-p', dir, '-e', join(dir, 'nginx-error.txt'), '-c', file];
}

/** One process in the foreground, so that its CPU time and its end are those of the process that was started. */
function nginxConfig(port: number, targetPort: number, spec: ProxySpec, dir: string): string {
  const { buffering = false, obeyTarget = false, passHeaders } = spec;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${join(dir, `nginx-${kind}`)};`,
  );
  return [
    'daemon off;',
    'master_process off;',
    `pid ${join(dir, 'nginx.pid')};`,
    'worker_rlimit_nofile 65536;',
    'events { worker_connections 16384; }',
    'http {',
    '  access_log off;',
    ...temporary,
    '  server {',
    `    listen 127.0.0.1:${port} backlog=4096;`,
    '    location / {',
    // HTTP/1.0 to the target, as nginx speaks by itself: of chunked responses it passes every chunk on, buffering or not.
    `      proxy_pass http://127.0.0.1:${targetPort};`,
    `      proxy_buffering ${buffering || obeyTarget ? 'on' : 'off'};`,
    // Targets ask for no buffering themselves: the point of this setting is that the proxy does not listen.
    ...(buffering ? ['      proxy_ignore_headers X-Accel-Buffering;'] : []),
    ...(passHeaders
      ? ['      proxy_pass_request_headers off;', ...passHeaders.map((name) => passHeader(name))]
      : []),
    '    }',
    '  }',
    '}',
    '',
  ].join('\n');
}

/** nginx sends no field whose value is empty. */
function passHeader(name: string): string {
  return `      proxy_set_header ${name} $http_${name.toLowerCase().replaceAll('-', '_')};`;
}
