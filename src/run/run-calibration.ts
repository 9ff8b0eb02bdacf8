import { judgePlainReport } from '../evidence/judge-plain-report.ts';
import { judgePublished } from '../evidence/judge-published.ts';
import { readTargetCounters } from '../evidence/target-counters.ts';
import type {
  Behaviour,
  Calibration,
  CalibrationCell,
  CalibrationLayer,
  CalibrationTool,
} from '../model/calibration.ts';
import type { TargetCounters } from '../model/evidence.ts';
import type { Arm, Plan, Trial } from '../model/plan.ts';
import type { RunRecord, TrialRecord } from '../model/run-record.ts';
import type { ToolProbe } from '../model/tool.ts';
import { readEnvironment } from '../observe/environment.ts';
import { probeIsolation } from '../process/open-space.ts';
import type { TypedTool } from '../tools/typed-tool.ts';
import type { Adapters } from './adapters.ts';
import { type DerivedArm, deriveComparison } from './derive-comparison.ts';
import { saveRun } from './execute-plan.ts';
import { executeTrial } from './execute-trial.ts';
import { readToolOutput } from './normalize-trial.ts';
import { cannotWriteResults, createRunStore, type RunStore, readTrialText } from './run-store.ts';
import { HARNESS_VERSION } from './version.ts';

/**
 * The same for every cell. Few connections, because it is not about speed; the timeout is the shortest that all tools
 * can be given, and fits twice into the duration.
 */
const LOAD = { connections: 4, durationMs: 2000, timeoutMs: 1000 } as const;

/**
 * Trials at a time where each has a network namespace of its own. What they say does not depend on their speed, and
 * most of them wait; still, the timeouts must hold on a machine of two CPUs. On a shared loopback they take turns.
 */
const AT_ONCE = 4;

export interface CalibrationRequest {
  /** Names of adapters, in the order of the columns. */
  tools: readonly string[];
  behaviours: readonly Behaviour[];
  outDir: string;
  adapters: Adapters;
  requireTypedTool(name: string): TypedTool;
  onProgress(done: number, total: number, trial: string): void;
  signal: AbortSignal;
}

/** One trial to be executed: a cell in one of its two layers. */
interface Job {
  layer: 'raw' | 'normalized';
  arm: Arm;
  trial: Trial;
}

/**
 * Every tool against every behaviour, once as a person types it and once by its adapter, then judged. The folder can
 * be read by `report` as the run of the adapters' trials that it is.
 * @throws UserError when the results folder cannot be written; nothing has been launched then
 */
export async function runCalibration(
  request: CalibrationRequest,
): Promise<{ runDir: string; calibration: Calibration }> {
  const { adapters, behaviours, signal } = request;
  const isolation = await probeIsolation(adapters.registry);
  const startedAt = new Date();
  const store = createRunStore(request.outDir, 'calibration', startedAt);
  const probes = await probeTools(request);
  const arms = behaviours.flatMap((behaviour) => request.tools.map((tool) => planArm(tool, behaviour)));
  const jobs = arms.filter((arm) => probes[arm.tool]?.available).flatMap(planJobs);
  const run: RunRecord = {
    schema: 'ssee-bench/run/1',
    harnessVersion: HARNESS_VERSION,
    scenario: { name: 'calibration', path: 'calibrate', sha256: '' },
    plan: planOf(
      arms,
      jobs.filter(({ layer }) => layer === 'normalized'),
    ),
    environment: { ...readEnvironment(), namespaces: isolation.available },
    startedAt: startedAt.toISOString(),
    state: 'running',
    problems: [],
    tools: probes,
    trials: [],
  };
  try {
    store.write(run);
  } catch (error) {
    throw cannotWriteResults(store.dir, error);
  }
  const typed = await executeJobs(request, jobs, run, store, isolation.available ? AT_ONCE : 1);
  run.state = signal.aborted ? 'interrupted' : 'done';
  saveRun(run, store);

  const published = new Map(
    deriveComparison(store.dir, adapters.findTool, run).arms.map((derived) => [derived.arm.id, derived]),
  );
  const cells = arms.map((arm): CalibrationCell => {
    const behaviour = behaviours.find(({ id }) => id === arm.variant)!;
    return {
      tool: arm.tool,
      behaviour: behaviour.id,
      raw: judgeTyped(store.dir, behaviour, arm, typed.get(arm.id), request, probes[arm.tool]),
      normalized: judgeDerived(behaviour, published.get(arm.id)!, probes[arm.tool]),
    };
  });
  return {
    runDir: store.dir,
    calibration: {
      schema: 'ssee-bench/calibration/1',
      harnessVersion: HARNESS_VERSION,
      startedAt: run.startedAt,
      state: signal.aborted ? 'interrupted' : 'done',
      environment: run.environment,
      load: LOAD,
      tools: request.tools.map((name) => describeTool(name, probes[name])),
      behaviours: [...behaviours],
      cells,
      problems: run.problems,
    },
  };
}

async function probeTools({ tools, adapters }: CalibrationRequest): Promise<Record<string, ToolProbe>> {
  const probes: Record<string, ToolProbe> = {};
  for (const name of tools) probes[name] = await adapters.findTool(name).probe();
  return probes;
}

function describeTool(name: string, probe: ToolProbe | undefined): CalibrationTool {
  return probe?.available
    ? { name, version: probe.version, missing: null }
    : { name, version: null, missing: explainMissing(probe) };
}

function explainMissing(probe: ToolProbe | undefined): string {
  return probe && !probe.available ? `${probe.reason}; ${probe.remedy}` : 'not looked for';
}

function planArm(tool: string, behaviour: Behaviour): Arm {
  const { use, args, metrics } = behaviour.target;
  return {
    id: `${tool}@${behaviour.id}`,
    tool,
    variant: behaviour.id,
    target: {
      use,
      args,
      env: {},
      cwd: process.cwd(),
      ready: { withinMs: 20_000 },
      ...(metrics === undefined ? {} : { metrics }),
    },
    request: { method: 'GET', path: behaviour.path, headers: { Accept: 'text/event-stream' } },
    stream: behaviour.stream,
    ...LOAD,
  };
}

function planJobs(arm: Arm): Job[] {
  const trial: Omit<Trial, 'id'> = {
    armId: arm.id,
    kind: 'measured',
    round: 1,
    durationMs: arm.durationMs,
    capture: 'off',
  };
  return [
    { layer: 'raw', arm, trial: { ...trial, id: `typed-${arm.id}` } },
    { layer: 'normalized', arm, trial: { ...trial, id: `r1-${arm.id}` } },
  ];
}

function planOf(arms: Arm[], jobs: readonly Job[]): Plan {
  return {
    arms,
    trials: jobs.map(({ trial }) => trial),
    warmupMs: 0,
    rounds: 1,
    sampleEveryMs: 100,
    allowRemote: [],
  };
}

/** @returns the records of the tools as typed, by arm; those of the adapters go into the run */
async function executeJobs(
  request: CalibrationRequest,
  jobs: readonly Job[],
  run: RunRecord,
  store: RunStore,
  atOnce: number,
): Promise<Map<string, TrialRecord>> {
  const typed = new Map<string, TrialRecord>();
  const waiting = [...jobs];
  let done = 0;
  async function work(): Promise<void> {
    for (let job = waiting.shift(); job && !request.signal.aborted; job = waiting.shift()) {
      const record = await executeJob(request, job, run, store);
      if (job.layer === 'raw') typed.set(job.arm.id, record);
      else run.trials.push(record);
      saveRun(run, store);
      done++;
      request.onProgress(done, jobs.length, job.trial.id);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  return typed;
}

function executeJob(
  { adapters, requireTypedTool, signal }: CalibrationRequest,
  { layer, arm, trial }: Job,
  run: RunRecord,
  store: RunStore,
): Promise<TrialRecord> {
  return executeTrial(
    {
      trial,
      arm,
      plan: run.plan,
      earlier: [],
      store,
      adapters:
        layer === 'normalized' ? adapters : { ...adapters, findTool: (name) => asTyped(adapters, name) },
      signal,
      problems: run.problems,
    },
    () => {},
  );

  /** The adapter with the command line of a person, whose output only a person reads. */
  function asTyped({ findTool }: Adapters, name: string): ReturnType<Adapters['findTool']> {
    const { refuses: _, ...tool } = findTool(name);
    return {
      ...tool,
      outputFiles: [],
      run: (toolTrial, exec) => exec(requireTypedTool(name).command(toolTrial)),
      normalize: () => ({ metrics: {}, outcomes: {}, caveats: [] }),
    };
  }
}

function judgeTyped(
  runDir: string,
  behaviour: Behaviour,
  arm: Arm,
  record: TrialRecord | undefined,
  request: CalibrationRequest,
  probe: ToolProbe | undefined,
): CalibrationLayer {
  if (record?.state !== 'done' || !record.exit) return notRun(record, probe);
  const reading = request.requireTypedTool(arm.tool).read(readToolOutput(runDir, record, []));
  const server = readServer(runDir, record);
  return {
    state: 'judged',
    ...judgePlainReport(behaviour, reading, server, arm.connections),
    trial: record.id,
    argv: record.argv ?? [],
    server: server ?? null,
  };
}

function readServer(runDir: string, record: TrialRecord): TargetCounters | undefined {
  const read = (name: string): string | undefined =>
    record.files.includes(name) ? readTrialText(runDir, record, name) : undefined;
  return readTargetCounters(read('metrics-before.txt'), read('metrics-after.txt'));
}

/** A result that is of no use is a result: then nothing is published, and that is what is judged. */
function judgeDerived(
  behaviour: Behaviour,
  { arm, evidence, records }: DerivedArm,
  probe: ToolProbe | undefined,
): CalibrationLayer {
  const [record] = records;
  const [trial] = evidence?.trials ?? [];
  const stands = record?.state === 'done' || (record?.state === 'failed' && !record.target?.died);
  if (!record || !trial || !stands) return notRun(record, probe);
  return {
    state: 'judged',
    ...judgePublished(behaviour, trial, arm.connections),
    trial: record.id,
    argv: record.argv ?? [],
    server: trial.truth ?? null,
  };
}

function notRun(record: TrialRecord | undefined, probe: ToolProbe | undefined): CalibrationLayer {
  if (!probe?.available) return { state: 'not-run', reason: explainMissing(probe) };
  return { state: 'not-run', reason: record?.reason ?? 'interrupted before it was done' };
}
