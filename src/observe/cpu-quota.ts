import { existsSync } from 'node:fs';
import { readProcFile } from '../process/proc-stat.ts';

/** What the CPU quota of a cgroup has done since it was made (`cpu.stat`). */
export interface QuotaCounters {
  periods: number;
  /** Periods in which the group had used up its quota and had to stop. */
  throttled: number;
}

/** Where the two generations of cgroups are mounted as a rule; on hybrid systems the second one is below `unified`. */
const USUAL_MOUNTS = {
  proc: '/proc',
  v1: ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpu,cpuacct'],
  v2: ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'],
};

/** `nr_periods` and `nr_throttled` are called the same in both generations; undefined where there is no quota to count. */
export function parseQuotaCounters(cpuStat: string): QuotaCounters | undefined {
  const periods = /^nr_periods (\d+)$/m.exec(cpuStat)?.[1];
  const throttled = /^nr_throttled (\d+)$/m.exec(cpuStat)?.[1];
  if (periods === undefined || throttled === undefined) return undefined;
  return { periods: Number(periods), throttled: Number(throttled) };
}

/** The paths of a process' CPU group in both generations, from /proc/<pid>/cgroup. */
export function parseCpuGroups(cgroup: string): { v1?: string; v2?: string } {
  const groups: { v1?: string; v2?: string } = {};
  for (const [, controllers, path] of cgroup.matchAll(/^\d+:([^:]*):(.*)$/gm)) {
    if (controllers === '') groups.v2 = path!;
    else if (controllers!.split(',').includes('cpu')) groups.v1 = path!;
  }
  return groups;
}

/**
 * The `cpu.stat` files that bear on a process: of its own group and of every group above it, because a quota of any of
 * them stops it. Empty where the process is gone or groups are not mounted.
 */
export function findQuotaFiles(pid: number, mounts = USUAL_MOUNTS): string[] {
  const { v1, v2 } = parseCpuGroups(readProcFile(`${mounts.proc}/${pid}/cgroup`) ?? '');
  return [...filesBelow(mounts.v1, v1), ...filesBelow(mounts.v2, v2)];
}

function filesBelow(roots: readonly string[], path: string | undefined): string[] {
  if (path === undefined) return [];
  const parts = path.split('/').filter((part) => part !== '');
  const paths = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  return roots
    .flatMap((root) => paths.map((group) => `${root}/${group}/cpu.stat`))
    .filter((file) => existsSync(file));
}

/** Counters of each file; a file that is gone keeps no entry. */
export function readQuotaFiles(files: readonly string[]): Map<string, QuotaCounters> {
  const read = new Map<string, QuotaCounters>();
  for (const file of files) {
    const counters = parseQuotaCounters(readProcFile(file) ?? '');
    if (counters) read.set(file, counters);
  }
  return read;
}

/** Share of periods in which the tightest quota stopped its group, 0..1; undefined where no quota had a period. */
export function throttledShare(
  after: ReadonlyMap<string, QuotaCounters>,
  before: ReadonlyMap<string, QuotaCounters>,
): number | undefined {
  const shares = [...after].flatMap(([file, now]) => {
    const then = before.get(file) ?? { periods: 0, throttled: 0 };
    const periods = now.periods - then.periods;
    return periods > 0 ? [(now.throttled - then.throttled) / periods] : [];
  });
  return shares.length > 0 ? Math.max(...shares) : undefined;
}
