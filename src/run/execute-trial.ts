import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TrialRecord } from '../model/run-record.ts';
import { openProfiler } from '../observe/profile/open-profiler.ts';
import type { Profiler } from '../observe/profile/profile-session.ts';
import { type PlantedFaults, plantFaults } from '../plant/plant-faults.ts';
import type { NetworkSpace } from '../process/network-space.ts';
import { type LaunchedProxy, launchProxy } from '../target/launch-proxy.ts';
import type { Target } from '../target/target-launcher.ts';
import { explainUnusable, normalizeTrial } from './normalize-trial.ts';
import { ablateTarget } from './trial/ablate-target.ts';
import { blameFullDisk, concludeTrial, fail, noteFailure, watchForDeath } from './trial/conclude-trial.ts';
import { describeToolTrial } from './trial/describe-tool-trial.ts';
import { drainTarget } from './trial/drain-target.ts';
import { probeExchange, warmUp } from './trial/run-aside.ts';
import { runObserved } from './trial/run-observed.ts';
import { noteLostCounters, scrapeMetrics } from './trial/scrape-metrics.ts';
import { startCapture } from './trial/start-capture.ts';
import type { Place, TrialContext } from './trial/trial-context.ts';
import { faultsOf } from './trial/trial-faults.ts';
import { writeReplayFile } from './trial/write-replay-file.ts';

/** Where a trial is, for progress. */
export type TrialPhase = 'launching' | 'warming up' | 'probing' | 'measuring' | 'draining';

/** What a tool shows of itself while it runs, in the trial's folder; there only where somebody follows. */
export const SERIES_FILE = 'series.jsonl';

/**
 * One trial from an empty namespace to an empty namespace: launch, warm up, (probe), measure, drain, stop.
 * Resolves with a record whatever goes wrong: with the target, the tool, the capture or the harness itself.
 */
export async function executeTrial(
  context: TrialContext,
  onPhase: (phase: TrialPhase) => void,
): Promise<TrialRecord> {
  const { trial, arm, store, adapters, signal } = context;
  const record: TrialRecord = {
    id: trial.id,
    armId: trial.armId,
    kind: trial.kind,
    round: trial.round,
    state: 'failed',
    startedAt: new Date().toISOString(),
    durationMs: trial.durationMs,
    files: [],
  };
  let space: NetworkSpace | undefined;
  let planted: PlantedFaults | undefined;
  let target: Target | undefined;
  let proxy: LaunchedProxy | undefined;
  let profiler: Profiler | undefined;
  /** Each step whatever became of the one before: nothing may be left running or unsaid. */
  const attempt = async (step: () => Promise<unknown> | unknown): Promise<void> => {
    try {
      await step();
    } catch (error) {
      noteFailure(context, record, error);
    }
  };
  await attempt(async () => {
    onPhase('launching');
    const dir = store.trialDir(trial.id);
    space = await adapters.openSpace(arm.target);
    const { registry } = adapters;
    const { cpuLimit, proxy: proxySpec } = arm.target;
    planted = await plantFaults({
      faults: faultsOf(arm, trial),
      dir,
      ...(cpuLimit === undefined ? {} : { targetCpuLimit: cpuLimit }),
      space,
      registry,
      signal,
    });
    if (trial.profile) profiler = await openProfiler(arm.target);
    const profiling = profiler ? { profiling: { env: profiler.env } } : {};
    const { targetSpace } = planted;
    target = await adapters.launcher.launch({
      spec: arm.target,
      space: targetSpace,
      dir,
      signal,
      ...profiling,
    });
    record.target = target.record;
    const front = proxySpec ?? (planted.timeline?.needsDelayProxy ? SWITCHED_DELAY : undefined);
    if (front) {
      proxy = await launchProxy({ spec: front, targetPort: target.port, space, dir, registry, signal });
    }
    const place = {
      dir,
      space,
      target,
      planted,
      front: proxy ?? target,
      ...(proxy ? { proxy } : {}),
      ...(profiler ? { profiler } : {}),
    };
    await measure(context, record, place, onPhase);
  });
  await attempt(() => proxy?.stop());
  await attempt(() => target?.stop());
  await attempt(() => planted?.clear());
  await attempt(() => profiler?.close());
  await attempt(() => space?.close());
  if (signal.aborted && record.state !== 'done') record.state = 'interrupted';
  await attempt(() => {
    record.files = listFiles(store.trialDir(trial.id));
    // What its slices say is read when the run is: none of them is the trial's own result.
    if (record.state !== 'done' || trial.ablation) return;
    const result = normalizeTrial(store.dir, arm, record, adapters.findTool(arm.tool));
    const reason = explainUnusable(result, arm, record);
    if (reason !== undefined) fail(record, reason);
  });
  blameFullDisk(context, record);
  return record;
}

/** A proxy that delays nothing until the timeline says so. */
const SWITCHED_DELAY = { use: 'delay', delayMs: 0 } as const;

async function measure(
  context: TrialContext,
  record: TrialRecord,
  place: Place,
  onPhase: (phase: TrialPhase) => void,
): Promise<void> {
  const { trial, arm, plan, adapters, signal } = context;
  const { dir, target } = place;
  const tool = adapters.findTool(arm.tool);
  const toolTrial = describeToolTrial(arm, trial, place.front, dir);
  if (arm.replay !== undefined) {
    const file = writeReplayFile(context, arm, dir);
    if (file === undefined) {
      record.state = 'skipped';
      record.reason = `the request of ${arm.replay} was not captured, so there is nothing to replay`;
      return;
    }
    toolTrial.replayFile = file;
  }
  const refusal = tool.refuses?.(toolTrial);
  if (refusal) {
    record.state = 'skipped';
    record.reason = refusal;
    return;
  }
  if (plan.warmupMs > 0) {
    onPhase('warming up');
    await warmUp(context, place, toolTrial);
  }
  if (trial.ablation) {
    onPhase('measuring');
    await ablateTarget(context, record, place, toolTrial);
    return;
  }
  if (trial.kind === 'evidence') {
    onPhase('probing');
    record.probe = await probeExchange(context, place, toolTrial);
  }
  await scrapeMetrics(context, place, dir, 'metrics-before.txt');
  const died = watchForDeath(target);
  const capture =
    trial.capture === 'off' ? undefined : await startCapture(context, place, 'capture.pcap', false);
  try {
    onPhase('measuring');
    const followed = context.onProcessSample ? { seriesFile: join(dir, SERIES_FILE) } : {};
    await runObserved(context, record, place, { ...toolTrial, ...followed });
  } finally {
    onPhase('draining');
    if (capture) record.capture = 'stop' in capture ? await capture.stop() : capture;
  }
  record.leftover = await drainTarget(place);
  record.target = { ...target.record, ...(record.target?.restarted ? { restarted: true } : {}) };
  if (record.target.restarted) noteLostCounters(context, place);
  else if (died.exit === undefined) await scrapeMetrics(context, place, dir, 'metrics-after.txt');
  concludeTrial(record, record.exit!, died.exit, signal);
}

function listFiles(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => statSync(join(dir, name)).isFile())
    .sort();
}
