import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll } from 'vitest';

export type TargetName = 'go-nethttp' | 'node-http' | 'faulty';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface StartedTarget {
  port: number;
  pid: number;
  exited: Promise<Exit>;
  /** Counters and gauges at /metrics by name and labels as they stand there. */
  metrics(): Promise<Map<string, number>>;
  metricsText(): Promise<string>;
  stop(): Promise<Exit>;
}

const root = resolve(import.meta.dirname, '../..');
const commands = new Map<TargetName, [string, ...string[]]>();
const built: string[] = [];
afterAll(() => {
  for (const dir of built) rmSync(dir, { recursive: true, force: true });
});

/** The command line of a target, built first where that was not done yet. */
function targetCommand(name: TargetName): [string, ...string[]] {
  let command = commands.get(name);
  if (!command) {
    command = name === 'go-nethttp' ? [buildGo()] : [process.execPath, compiledServer(name)];
    commands.set(name, command);
  }
  return command;
}

function buildGo(): string {
  const dir = mkdtempSync(join(tmpdir(), 'go-nethttp-'));
  built.push(dir);
  const binary = join(dir, 'go-nethttp');
  execFileSync('go', ['build', '-buildvcs=false', '-o', binary, '.'], {
    cwd: join(root, 'targets/go-nethttp'),
    stdio: 'pipe',
  });
  return binary;
}

function compiledServer(name: TargetName): string {
  const file = join(root, 'dist/targets', name, 'server.js');
  if (!existsSync(file)) execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'pipe' });
  return file;
}

/** Runs a target to its end and keeps what it says. For those that end by themselves. */
export async function runTarget(
  name: TargetName,
  args: string[],
  env: Record<string, string> = {},
): Promise<Exit & { stdout: string; stderr: string }> {
  const { exited, output } = spawnTarget(name, args, env);
  return { ...(await exited), ...output };
}

/** Starts a target on a free port and waits until it listens. */
export async function startTarget(
  name: TargetName,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<StartedTarget> {
  const { child, exited, output } = spawnTarget(name, ['--port', '0', ...args], env);
  const port = await new Promise<number>((resolvePort, reject) => {
    child.stdout.on('data', () => {
      const match = /^listening on 127\.0\.0\.1:(\d+)\n$/.exec(output.stdout);
      if (match) resolvePort(Number(match[1]));
    });
    exited.then(({ code }) => reject(new Error(`${name} ended with ${code}: ${output.stderr}`)), reject);
  });
  const metricsText = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return {
    port,
    pid: child.pid!,
    exited,
    metricsText,
    metrics: async () => readSamples(await metricsText()),
    stop() {
      child.kill('SIGKILL');
      return exited;
    },
  };
}

function spawnTarget(name: TargetName, args: string[], env: Record<string, string>) {
  const [file, ...first] = targetCommand(name);
  const child = spawn(file, [...first, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (bytes) => {
    output.stdout += String(bytes);
  });
  child.stderr.on('data', (bytes) => {
    output.stderr += String(bytes);
  });
  const exited = new Promise<Exit>((resolveExit, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolveExit({ code, signal }));
  });
  return { child, exited, output };
}

function readSamples(text: string): Map<string, number> {
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space).replace(/^ssee_target_/, ''), Number(line.slice(space + 1))];
    }),
  );
}

/** Asks again until `isTrue` holds for the answer; fails with the last answer after five seconds. */
export async function waitFor<T>(ask: () => T | Promise<T>, isTrue: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const answer = await ask();
    if (isTrue(answer)) return answer;
    if (Date.now() > deadline) {
      const shown = answer instanceof Map ? Object.fromEntries(answer) : answer;
      throw new Error(`condition not reached: ${JSON.stringify(shown)}`);
    }
    await new Promise((next) => setTimeout(next, 10));
  }
}
