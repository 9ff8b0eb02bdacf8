import { UserError } from '../model/errors.ts';
import { findExecutable } from './find-executable.ts';
import { readProcFile } from './proc-stat.ts';
import { readOutput } from './read-output.ts';
import { explainMissing, pinned } from './start-process.ts';

const PROOF_WITHIN_MS = 10_000;

/**
 * Those of the CPUs that processes cannot be pinned to, because they do not exist or a cpuset keeps them from us. Proved
 * for each alone: of several the kernel takes those that it can and says nothing of the rest.
 * @throws UserError when there is no taskset
 */
export async function findUnusableCpus(cpus: Iterable<number>): Promise<number[]> {
  const unusable: number[] = [];
  for (const cpu of cpus) {
    const { code, problem } = await readOutput(pinned(['true'], [cpu]), { timeoutMs: PROOF_WITHIN_MS });
    if (code === null && findExecutable('taskset') === undefined) {
      throw new UserError(`pinning needs taskset (util-linux): ${problem ?? explainMissing('taskset')}`);
    }
    if (code !== 0) unusable.push(cpu);
  }
  return unusable;
}

/** As a person would name them: `CPUs 0-3`. */
export function readAllowedCpus(): string {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readProcFile('/proc/self/status') ?? '')?.[1];
  return list === undefined ? 'others' : /^\d+$/.test(list) ? `CPU ${list}` : `CPUs ${list}`;
}
