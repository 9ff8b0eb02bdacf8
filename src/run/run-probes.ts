import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ProbeRecord, ProbeSpec } from '../model/claim.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { ProcessExit } from '../model/tool.ts';
import type { ProcessRegistry } from '../process/process-registry.ts';
import { runToEnd } from '../process/run-to-end.ts';
import { lastWords } from '../target/last-words.ts';
import type { RunStore } from './run-store.ts';

/** A probe that started programs of its own can end them. */
const SIGNALS = [
  { signal: 'SIGTERM', waitMs: 2000 },
  { signal: 'SIGKILL', waitMs: 1000 },
] as const;

/**
 * Run the plan's probes one after the other, and `save` after each. What a probe prints is kept in `probes/<name>.txt`;
 * one that fails is a record with its reason.
 */
export async function runProbes(
  run: RunRecord,
  store: RunStore,
  registry: ProcessRegistry,
  signal: AbortSignal,
  save: () => void,
): Promise<void> {
  for (const probe of run.plan.probes ?? []) {
    if (signal.aborted) return;
    const record = await runProbe(probe, store.probesDir(), registry, signal);
    // Half an answer is none.
    if (signal.aborted) return;
    run.probes = { ...run.probes, [probe.name]: record };
    save();
  }
}

async function runProbe(
  { name, command, cwd, withinMs }: ProbeSpec,
  dir: string,
  registry: ProcessRegistry,
  signal: AbortSignal,
): Promise<ProbeRecord> {
  const stdoutFile = join(dir, `${name}.txt`);
  const stderrFile = join(dir, `${name}-stderr.txt`);
  const argv = command as [string, ...string[]];
  const exit = await runToEnd(
    { argv, deadlineMs: withinMs, signals: [...SIGNALS] },
    {
      stdoutFile,
      stderrFile,
      wrap: ([program = '', ...args]) => [program, ...args],
      signal,
      registry,
      dir: cwd,
    },
  );
  const reason = explainFailure(exit, withinMs, stderrFile);
  return reason === undefined
    ? { state: 'done', argv, file: basename(stdoutFile), wallMs: exit.wallMs }
    : { state: 'failed', argv, reason };
}

function explainFailure(exit: ProcessExit, withinMs: number, stderrFile: string): string | undefined {
  if (exit.spawnError !== undefined) return exit.spawnError;
  if (exit.overran) return `it took longer than ${withinMs / 1000} s`;
  if (exit.code === 0) return undefined;
  const words = lastWords(readFileSync(stderrFile, 'utf8'));
  return `it ended with ${exit.signal ?? `code ${exit.code}`}${words === '' ? '' : `: ${words}`}`;
}
