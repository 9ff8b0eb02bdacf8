import type { Readable } from 'node:stream';
import type { ProcessRegistry } from './process-registry.ts';
import type { CommandOutput } from './read-output.ts';
import { type SignalLadder, startProcess } from './start-process.ts';

/** Who ends a command that may take minutes, and where it is noted until then. */
export interface OwnGroup {
  registry: ProcessRegistry;
  /** Ends the command and all that it started. */
  signal: AbortSignal;
}

const STOP_LADDER: SignalLadder = [{ signal: 'SIGTERM', waitMs: 2000 }];

/** A process that left its family may hold a pipe open for ever; what the family wrote is there long before. */
const PIPES_END_WITHIN_MS = 500;

/**
 * Like `readOutput`, for commands that start others: in a noted process group of its own, of which nothing is left when
 * this resolves, whether the command ended, took too long or was aborted. Never rejects for what the command does.
 */
export async function readOutputOfGroup(
  argv: readonly [string, ...string[]],
  options: {
    timeoutMs: number;
    cwd?: string;
    env?: Readonly<Record<string, string | undefined>>;
    group: OwnGroup;
  },
): Promise<CommandOutput> {
  const { group, timeoutMs, cwd, env } = options;
  const [file] = argv;
  if (group.signal.aborted) return { code: null, stdout: '', stderr: '', problem: `${file} was not started` };
  const running = startProcess({
    argv,
    ...(cwd === undefined ? {} : { cwd }),
    ...(env ? { env } : {}),
    stdoutFile: null,
    stderrFile: null,
    registry: group.registry,
  });
  const stdout = collect(running.stdout!);
  const stderr = collect(running.stderr!);
  let late = false;
  const stop = (): void => void running.stop(STOP_LADDER);
  const deadline = setTimeout(() => {
    late = true;
    stop();
  }, timeoutMs);
  group.signal.addEventListener('abort', stop);
  const exit = await running.exited;
  clearTimeout(deadline);
  group.signal.removeEventListener('abort', stop);
  await Promise.all([stdout.ended(), stderr.ended()]);
  const output = { code: exit.code, stdout: stdout.text(), stderr: stderr.text() };
  if (exit.spawnError) return { ...output, problem: exit.spawnError };
  if (late) return { ...output, code: null, problem: `${file} took longer than ${timeoutMs / 1000} s` };
  if (exit.code === null) {
    return { ...output, problem: `${file} ${exit.unended ?? `was ended by ${exit.signal}`}` };
  }
  return output;
}

function collect(pipe: Readable): { text(): string; ended(): Promise<void> } {
  let text = '';
  pipe.setEncoding('utf8');
  pipe.on('data', (chunk: string) => {
    text += chunk;
  });
  const closed = new Promise<void>((resolve) => {
    pipe.once('close', resolve);
  });
  return {
    text: () => text,
    async ended() {
      const giveUp = setTimeout(() => pipe.destroy(), PIPES_END_WITHIN_MS);
      await closed;
      clearTimeout(giveUp);
    },
  };
}
