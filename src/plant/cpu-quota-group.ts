import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../model/errors.ts';

/** A cgroup with a CPU quota that processes can be started in. */
export interface QuotaGroup {
  /** The command line that runs `argv` inside the group. */
  wrap(argv: readonly string[]): string[];
  /** Remove the group; its processes must be over. Never throws. */
  remove(): void;
}

/**
 * Length of a quota period. Unit: us. Reason: a fifth of the kernel's default, so that a trial of two seconds has a
 * hundred of them and a stop lasts no longer than a scheduler's delay would. Doubt: real quotas stop for up to 100 ms.
 */
const PERIOD_US = 20_000;

let groupsMade = 0;

/**
 * Make a group for `percent` of one CPU, in whichever generation of cgroups has the cpu controller.
 * @throws UserError where neither can be written: the quota needs root
 */
export function makeQuotaGroup(percent: number): QuotaGroup {
  const name = `ssee-bench-${process.pid}-${groupsMade++}`;
  const quotaUs = Math.max(1000, Math.round((percent / 100) * PERIOD_US));
  try {
    const folder = existsSync('/sys/fs/cgroup/cpu/cpu.cfs_quota_us')
      ? makeFirstGeneration(name, quotaUs)
      : makeSecondGeneration(name, quotaUs);
    return describeGroup(folder);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(
      `a CPU quota cannot be set (${code ?? message}); cpuLimit needs root and a cgroup cpu controller`,
      1,
    );
  }
}

function makeFirstGeneration(name: string, quotaUs: number): string {
  const folder = join('/sys/fs/cgroup/cpu', name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'cpu.cfs_period_us'), String(PERIOD_US));
  writeFileSync(join(folder, 'cpu.cfs_quota_us'), String(quotaUs));
  return folder;
}

function makeSecondGeneration(name: string, quotaUs: number): string {
  const root = '/sys/fs/cgroup';
  if (!readFileSync(join(root, 'cgroup.subtree_control'), 'utf8').split(/\s/).includes('cpu')) {
    writeFileSync(join(root, 'cgroup.subtree_control'), '+cpu');
  }
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'cpu.max'), `${quotaUs} ${PERIOD_US}`);
  return folder;
}

function describeGroup(folder: string): QuotaGroup {
  const members = join(folder, 'cgroup.procs');
  return {
    // The shell enters the group and becomes the program: nothing of it is left to be measured.
    wrap: (argv) => ['/bin/sh', '-c', 'echo $$ > "$0" && exec "$@"', members, ...argv],
    remove() {
      const until = Date.now() + 1000;
      for (;;) {
        try {
          rmdirSync(folder);
          return;
        } catch (error) {
          // A process that was just ended stays a member until the kernel has collected it.
          if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || Date.now() > until) return;
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
        }
      }
    },
  };
}
