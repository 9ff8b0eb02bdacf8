import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type, userInfo } from 'node:os';
import type { Environment } from '../model/run-record.ts';
import { readProcFile } from '../process/proc-stat.ts';

/** The machine and the user, as far as they bear on figures. Whether namespaces are available is probed elsewhere. */
export function readEnvironment(): Omit<Environment, 'namespaces'> {
  return {
    cpuModel: cpus()[0]?.model.trim() || process.arch,
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    os: readOsName(),
    node: process.version,
    openFiles: parseOpenFileLimit(readProcFile('/proc/self/limits') ?? ''),
    portRange: parsePortRange(readProcFile('/proc/sys/net/ipv4/ip_local_port_range') ?? ''),
    user: readUserName(),
  };
}

function readOsName(): string {
  const file = '/etc/os-release';
  return (existsSync(file) ? parsePrettyName(readFileSync(file, 'utf8')) : undefined) ?? type();
}

/** `PRETTY_NAME` of os-release(5), quotes removed. */
export function parsePrettyName(osRelease: string): string | undefined {
  return /^PRETTY_NAME=(?:"([^"]*)"|'([^']*)'|(\S*))/m
    .exec(osRelease)
    ?.slice(1)
    .find((name) => name !== undefined && name !== '');
}

/** Soft limit of open files in /proc/<pid>/limits; null when it is unlimited or not named. */
export function parseOpenFileLimit(limits: string): number | null {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}

/** First and last port that connections are made from; null when the text holds no such pair. */
export function parsePortRange(text: string): [number, number] | null {
  const match = /^\s*(\d+)\s+(\d+)/.exec(text);
  return match ? [Number(match[1]), Number(match[2])] : null;
}

function readUserName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    // A uid without an entry in the user database, as in many containers.
    if ((error as NodeJS.ErrnoException).code === 'ERR_SYSTEM_ERROR') return `uid ${process.getuid?.()}`;
    throw error;
  }
}
