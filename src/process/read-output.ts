import { execa } from 'execa';
import { explainMissing } from './start-process.ts';

export interface CommandOutput {
  /** Null when it could not be started, was killed or took too long: `problem` says which. */
  code: number | null;
  stdout: string;
  stderr: string;
  problem?: string;
}

/**
 * Run a short helper command (a compiler, a version query) and keep what it prints in memory. It stays in the
 * harness' own process group, so that Ctrl-C ends it too. Never rejects for what the command does.
 */
export async function readOutput(
  argv: readonly [string, ...string[]],
  options: {
    timeoutMs: number;
    cwd?: string;
    /** Over the environment of the harness; undefined takes a variable out. */
    env?: Readonly<Record<string, string | undefined>>;
  },
): Promise<CommandOutput> {
  const [file, ...args] = argv;
  const result = await execa(file, args, {
    reject: false,
    stdin: 'ignore',
    timeout: options.timeoutMs,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env ? { env: options.env } : {}),
  });
  const output = { code: result.exitCode ?? null, stdout: result.stdout ?? '', stderr: result.stderr ?? '' };
  if (output.code !== null) return output;
  if (result.timedOut)
    return { ...output, problem: `${file} took longer than ${options.timeoutMs / 1000} s` };
  if (result.signal) return { ...output, problem: `${file} was ended by ${result.signal}` };
  return { ...output, problem: explainMissing(file) };
}
