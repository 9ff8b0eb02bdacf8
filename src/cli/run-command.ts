import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { createTcpdumpCapture } from '../capture/tcpdump.ts';
import type { Comparison } from '../model/comparison.ts';
import { UserError } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import type { RunRecord } from '../model/run-record.ts';
import { parseDurationMs } from '../model/units.ts';
import { findUnusableCpus, readAllowedCpus } from '../process/check-cpus.ts';
import { openSpace } from '../process/open-space.ts';
import { describeReaped, openRegistry, reapOrphans } from '../process/process-registry.ts';
import type { Adapters } from '../run/adapters.ts';
import { deriveComparison } from '../run/derive-comparison.ts';
import { runScenario } from '../run/run-scenario.ts';
import { formatScenarioErrors, parseScenario, type Scenario } from '../scenario/parse-scenario.ts';
import { planTrials } from '../scenario/plan-trials.ts';
import { createTargetLauncher } from '../target/launch-target.ts';
import { prepareTarget } from '../target/prepare-target.ts';
import { requireTool } from '../tools/index.ts';
import { emitReports, parseFormats } from './emit-reports.ts';
import { showProgress } from './progress.ts';
import { interruptible } from './signals.ts';

export interface RunCommandOptions {
  out: string;
  tools?: string;
  rounds?: string;
  duration?: string;
  connections?: string;
  format: string;
  allowRemote?: string[];
  quiet?: boolean;
}

/** `ssee-bench run SCENARIO`: execute, store, report. Returns the process exit code. */
export async function runCommand(scenarioPath: string, options: RunCommandOptions): Promise<number> {
  const formats = parseFormats(options.format);
  const { runDir, run } = await measureScenario(scenarioPath, options);
  const derived = deriveComparison(runDir, requireTool, asStored(run));
  const { comparison } = derived;
  const complaints = [
    ...run.problems,
    ...unmetExpectations(run, comparison),
    ...emitReports(runDir, derived, formats, options),
  ];
  for (const line of [...complaints, ...describeSlos(comparison)]) process.stderr.write(`${line}\n`);
  process.stdout.write(`${displayPath(runDir)}\n`);
  return exitCodeOf(run) || (complaints.length > 0 ? 1 : exitCodeOfSlos(comparison));
}

/** Execute a scenario into a fresh run folder, with progress on stderr; reports nothing. */
export async function measureScenario(
  scenarioPath: string,
  options: Omit<RunCommandOptions, 'format' | 'quiet'>,
): Promise<{ runDir: string; run: RunRecord }> {
  const { scenario, text } = readScenario(scenarioPath);
  const plan = planTrials(scenario, planOptions(scenarioPath, options));
  for (const reaped of reapOrphans()) process.stderr.write(`${describeReaped(reaped)}\n`);
  await checkPins(plan);
  await prepareTargets(plan);

  const registry = openRegistry();
  const interrupt = interruptible({
    killAll: () => registry.killAll(),
    message: 'interrupted: stopping what runs, then reporting what was measured',
  });
  const progress = showProgress(process.stderr);
  const adapters: Adapters = {
    findTool: requireTool,
    launcher: createTargetLauncher({ registry }),
    capture: createTcpdumpCapture({ registry }),
    openSpace: (target) => openSpace({ registry, shared: target.url !== undefined }),
    registry,
  };
  try {
    return await runScenario({
      plan,
      scenario: {
        name: scenario.name,
        ...(scenario.description ? { description: scenario.description } : {}),
        path: scenarioPath,
        text,
      },
      outDir: options.out,
      adapters,
      events: progress,
      signal: interrupt.signal,
    });
  } finally {
    progress.stop();
    interrupt.release();
    registry.killAll();
    registry.close();
  }
}

/** One line per promise that was not kept, at its place in the scenario. */
function describeSlos({ slo }: Comparison): string[] {
  return slo.flatMap(({ verdict, file, line, column, sentence }) =>
    verdict === 'met'
      ? []
      : [`${file}:${line}:${column}: SLO ${verdict === 'broken' ? 'broken' : 'not judged'}: ${sentence}`],
  );
}

/** 3 when a promise is broken, 4 when one could not be judged. */
function exitCodeOfSlos({ slo }: Comparison): number {
  if (slo.some(({ verdict }) => verdict === 'broken')) return 3;
  return slo.some(({ verdict }) => verdict === 'unknown') ? 4 : 0;
}

/** The record as `report` will read it. It is not read back, because a full disk may have kept it from being stored. */
function asStored(run: RunRecord): RunRecord {
  return JSON.parse(JSON.stringify(run)) as RunRecord;
}

/** Read and validate a scenario file. @throws UserError with every error at once */
export function readScenario(path: string): { scenario: Scenario; text: string } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UserError(`cannot read scenario ${path}: ${code === 'ENOENT' ? 'no such file' : code}`);
  }
  const parsed = parseScenario(text, path);
  if ('errors' in parsed) throw new UserError(formatScenarioErrors(parsed.errors));
  return { scenario: parsed.scenario, text };
}

function planOptions(
  scenarioPath: string,
  options: Omit<RunCommandOptions, 'format' | 'quiet'>,
): Parameters<typeof planTrials>[1] {
  return {
    scenarioDir: dirname(resolve(scenarioPath)),
    ...(options.tools === undefined ? {} : { tools: options.tools.split(',').map((name) => name.trim()) }),
    ...(options.rounds === undefined ? {} : { rounds: positiveInteger('--rounds', options.rounds) }),
    ...(options.connections === undefined
      ? {}
      : { connections: positiveInteger('--connections', options.connections) }),
    ...(options.duration === undefined ? {} : { durationMs: duration('--duration', options.duration) }),
    ...(options.allowRemote ? { allowRemote: options.allowRemote } : {}),
  };
}

function positiveInteger(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UserError(`${option} ${text}: give a whole number from 1`);
  return value;
}

function duration(option: string, text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined || ms <= 0)
    throw new UserError(`${option} ${text}: give a duration such as 5s or 500ms`);
  return ms;
}

/** Build or find each distinct target before the first trial, so that no trial pays for it. */
async function prepareTargets(plan: Plan): Promise<void> {
  const seen = new Set<string>();
  for (const { target } of plan.arms) {
    const key = target.use ?? target.url ?? JSON.stringify(target.command);
    if (seen.has(key)) continue;
    seen.add(key);
    const prepared = await prepareTarget(target);
    if (!prepared.ok) throw new UserError(`${prepared.reason}; ${prepared.remedy}`, 1);
    if (prepared.fallbackReason)
      process.stderr.write(`target ${prepared.name}: ${prepared.fallbackReason}\n`);
  }
}

/** @throws UserError (exit 2) for a CPU that is not there, of which taskset would only say so in each trial */
async function checkPins(plan: Plan): Promise<void> {
  const pins = plan.arms.flatMap(({ pin, target }) => [
    ...(pin ?? []).map((cpu) => ({ key: 'load.pin', cpu })),
    ...(target.pin ?? []).map((cpu) => ({ key: 'target.pin', cpu })),
  ]);
  const unusable = new Set(await findUnusableCpus(new Set(pins.map(({ cpu }) => cpu))));
  const first = pins.find(({ cpu }) => unusable.has(cpu));
  if (!first) return;
  throw new UserError(
    `${first.key} names CPU ${first.cpu}, which this process may not use; it has ${readAllowedCpus()}`,
  );
}

/** One line per measured arm whose rank 1 finding is not the one that the scenario's author planted. */
function unmetExpectations(run: RunRecord, comparison: Comparison): string[] {
  const expected = run.plan.expect?.finding;
  if (expected === undefined) return [];
  return comparison.arms
    .filter((arm) => arm.findings.length > 0 && arm.findings[0]?.code !== expected)
    .map((arm) => `${arm.id}: expected ${expected} as its first finding, got ${arm.findings[0]?.code}`);
}

/** 130 interrupted, 1 a trial failed or nothing was measured, else 0. */
function exitCodeOf(run: RunRecord): number {
  if (run.state === 'interrupted') return 130;
  const measured = run.trials.filter((trial) => trial.kind === 'measured');
  if (run.trials.some((trial) => trial.state === 'failed')) return 1;
  return measured.some((trial) => trial.state === 'done') ? 0 : 1;
}

/** Relative to where the user stands when it is below, absolute otherwise. */
export function displayPath(path: string): string {
  const relativePath = relative(process.cwd(), path);
  return relativePath.startsWith('..') || isAbsolute(relativePath) ? path : relativePath;
}
