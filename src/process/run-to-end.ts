import type { ProcessExit, ToolCommand } from '../model/tool.ts';
import { findExecutable } from './find-executable.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { explainMissing, type RunningProcess, startProcess } from './start-process.ts';

export interface RunIo {
  /** Absolute files, overwritten. */
  stdoutFile: string;
  stderrFile: string;
  /** Puts the command line into a network space. */
  wrap: (argv: readonly string[]) => [string, ...string[]];
  /** CPUs the command may use. */
  pin?: readonly number[];
  /** Ends the command by its own signals at once. */
  signal: AbortSignal;
  registry: ProcessRegistry;
  /** Working folder. @default the folder of the harness */
  dir?: string;
  /** Called once the command runs, with the pid that leads its process group. */
  onStart?: (pid: number) => void;
}

/**
 * Run a command to its end, its deadline or the abort, whichever comes first; at the latter two its signals are
 * sent in turn. Resolves when nothing that it started is left. Never rejects for what the command does, only for what
 * `onStart` throws; the command has been ended then.
 */
export async function runToEnd(command: ToolCommand, io: RunIo): Promise<ProcessExit> {
  if (io.signal.aborted) return notStarted('not started, because the run was interrupted');
  const [program] = command.argv;
  // Asked before wrapping: afterwards it would be the wrapper's words and exit code that say so.
  const where = {
    ...(command.env?.PATH === undefined ? {} : { path: command.env.PATH }),
    ...(io.dir === undefined ? {} : { cwd: io.dir }),
  };
  if (findExecutable(program, where) === undefined) return notStarted(explainMissing(program));

  const running = startProcess({
    argv: io.wrap(command.argv),
    ...(io.dir === undefined ? {} : { cwd: io.dir }),
    ...(command.env ? { env: command.env } : {}),
    ...(io.pin ? { pin: io.pin } : {}),
    stdoutFile: io.stdoutFile,
    stderrFile: io.stderrFile,
    registry: io.registry,
  });
  let overran = false;
  const stop = (): void => {
    void running.stop(command.signals);
  };
  const deadline = setTimeout(() => {
    overran = true;
    stop();
  }, command.deadlineMs);
  io.signal.addEventListener('abort', stop);
  try {
    if (running.pid !== undefined) await tellStart(running, running.pid, command, io);
    return { ...(await running.exited), overran };
  } finally {
    clearTimeout(deadline);
    io.signal.removeEventListener('abort', stop);
  }
}

/** What cannot be watched must not run on unwatched. */
async function tellStart(
  running: RunningProcess,
  pid: number,
  command: ToolCommand,
  io: RunIo,
): Promise<void> {
  try {
    io.onStart?.(pid);
  } catch (error) {
    await running.stop(command.signals);
    throw error;
  }
}

function notStarted(spawnError: string): ProcessExit {
  return {
    code: null,
    signal: null,
    overran: false,
    sent: [],
    startedAtMs: Date.now(),
    wallMs: 0,
    spawnError,
  };
}
