import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArmComparison, Comparison } from '../../src/model/comparison.ts';
import type { OutcomeRow } from '../../src/model/outcome.ts';
import type { RunRecord } from '../../src/model/run-record.ts';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const ENTRY = join(ROOT, 'scripts/ssee-bench.mjs');

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Last line of stdout. */
  lastLine: string;
}

export interface RunningCli {
  child: ChildProcess;
  /** Everything printed on stderr so far. */
  stderrSoFar(): string;
  done: Promise<CliResult>;
}

/** Start the real command line as a user would; paths are relative to the checkout. */
export function startCli(
  args: string[],
  options: {
    env?: Record<string, string>;
    prefix?: string[];
    cwd?: string;
    /** Node and program instead of this checkout's entry script. */
    program?: string[];
  } = {},
): RunningCli {
  const program = options.program ?? [process.execPath, ENTRY];
  const [command, ...rest] = [...(options.prefix ?? []), ...program, ...args];
  const child = spawn(command!, rest, {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, CI: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  const done = new Promise<CliResult>((resolveDone, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolveDone({ code, stdout, stderr, lastLine: stdout.trimEnd().split('\n').at(-1) ?? '' });
    });
  });
  return { child, stderrSoFar: () => stderr, done };
}

export function runCli(args: string[], options: Parameters<typeof startCli>[1] = {}): Promise<CliResult> {
  return startCli(args, options).done;
}

export function makeOutDir(): string {
  return mkdtempSync(join(tmpdir(), 'ssee-bench-test-'));
}

/** The only run folder below `outDir`. */
export function findRunDir(outDir: string): string {
  const names = readdirSync(outDir);
  if (names.length !== 1) throw new Error(`expected one run folder in ${outDir}, found: ${names.join(', ')}`);
  return join(outDir, names[0]!);
}

export function readComparison(runDir: string): Comparison {
  return JSON.parse(readFileSync(join(runDir, 'comparison.json'), 'utf8')) as Comparison;
}

export function readRunRecord(runDir: string): RunRecord {
  return JSON.parse(readFileSync(join(runDir, 'run.json'), 'utf8')) as RunRecord;
}

export function armOf(comparison: Comparison, id: string): ArmComparison {
  const arm = comparison.arms.find((candidate) => candidate.id === id);
  if (!arm) throw new Error(`no arm ${id} among ${comparison.arms.map((other) => other.id).join(', ')}`);
  return arm;
}

/** The number in a cell, or undefined where the cell says it is not known. */
export function numberIn(
  cell: ArmComparison['metrics'][keyof ArmComparison['metrics']] | undefined,
): number | undefined {
  return cell?.known && typeof cell.value === 'number' ? cell.value : undefined;
}

export function outcomeOf(arm: ArmComparison, row: OutcomeRow): number | undefined {
  return numberIn(arm.outcomes[row]);
}

/** Wait until `condition` holds; fails after `withinMs` saying what was waited for. */
export async function waitFor(what: string, condition: () => boolean, withinMs = 20_000): Promise<void> {
  const until = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > until) throw new Error(`waited ${withinMs} ms for ${what}`);
    await new Promise((wake) => setTimeout(wake, 25));
  }
}
