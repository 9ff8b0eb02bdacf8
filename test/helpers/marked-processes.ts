import { readdirSync, readFileSync } from 'node:fs';

/** Give it to the environment of a program: everything that the program starts inherits it. */
export const MARK_VARIABLE = 'SSEE_BENCH_TEST_MARK';

export interface MarkedProcess {
  pid: number;
  /** Words separated by blanks. */
  command: string;
}

/** Living processes with this mark in their environment, whatever group, session or namespace they are in. */
export function markedProcesses(mark: string): MarkedProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
        if (!environment.includes(`${MARK_VARIABLE}=${mark}`)) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [{ pid: Number(name), command }];
      } catch {
        return []; // it ended between listing and reading
      }
    });
}
