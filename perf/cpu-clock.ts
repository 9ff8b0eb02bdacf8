import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findExecutable } from '../src/process/find-executable.ts';
import { PACKAGE_ROOT } from '../src/process/package-root.ts';
import { buildGoTarget } from '../src/target/build-go-target.ts';

/** What the kernel charged a process and all its waited-for children with. */
export interface ChargedCpu {
  userUs: number;
  systemUs: number;
  peakRssBytes?: number;
}

/**
 * Reads the CPU time of a whole process at its end.
 *
 * Node itself cannot: it reaps its children without asking for their usage, and /proc counts in ticks of 10 ms. So a
 * program in between starts the load and waits for it. In Go, which the Go target needs anyway, wait4's figures are
 * at hand, and Linux keeps their sum in nanoseconds. Where Go is missing, the shell's `time` prints the same figures
 * rounded to milliseconds, a thousandth of a run that uses one CPU second. (`/usr/bin/time`, perl and other shells
 * stop at 10 ms.)
 */
export interface CpuClock {
  /** For the report. */
  name: string;
  /** The command line that runs `argv` and leaves its figures in `file`. It hands on output and exit code. */
  wrap(argv: readonly string[], file: string): [string, ...string[]];
  /** @throws when the file is not there or is not what it should be: the load did not come to its end */
  read(file: string): ChargedCpu;
}

export type FoundCpuClock = { found: true; clock: CpuClock } | { found: false; reason: string };

/** The best one that this machine has. */
export async function findCpuClock(): Promise<FoundCpuClock> {
  const built = await buildGoTarget(join(PACKAGE_ROOT, 'perf/cpu-of'));
  if (built.ok) return { found: true, clock: waitClock(built.binary) };
  const bash = findExecutable('bash');
  if (bash) return { found: true, clock: bashClock(bash, built.reason) };
  return {
    found: false,
    reason: `the CPU time of a process cannot be read: ${built.reason}, and there is no bash`,
  };
}

/** @param binary of perf/cpu-of */
function waitClock(binary: string): CpuClock {
  return {
    name: 'wait4(2), to the microsecond',
    wrap: (argv, file) => [binary, file, ...argv],
    read(file) {
      const usage = JSON.parse(readFileSync(file, 'utf8')) as Partial<ChargedCpu>;
      const { userUs, systemUs, peakRssBytes } = usage;
      if (userUs === undefined || systemUs === undefined || peakRssBytes === undefined) {
        throw new Error(`${file} does not hold a process' usage`);
      }
      return { userUs, systemUs, peakRssBytes };
    },
  };
}

/**
 * The program's own stderr goes around the file in which `time` writes. Traps keep the shell alive when its process
 * group is signalled; the program gets the default action.
 */
const BASH_SCRIPT = [
  "TIMEFORMAT='%3U %3S'",
  'file=$1; shift',
  'trap : INT TERM',
  '{ time "$@" 2>&3; code=$?; } 3>&2 2>"$file"',
  'exit "$code"',
].join('\n');

export function bashClock(bash: string, whyNotBetter: string): CpuClock {
  return {
    name: `bash's time, to the millisecond (${whyNotBetter})`,
    wrap: (argv, file) => [bash, '-c', BASH_SCRIPT, 'cpu-of', file, ...argv],
    read(file) {
      // The last line: the shell may have said something about a signal before it.
      const text = readFileSync(file, 'utf8');
      // A comma where the language of the user writes one.
      const match = /(\d+)[.,](\d{3}) (\d+)[.,](\d{3})\n?$/.exec(text);
      if (!match) throw new Error(`${file} does not hold what bash's time prints`);
      const [userS, userMs, systemS, systemMs] = match.slice(1).map(Number) as [
        number,
        number,
        number,
        number,
      ];
      return { userUs: (userS * 1000 + userMs) * 1000, systemUs: (systemS * 1000 + systemMs) * 1000 };
    },
  };
}
