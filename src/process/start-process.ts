import { closeSync, existsSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { execa } from 'execa';
import type { ProcessExit, ToolCommand } from '../model/tool.ts';
import { findExecutable } from './find-executable.ts';
import { readProcStat } from './proc-stat.ts';
import {
  type FamilyLeader,
  isOver,
  killFamily,
  listFamily,
  type ProcessFamily,
  signalFamily,
  signalProcess,
  TAG_VARIABLE,
} from './process-family.ts';
import type { ProcessRegistry } from './process-registry.ts';

/** Signals to send in turn, each with the time to wait for the end before the next. */
export type SignalLadder = ToolCommand['signals'];

export interface StartOptions {
  argv: readonly [string, ...string[]];
  /** @default the folder of the harness */
  cwd?: string;
  /** Added to the environment of the harness; undefined takes a variable out. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Absolute file, overwritten; null for a pipe that is read at `stdout`. The same file may serve both. */
  stdoutFile: string | null;
  stderrFile: string | null;
  /** @default ignore */
  stdin?: 'ignore' | 'pipe';
  /** CPUs the process and its descendants may use. */
  pin?: readonly number[];
  registry: ProcessRegistry;
}

export interface RunningProcess {
  /** Leader of a process group and session of its own; undefined when it could not be started. */
  pid: number | undefined;
  /**
   * Resolves when the process has ended and nothing that it started is left; `wallMs` is the process' own. Never
   * rejects: what could not be started has `spawnError`, what `stop` could not end has `unended`.
   */
  exited: Promise<ProcessExit>;
  /** End it and all that it started: each signal in turn, SIGKILL for what outlives the last. */
  stop(ladder: SignalLadder): Promise<ProcessExit>;
  /** Present where a pipe was asked for. */
  stdin?: Writable;
  stdout?: Readable;
  stderr?: Readable;
}

/**
 * A process ends within milliseconds of SIGKILL, unless it belongs to another user or hangs in the kernel (state D: a
 * dead network drive). It is noted in the registry further on, and the harness goes on without it.
 */
const KILLED_WITHIN_MS = 2000;

/** How often a stopped family is looked at. A look takes some milliseconds on a busy machine. */
const LOOK_EVERY_MS = 20;

/**
 * Start a program in a process group of its own, noted in the registry. Output goes to files as raw descriptors: a
 * pipe would stay open, and be waited for, as long as any grandchild holds it.
 */
export function startProcess(options: StartOptions): RunningProcess {
  const argv = options.pin?.length ? pinned(options.argv, options.pin) : options.argv;
  const [file, ...args] = argv;
  const outputs = openOutputs(options.stdoutFile, options.stderrFile);
  let tag: string;
  try {
    tag = options.registry.announce(shortCommand(options.argv));
  } catch (error) {
    outputs.close();
    throw error;
  }
  const startedAtMs = Date.now();
  const startedAt = performance.now();
  const child = execa(file, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...options.env, [TAG_VARIABLE]: tag },
    stdin: options.stdin ?? 'ignore',
    stdout: outputs.stdout,
    stderr: outputs.stderr,
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
  });
  outputs.close();

  const exit: ProcessExit = { code: null, signal: null, overran: false, sent: [], startedAtMs, wallMs: 0 };
  const leaderEnded = new Promise<void>((resolve) => {
    // execa's own promise waits for pipes to close as well, so the process' end is taken from its event.
    child.once('exit', (code, signal) => {
      exit.code = code;
      exit.signal = signal;
      exit.wallMs = performance.now() - startedAt;
      resolve();
    });
    void child.then((result) => {
      if (child.pid === undefined) {
        exit.spawnError = explainSpawnFailure(options, file, result.cause ?? result);
        resolve();
      }
    });
  });

  const leader = findLeader(child.pid);
  const family = leader && { tag, leader };
  if (leader) options.registry.add(tag, leader);
  let stopping: Promise<void> | undefined;
  let giveUp: (() => void) | undefined;
  const givenUp = new Promise<void>((resolve) => {
    giveUp = resolve;
  });
  const cleanedUp = leaderEnded.then(async () => {
    await stopping;
    if (family) {
      // The number cannot have been given away yet, so members that hide their tag are met as well.
      signalProcess(-family.leader.pid, 'SIGKILL');
      killFamily(family);
    }
    options.registry.remove(tag);
  });
  const exited = Promise.race([cleanedUp, givenUp]).then(() => exit);

  async function end(family: ProcessFamily, ladder: SignalLadder): Promise<void> {
    await climbLadder(family, ladder, exit.sent, leaderEnded);
    if (await settlesWithin(leaderEnded, KILLED_WITHIN_MS)) return;
    exit.unended = `could not be ended (pid ${child.pid})`;
    exit.wallMs = performance.now() - startedAt;
    // Node would wait for it, and for what it holds open, before it ends itself.
    child.unref();
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy();
    giveUp!();
  }

  return {
    pid: child.pid,
    exited,
    stop(ladder) {
      if (family) stopping ??= end(family, ladder);
      return exited;
    },
    ...(options.stdin === 'pipe' ? { stdin: child.stdin! } : {}),
    ...(options.stdoutFile === null ? { stdout: child.stdout! } : {}),
    ...(options.stderrFile === null ? { stderr: child.stderr! } : {}),
  };
}

/** Send each signal to the whole family and wait; returns when it is empty or the ladder is at its end. */
async function climbLadder(
  family: ProcessFamily,
  ladder: SignalLadder,
  sent: string[],
  leaderEnded: Promise<void>,
): Promise<void> {
  let ended = false;
  const watch = leaderEnded.then(() => {
    ended = true;
  });
  for (const { signal, waitMs } of ladder) {
    const members = signalFamily(family, signal);
    if (members.length === 0) return;
    sent.push(signal);
    const until = performance.now() + waitMs;
    while (performance.now() < until) {
      await (ended ? sleep(LOOK_EVERY_MS) : Promise.race([watch, sleep(LOOK_EVERY_MS)]));
      if (ended && listFamily(family).length === 0 && members.every(isOver)) return;
    }
  }
  if (signalFamily(family, 'SIGKILL').length > 0) sent.push('SIGKILL');
}

async function settlesWithin(ended: Promise<void>, withinMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), withinMs);
  });
  const over = await Promise.race([ended.then(() => true), late]);
  clearTimeout(timer);
  return over;
}

/** The command line that runs `argv` on these CPUs alone. */
export function pinned(argv: readonly [string, ...string[]], cpus: readonly number[]): [string, ...string[]] {
  return [findExecutable('taskset') ?? 'taskset', '-c', cpus.join(','), ...argv];
}

function openOutputs(stdoutFile: string | null, stderrFile: string | null) {
  const stdout = stdoutFile === null ? 'pipe' : openDescriptor(stdoutFile);
  const shared = stderrFile !== null && stderrFile === stdoutFile;
  const stderr = shared ? stdout : stderrFile === null ? 'pipe' : openBeside(stdout, stderrFile);
  return {
    stdout,
    stderr,
    close() {
      for (const output of new Set([stdout, stderr])) if (typeof output === 'number') closeSync(output);
    },
  } as const;
}

/** Where the second file cannot be opened, the first must not stay open. */
function openBeside(first: 3 | 'pipe', file: string): 3 {
  try {
    return openDescriptor(file);
  } catch (error) {
    if (first !== 'pipe') closeSync(first);
    throw error;
  }
}

/** execa takes any descriptor, its types only those from 3 to 9. */
function openDescriptor(file: string): 3 {
  return openSync(file, 'w') as 3;
}

/** Undefined for what was not started. One that is over already is still there: Node collects it later. */
function findLeader(pid: number | undefined): FamilyLeader | undefined {
  const stat = pid === undefined ? undefined : readProcStat(pid);
  return stat && { pid: stat.pid, startTimeTicks: stat.startTimeTicks };
}

/** One sentence without full stop. */
function explainSpawnFailure(options: StartOptions, file: string, error: unknown): string {
  if (options.cwd !== undefined && !existsSync(options.cwd)) {
    return `the working folder ${options.cwd} does not exist`;
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return explainMissing(file);
  if (code === 'EACCES') return `${file} cannot be executed: permission denied`;
  return `${file} could not be started: ${(message ?? String(error)).split('\n')[0]}`;
}

/** The sentence for a program that is not there. */
export function explainMissing(program: string): string {
  return program.includes('/')
    ? `${program}: no such program`
    : `${program}: command not found; install it or put its folder on PATH`;
}

const LONGEST_COMMAND = 120;

function shortCommand(argv: readonly string[]): string {
  const text = [basename(argv[0]!), ...argv.slice(1)].join(' ');
  return text.length > LONGEST_COMMAND ? `${text.slice(0, LONGEST_COMMAND)}…` : text;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
