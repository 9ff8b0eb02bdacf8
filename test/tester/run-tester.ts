import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const ENTRY = resolve(import.meta.dirname, '../../dist/src/cli/ssee-tester.js');
const RUN = `const { main } = await import(${JSON.stringify(pathToFileURL(ENTRY).href)});
process.exitCode = await main(process.argv.slice(1));`;

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Start the compiled command line in a process of its own.
 * @param wrap a program that runs its arguments, e.g. with fewer rights
 */
export function startTester(
  args: readonly string[],
  wrap: readonly string[] = [],
): { child: ChildProcess; done: Promise<Ran> } {
  return startProgram([...wrap, process.execPath, '--input-type=module', '-e', RUN, '--', ...args]);
}

function startProgram([file, ...rest]: readonly string[]): { child: ChildProcess; done: Promise<Ran> } {
  const child = spawn(file!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes) => {
    stdout += bytes;
  });
  child.stderr.on('data', (bytes) => {
    stderr += bytes;
  });
  const done = new Promise<Ran>((resolveDone, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolveDone({ code, stdout, stderr }));
  });
  return { child, done };
}

export function runTester(args: readonly string[], wrap?: readonly string[]): Promise<Ran> {
  return startTester(args, wrap).done;
}

export function runProgram(argv: readonly string[]): Promise<Ran> {
  return startProgram(argv).done;
}
