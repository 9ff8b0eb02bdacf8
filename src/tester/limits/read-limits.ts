import { parsePortRange } from '../../observe/environment.ts';
import { readProcFile } from '../../process/proc-stat.ts';
import type { SystemLimits } from './check-limits.ts';

/** Bit of CAP_SYS_RESOURCE in a capability set (capability.h). */
const CAP_SYS_RESOURCE = 24n;

/** What the running kernel grants this process. Null where /proc is missing, as outside Linux. */
export function readLimits(): SystemLimits {
  return {
    openFiles: parseOpenFiles(readProcFile('/proc/self/limits') ?? ''),
    portRange: parsePortRange(readProcFile('/proc/sys/net/ipv4/ip_local_port_range') ?? ''),
    mayRaise: parseMayRaise(readProcFile('/proc/self/status') ?? ''),
  };
}

/** Soft and hard limit in the text of /proc/<pid>/limits; null when they are not named. */
export function parseOpenFiles(limits: string): { soft: number; hard: number } | null {
  const match = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(limits);
  if (!match) return null;
  const read = (text: string): number => (text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text));
  return { soft: read(match[1]!), hard: read(match[2]!) };
}

/** Whether the effective capabilities in the text of /proc/<pid>/status hold CAP_SYS_RESOURCE. */
export function parseMayRaise(status: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_SYS_RESOURCE) & 1n) === 1n;
}
