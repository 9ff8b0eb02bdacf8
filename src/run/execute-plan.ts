import type { Arm, Trial } from '../model/plan.ts';
import type { RunRecord, TrialRecord } from '../model/run-record.ts';
import type { ToolProbe } from '../model/tool.ts';
import type { ProcessSample } from '../observe/process-sampler.ts';
import type { Adapters } from './adapters.ts';
import { executeTrial, type TrialPhase } from './execute-trial.ts';
import { isNoSpaceError } from './full-disk.ts';
import { runProbes } from './run-probes.ts';
import type { RunStore } from './run-store.ts';

/** What happens while a plan is executed, for whoever shows progress. */
export interface RunEvents {
  /** The record grows during the run; the folder is there. */
  onRunStart?(run: RunRecord, runDir: string): void;
  onTrialPhase(trial: Trial, phase: TrialPhase, position: number, total: number): void;
  onTrialEnd(record: TrialRecord): void;
  /** Present where somebody wants to look into trials while they run: it costs CPU time of the machine. */
  watch?: { onProcessSample(trial: Trial, sample: ProcessSample): void };
}

/**
 * Execute every trial of the plan in its order and store the run after each one. A trial that cannot be done is a
 * record with its reason, and the plan goes on; so it does where the run cannot be stored, which is one of its
 * problems then. Returns when all are done or `signal` aborts.
 */
export async function executePlan(
  run: RunRecord,
  store: RunStore,
  adapters: Adapters,
  events: RunEvents,
  signal: AbortSignal,
): Promise<void> {
  const arms = new Map(run.plan.arms.map((arm) => [arm.id, arm]));
  events.onRunStart?.(run, store.dir);
  run.tools = await probeTools(run, adapters);
  saveRun(run, store);
  const total = run.plan.trials.length;
  for (const [index, trial] of run.plan.trials.entries()) {
    if (signal.aborted) break;
    const arm = arms.get(trial.armId)!;
    const skipReason = reasonToSkip(arm, run.tools);
    const record = skipReason
      ? skipTrial(trial, skipReason)
      : await executeTrial(
          {
            trial,
            arm,
            plan: run.plan,
            earlier: run.trials,
            store,
            adapters,
            signal,
            problems: run.problems,
            ...(events.watch
              ? { onProcessSample: (sample) => events.watch?.onProcessSample(trial, sample) }
              : {}),
          },
          (phase) => events.onTrialPhase(trial, phase, index + 1, total),
        );
    run.trials.push(record);
    saveRun(run, store);
    events.onTrialEnd(record);
  }
  await runProbes(run, store, adapters.registry, signal, () => saveRun(run, store));
  run.state = signal.aborted ? 'interrupted' : 'done';
  saveRun(run, store);
}

/** A disk may be full for a while: the next trial's record takes this one along. */
export function saveRun(run: RunRecord, store: RunStore): void {
  try {
    store.write(run);
  } catch (error) {
    const remedy = isNoSpaceError(error) ? '; make room in its folder or choose --out DIR' : '';
    const problem = `run.json could not be written: ${(error as Error).message}${remedy}`;
    if (!run.problems.includes(problem)) run.problems.push(problem);
  }
}

async function probeTools(run: RunRecord, adapters: Adapters): Promise<Record<string, ToolProbe>> {
  const probes: Record<string, ToolProbe> = {};
  for (const name of new Set(run.plan.arms.map((arm) => arm.tool))) {
    try {
      probes[name] = await adapters.findTool(name).probe();
    } catch (error) {
      const reason = `looking for ${name} failed: ${(error as Error).message}`;
      probes[name] = { available: false, reason, remedy: 'run `ssee-bench check`' };
      run.problems.push(reason);
    }
  }
  return probes;
}

function reasonToSkip(arm: Arm, probes: Record<string, ToolProbe>): string | undefined {
  const probe = probes[arm.tool];
  if (probe?.available) return undefined;
  return probe ? `${probe.reason}; ${probe.remedy}` : `no adapter for ${arm.tool}`;
}

function skipTrial(trial: Trial, reason: string): TrialRecord {
  return {
    id: trial.id,
    armId: trial.armId,
    kind: trial.kind,
    round: trial.round,
    state: 'skipped',
    reason,
    startedAt: new Date().toISOString(),
    durationMs: trial.durationMs,
    files: [],
  };
}
