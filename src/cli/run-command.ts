import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { createTcpdumpCapture } from '../capture/tcpdump.ts';
import type { Comparison } from '../model/comparison.ts';
import { UserError } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import type { RunRecord } from '../model/run-record.ts';
import { parseDurationMs } from '../model/units.ts';
import { findUnusableCpus, readAllowedCpus } from '../process/check-cpus.ts';
import { openSpace } from '../process/open-space.ts';
import { describeReaped, openRegistry, reapOrphans } from '../process/process-registry.ts';
import type { OwnGroup } from '../process/read-output-of-group.ts';
import type { Adapters } from '../run/adapters.ts';
import { deriveComparison } from '../run/derive-comparison.ts';
import type { RunEvents } from '../run/execute-plan.ts';
import { runScenario } from '../run/run-scenario.ts';
import { formatScenarioErrors, parseScenario, type Scenario } from '../scenario/parse-scenario.ts';
import { planTrials } from '../scenario/plan-trials.ts';
import { createTargetLauncher } from '../target/launch-target.ts';
import { prepareTarget } from '../target/prepare-target.ts';
import { requireTool } from '../tools/index.ts';
import { emitReports, parseFormats } from './emit-reports.ts';
import { type LiveRun, startLiveRun } from './live/live-run.ts';
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
  /** A port, or true for any free one. */
  live?: string | true;
  liveDuringTrials?: boolean;
}

/** `ssee-bench run SCENARIO`: execute, store, report. Returns the process exit code. */
export async function runCommand(scenarioPath: string, options: RunCommandOptions): Promise<number> {
  const formats = parseFormats(options.format);
  const livePort = parseLivePort(options);
  let live: LiveRun | undefined;
  try {
    const { runDir, run } = await measureScenario(scenarioPath, options, async (plan, scenario) => {
      if (livePort === undefined) return undefined;
      const duringTrials = options.liveDuringTrials === true;
      live = await startLiveRun({ port: livePort, duringTrials, plan, scenario, findTool: requireTool });
      process.stderr.write(
        `live page: ${live.url}${duringTrials ? '' : ' (stands still while a tool measures)'}\n`,
      );
      return live.events;
    });
    return await report(runDir, run, formats, options, live);
  } finally {
    await live?.close();
  }
}

/** Everything that is derived from the run, and the last word of the live page. Returns the exit code. */
async function report(
  runDir: string,
  run: RunRecord,
  formats: readonly string[],
  options: RunCommandOptions,
  live: LiveRun | undefined,
): Promise<number> {
  const derived = deriveComparison(runDir, requireTool, asStored(run));
  const { comparison } = derived;
  const complaints = [
    ...run.problems,
    ...unmetExpectations(run, comparison),
    ...emitReports(runDir, derived, formats, options),
  ];
  for (const line of [...complaints, ...describeSlos(comparison)]) process.stderr.write(`${line}\n`);
  process.stdout.write(`${displayPath(runDir)}\n`);
  await live?.finish({
    sentence: comparison.verdict,
    report: formats.includes('html') ? readIfThere(join(runDir, 'report.html')) : undefined,
    folder: displayPath(runDir),
  });
  return exitCodeOf(run) || (complaints.length > 0 ? 1 : exitCodeOfSlos(comparison));
}

/**
 * Execute a scenario into a fresh run folder, with progress on stderr; reports nothing.
 * @param openOnlooker whoever wants to hear of the run beside the progress; opened before anything is launched
 */
export async function measureScenario(
  scenarioPath: string,
  options: Omit<RunCommandOptions, 'format' | 'quiet'>,
  openOnlooker?: (
    plan: Plan,
    scenario: { name: string; description?: string },
  ) => Promise<RunEvents | undefined>,
): Promise<{ runDir: string; run: RunRecord }> {
  const { scenario, text } = readScenario(scenarioPath);
  const plan = planTrials(scenario, planOptions(scenarioPath, options));
  for (const reaped of reapOrphans()) process.stderr.write(`${describeReaped(reaped)}\n`);
  // Before all that takes time or starts anything: from here on an interrupt ends what runs.
  const registry = openRegistry();
  const interrupt = interruptible({
    killAll: () => registry.killAll(),
    message: 'interrupted: stopping what runs, then reporting what was measured',
  });
  const group = { registry, signal: interrupt.signal };
  try {
    await checkPins(plan);
    await prepareTargets(plan, group);
    const onlooker = await openOnlooker?.(plan, scenario);
    return await executeScenario(
      { plan, scenario, text, path: scenarioPath, outDir: options.out, onlooker },
      group,
    );
  } finally {
    interrupt.release();
    registry.killAll();
    registry.close();
  }
}

async function executeScenario(
  what: {
    plan: Plan;
    scenario: Scenario;
    text: string;
    path: string;
    outDir: string;
    onlooker: RunEvents | undefined;
  },
  { registry, signal }: OwnGroup,
): Promise<{ runDir: string; run: RunRecord }> {
  const { plan, scenario, text, path, outDir, onlooker } = what;
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
        path,
        text,
      },
      outDir,
      adapters,
      events: onlooker ? tellBoth(progress, onlooker) : progress,
      signal,
    });
  } finally {
    progress.stop();
  }
}

/** Progress comes first: what it draws while a tool measures is decided there. */
function tellBoth(progress: RunEvents, onlooker: RunEvents): RunEvents {
  return {
    onRunStart: (run, runDir) => onlooker.onRunStart?.(run, runDir),
    onTrialPhase(...phase) {
      progress.onTrialPhase(...phase);
      onlooker.onTrialPhase(...phase);
    },
    onTrialEnd(record) {
      progress.onTrialEnd(record);
      onlooker.onTrialEnd(record);
    },
    ...(onlooker.watch ? { watch: onlooker.watch } : {}),
  };
}

/** Undefined where no live page is asked for. @throws UserError for what is no port */
function parseLivePort({ live, liveDuringTrials }: RunCommandOptions): number | undefined {
  if (live === undefined) return liveDuringTrials ? 0 : undefined;
  if (live === true) return 0;
  const port = Number(live);
  if (/^\d+$/.test(live) && port <= 65_535) return port;
  throw new UserError(`--live=${live}: give a port from 0 to 65535, or --live alone behind the scenario`);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
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

const UNREADABLE: Record<string, string> = {
  ENOENT: 'no such file',
  EISDIR: 'it is a folder; name a YAML file in it',
  EACCES: 'permission denied; make the file readable for you',
};

/** Read and validate a scenario file. @throws UserError with every error at once */
export function readScenario(path: string): { scenario: Scenario; text: string } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new UserError(`cannot read scenario ${path}: ${UNREADABLE[code] ?? code}`);
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

/**
 * Build or find each distinct target before the first trial, so that no trial pays for it.
 * @throws UserError where one cannot be had, or (exit 130) when interrupted
 */
async function prepareTargets(plan: Plan, group: OwnGroup): Promise<void> {
  const seen = new Set<string>();
  for (const { target } of plan.arms) {
    const key = target.use ?? target.url ?? JSON.stringify(target.command);
    if (seen.has(key)) continue;
    seen.add(key);
    const prepared = await prepareTarget(target, group);
    if (group.signal.aborted) {
      throw new UserError('interrupted while the target was prepared; nothing was measured', 130);
    }
    if (!prepared.ok) throw new UserError(`${prepared.reason}; ${prepared.remedy}`, 1);
    if (prepared.fallbackReason)
      process.stderr.write(`target ${prepared.name}: ${prepared.fallbackReason}\n`);
  }
}

/** @throws UserError (exit 2) for a CPU that is not there, of which taskset would only say so in each trial */
async function checkPins(plan: Plan): Promise<void> {
  const pins = plan.arms.flatMap(({ pin, target, faults }) => [
    ...(pin ?? []).map((cpu) => ({ key: 'load.pin', cpu })),
    ...(target.pin ?? []).map((cpu) => ({ key: 'target.pin', cpu })),
    ...(faults?.burnerPin ?? []).map((cpu) => ({ key: 'faults.burnerPin', cpu })),
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
