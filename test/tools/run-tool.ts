import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  ProcessExit,
  ToolCommand,
  ToolExec,
  ToolOutput,
  ToolResult,
  ToolTrial,
} from '../../src/model/tool.ts';
import type { LoadTool } from '../../src/tools/load-tool.ts';
import { makeTrial } from '../helpers/tool-trial.ts';

export interface ToolRun {
  command: ToolCommand;
  trial: ToolTrial;
  output: ToolOutput;
  result: ToolResult;
}

/** Run a real tool in a folder of its own and normalize what it left. */
export async function runTool(tool: LoadTool, overrides: Partial<ToolTrial>): Promise<ToolRun> {
  const dir = mkdtempSync(join(tmpdir(), 'ssee-tool-'));
  try {
    const trial = makeTrial({ dir, ...overrides });
    let command: ToolCommand | undefined;
    const exec: ToolExec = (wanted) => {
      command = wanted;
      return execute(wanted, dir);
    };
    const exit = await tool.run(trial, exec);
    const read = (name: string): string => readFileSync(join(dir, name), 'utf8');
    const output: ToolOutput = {
      exit,
      stdout: read('stdout.txt'),
      stderr: read('stderr.txt'),
      files: Object.fromEntries(
        tool.outputFiles.filter((name) => existsSync(join(dir, name))).map((name) => [name, read(name)]),
      ),
    };
    return { command: command!, trial, output, result: tool.normalize(output, trial) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Start in a process group of its own, honour the deadline, send the signals in turn. */
function execute(command: ToolCommand, dir: string): Promise<ProcessExit> {
  const stdout = openSync(join(dir, 'stdout.txt'), 'w');
  const stderr = openSync(join(dir, 'stderr.txt'), 'w');
  const startedAtMs = Date.now();
  const [file, ...args] = command.argv;
  const child = spawn(file, args, {
    detached: true,
    stdio: ['ignore', stdout, stderr],
    env: { ...process.env, ...command.env },
  });
  closeSync(stdout);
  closeSync(stderr);
  const sent: string[] = [];
  let timer = setTimeout(() => escalate(0), command.deadlineMs);
  function escalate(step: number): void {
    const next = command.signals[step];
    if (!next || child.pid === undefined) return;
    sent.push(next.signal);
    process.kill(-child.pid, next.signal);
    timer = setTimeout(() => escalate(step + 1), next.waitMs);
  }
  return new Promise((resolve) => {
    const end = (code: number | null, signal: string | null, spawnError?: string): void => {
      clearTimeout(timer);
      resolve({
        code,
        signal,
        overran: sent.length > 0,
        sent,
        startedAtMs,
        wallMs: Date.now() - startedAtMs,
        ...(spawnError === undefined ? {} : { spawnError }),
      });
    };
    child.on('exit', (code, signal) => end(code, signal));
    child.on('error', (error) => end(null, null, error.message));
  });
}
