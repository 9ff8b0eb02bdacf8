import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { UserError } from '../../model/errors.ts';
import { findExecutable } from '../../process/find-executable.ts';
import type { NetworkSpace } from '../../process/network-space.ts';
import { PACKAGE_ROOT } from '../../process/package-root.ts';
import type { ProcessRegistry } from '../../process/process-registry.ts';
import { startProcess } from '../../process/start-process.ts';

/** A name server of the trial's own, and the target's way to it. */
export interface NameServer {
  /** The command line with a resolv.conf of its own, seen by nobody else. */
  wrap(argv: readonly string[]): string[];
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 10_000;

/** @throws UserError where it does not start or unshare is missing */
export async function startNameServer(request: {
  space: NetworkSpace;
  registry: ProcessRegistry;
  dir: string;
}): Promise<NameServer> {
  const { space, registry, dir } = request;
  const program = join(PACKAGE_ROOT, 'dist/targets/dns-stub/server.js');
  if (!existsSync(program)) throw new UserError(`${program} is not built; run npm run build`, 1);
  const unshare = findExecutable('unshare');
  if (unshare === undefined) throw new UserError('unshare is missing; install util-linux', 1);
  if (!existsSync('/etc/resolv.conf')) throw new UserError('there is no /etc/resolv.conf to stand in for', 1);
  const resolvConf = join(dir, 'resolv.conf');
  writeFileSync(resolvConf, 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
  const running = startProcess({
    argv: space.wrap([process.execPath, program]),
    stdoutFile: null,
    stderrFile: join(dir, 'dns-stderr.txt'),
    registry,
  });
  const stop = async (): Promise<void> => {
    await running.stop([
      { signal: 'SIGTERM', waitMs: 1000 },
      { signal: 'SIGKILL', waitMs: 1000 },
    ]);
  };
  const listening = new Promise<boolean>((resolve) => {
    createInterface({ input: running.stdout! }).once('line', () => resolve(true));
    void running.exited.then(() => resolve(false));
    setTimeout(() => resolve(false), READY_WITHIN_MS).unref();
  });
  if (!(await listening)) {
    await stop();
    throw new UserError(`the name server of the trial did not start; see ${join(dir, 'dns-stderr.txt')}`, 1);
  }
  return {
    wrap: (argv) => [
      unshare,
      '--mount',
      '--propagation',
      'private',
      '--',
      '/bin/sh',
      '-c',
      'mount --bind "$0" /etc/resolv.conf && exec "$@"',
      resolvConf,
      ...argv,
    ],
    stop,
  };
}
