import { loadavg } from 'node:os';
import { readEnvironment } from '../src/observe/environment.ts';
import { readProcFile } from '../src/process/proc-stat.ts';
import type { MachineFacts } from './model.ts';

/** Read once, before the first run: the load average must not contain our own. */
export function readMachine(): MachineFacts {
  const { cpuModel, cpus, memoryBytes, kernel, os, node } = readEnvironment();
  return {
    cpuModel,
    cpus,
    memoryBytes,
    kernel,
    os,
    node,
    loadAverage: loadavg() as [number, number, number],
    openFilesHard: parseOpenFileLimitHard(readProcFile('/proc/self/limits') ?? ''),
  };
}

/** Hard limit of open files in /proc/<pid>/limits; null when it is unlimited or not named. */
export function parseOpenFileLimitHard(limits: string): number | null {
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return hard === undefined ? null : Number(hard);
}

/** Per CPU: above it somebody else had work when the first run began. */
const LOAD_LIMIT = 0.3;

/** Undefined when the machine was quiet. */
export function describeLoadDoubt({ loadAverage, cpus }: MachineFacts): string | undefined {
  const [oneMinute] = loadAverage;
  if (oneMinute <= LOAD_LIMIT * cpus) return undefined;
  return `The load average was ${oneMinute.toFixed(2)} on ${cpus} CPUs before the first run: the machine was not quiet.`;
}
