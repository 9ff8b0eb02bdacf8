import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ActiveCapture } from '../capture/packet-capture.ts';
import { bareRequest } from '../http/request-variants.ts';
import { UserError } from '../model/errors.ts';
import type { Arm, Faults, Plan, RequestSpec, Trial } from '../model/plan.ts';
import type { ProfileRecord } from '../model/profile.ts';
import type { SpaceSettings, TrialRecord } from '../model/run-record.ts';
import type { ProcessExit, ToolCommand, ToolExec, ToolTrial } from '../model/tool.ts';
import type { CaptureRecord } from '../model/wire.ts';
import { parsePortRange } from '../observe/environment.ts';
import { startObserver } from '../observe/observer.ts';
import type { ProcessSample } from '../observe/process-sampler.ts';
import { openProfiler } from '../observe/profile/open-profiler.ts';
import type { Profiler } from '../observe/profile/profile-session.ts';
import { firstRequestBytes } from '../pcap/read-wire-evidence.ts';
import { type PlantedFaults, plantFaults } from '../plant/plant-faults.ts';
import { PROBE_ADDRESS } from '../plant/timeline/packet-rules.ts';
import { type RunningTimeline, startTimeline } from '../plant/timeline/run-timeline.ts';
import { watchHealth } from '../plant/timeline/watch-health.ts';
import type { NetworkSpace } from '../process/network-space.ts';
import { runToEnd } from '../process/run-to-end.ts';
import { waitForDrain } from '../target/drain.ts';
import { type LaunchedProxy, launchProxy } from '../target/launch-proxy.ts';
import type { Target } from '../target/target-launcher.ts';
import type { Adapters } from './adapters.ts';
import { executeAblation } from './execute-ablation.ts';
import { explainUnusable, normalizeTrial } from './normalize-trial.ts';
import { type RunStore, writeFileAtomically } from './run-store.ts';

export type TrialPhase = 'launching' | 'warming up' | 'probing' | 'measuring' | 'draining';

export interface TrialContext {
  trial: Trial;
  arm: Arm;
  plan: Plan;
  /** Records of the trials before this one. */
  earlier: readonly TrialRecord[];
  store: RunStore;
  adapters: Adapters;
  signal: AbortSignal;
  /** One line is added per thing that went wrong with the harness itself. */
  problems: string[];
  /** Given, the trial can be looked into while it runs, which costs: tools that can write a series do. */
  onProcessSample?: (sample: ProcessSample) => void;
}

/** What a tool shows of itself while it runs, in the trial's folder; there only where somebody follows. */
export const SERIES_FILE = 'series.jsonl';

/** Sockets of a tool that has ended must be gone before the next counter is read. */
const DRAIN_WITHIN_MS = 3000;
/**
 * Long enough for a request and its first events although a busy machine takes half a second to start a program, short
 * enough not to add up over arms.
 */
const PROBE_MS = 1200;
const SCRAPE_TIMEOUT_MS = 3000;
const PROBE_FILE = 'probe.pcap';
/** Resolution of the signals around a fault. */
const SIGNAL_EVERY_MS = 100;
/** Where a bug of the harness says more than fits into a reason. */
const ERROR_FILE = 'harness-error.txt';

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
  return record;
}

/** A proxy that delays nothing until the timeline says so. */
const SWITCHED_DELAY = { use: 'delay', delayMs: 0 } as const;

/** The timeline comes into measured and evidence trials that are long enough for all of it. */
function faultsOf({ faults = {} }: Arm, { durationMs, kind }: Trial): Faults {
  const { timeline, ...constant } = faults;
  const last = timeline?.at(-1);
  const takesPart = kind === 'measured' || kind === 'evidence';
  return last && takesPart && last.atMs + last.forMs < durationMs ? faults : constant;
}

/** The first cause is the reason; what the harness itself did wrong is a problem of the run as well. */
function noteFailure(context: TrialContext, record: TrialRecord, error: unknown): void {
  if (context.signal.aborted && record.state !== 'done') {
    record.reason ??= 'interrupted before it was done';
    return;
  }
  if (error instanceof UserError) {
    fail(record, error.message);
    return;
  }
  const { stack, message } = error instanceof Error ? error : new Error(String(error));
  const [line] = message.split('\n');
  fail(record, `the harness failed: ${line}`);
  context.problems.push(`${record.id}: the harness failed: ${line}`);
  try {
    writeFileSync(join(context.store.trialDir(record.id), ERROR_FILE), `${stack ?? message}\n`, {
      flag: 'a',
    });
  } catch {
    // Where nothing can be written any more the line above has to do.
  }
}

function fail(record: TrialRecord, reason: string): void {
  const first = record.state === 'failed' ? record.reason : undefined;
  record.state = 'failed';
  record.reason = first ?? reason;
}

interface Place {
  dir: string;
  space: NetworkSpace;
  target: Target;
  planted: PlantedFaults;
  /** What tools connect to: the proxy where there is one, the target otherwise. */
  front: { url: string; port: number };
  proxy?: LaunchedProxy;
  /** Of a profile trial. */
  profiler?: Profiler;
}

async function measure(
  context: TrialContext,
  record: TrialRecord,
  place: Place,
  onPhase: (phase: TrialPhase) => void,
): Promise<void> {
  const { trial, arm, plan, adapters, signal } = context;
  const { dir, space, target } = place;
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
    await ablate(context, record, place, toolTrial);
    return;
  }
  if (trial.kind === 'evidence') {
    onPhase('probing');
    record.probe = await probeExchange(context, place, toolTrial);
  }
  await scrapeMetrics(context, place, dir, 'metrics-before.txt');
  const died = watchForDeath(target);
  const saidBefore = sizeOfStderr(dir);
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
  const saidSince = sizeOfStderr(dir);
  if (saidBefore !== undefined && saidSince !== undefined) record.targetStderr = [saidBefore, saidSince];
  record.leftover = await waitForDrain(space, target.port, DRAIN_WITHIN_MS);
  record.target = { ...target.record, ...(record.target?.restarted ? { restarted: true } : {}) };
  if (record.target.restarted) noteLostCounters(context, place);
  else if (died.exit === undefined) await scrapeMetrics(context, place, dir, 'metrics-after.txt');
  concludeTrial(record, record.exit!, died.exit, signal);
}

/** Slices on the one target that the trial has started, each with a variant of the replayed request. */
async function ablate(
  context: TrialContext,
  record: TrialRecord,
  place: Place,
  toolTrial: ToolTrial,
): Promise<void> {
  const { trial, arm, adapters, signal } = context;
  const { dir, space, target, planted } = place;
  const died = watchForDeath(target);
  planted.beforeTool();
  try {
    record.ablation = await executeAblation({
      dir,
      request: readFileSync(toolTrial.replayFile!),
      plan: trial.ablation!,
      signal,
      async runSlice(sliceDir, requestFile) {
        const exec: ToolExec = (command) => {
          record.argv ??= command.argv;
          return runToEnd(command, {
            stdoutFile: join(sliceDir, 'stdout.txt'),
            stderrFile: join(sliceDir, 'stderr.txt'),
            wrap: (argv) => planted.toolSpace.wrap(argv),
            signal,
            registry: adapters.registry,
            ...(arm.pin ? { pin: arm.pin } : {}),
          });
        };
        const slice = { ...toolTrial, dir: sliceDir, replayFile: requestFile };
        const exit = await adapters.findTool(arm.tool).run(slice, exec);
        await waitForDrain(space, target.port, DRAIN_WITHIN_MS);
        return exit;
      },
      scrape: (sliceDir, file) => scrapeMetrics(context, place, sliceDir, file),
    });
  } finally {
    await planted.afterTool();
  }
  const last = record.ablation.slices.at(-1)?.exit;
  if (last) concludeTrial(record, last, died.exit, signal);
}

/** Run the tool to its end with everything around it watched. */
async function runObserved(
  context: TrialContext,
  record: TrialRecord,
  place: Place,
  toolTrial: ToolTrial,
): Promise<void> {
  const { arm, plan, adapters, signal } = context;
  const { dir, space, target, planted } = place;
  let profiles: Promise<ProfileRecord> | undefined;
  let timeline: RunningTimeline | undefined;
  const settings = await readSettings(space);
  planted.beforeTool();
  const observer = startObserver({
    space,
    port: target.port,
    settings,
    everyMs: plan.sampleEveryMs,
    cpus: availableParallelism(),
    ...(target.pid === undefined ? {} : { targetPid: target.pid }),
    ...(arm.pin ? { toolPin: arm.pin } : {}),
    ...(context.onProcessSample ? { onLook: context.onProcessSample } : {}),
    ...(arm.target.pin ? { targetPin: arm.target.pin } : {}),
  });
  const exec: ToolExec = async (command) => {
    record.argv = command.argv;
    return runToEnd(command, {
      stdoutFile: join(dir, 'stdout.txt'),
      stderrFile: join(dir, 'stderr.txt'),
      wrap: (argv) => planted.toolSpace.wrap(argv),
      signal,
      registry: adapters.registry,
      onStart(pid) {
        observer.watchTool(pid);
        planted.atToolStart(target.pid);
        timeline ??= beginTimeline(context, place, observer.watchTarget);
        profiles ??= collectProfiles(context, place);
      },
      ...(arm.pin ? { pin: arm.pin } : {}),
    });
  };
  record.url = toolTrial.url;
  try {
    record.exit = await adapters.findTool(arm.tool).run(toolTrial, exec);
    await endTimeline(context, record, timeline);
    timeline = undefined;
    const observed = observer.stop();
    record.process = observed.process;
    record.kernel = observed.kernel;
    writeFileSync(join(dir, 'samples.json'), `${JSON.stringify(observed.samples)}\n`);
  } finally {
    observer.abandon();
    try {
      await endTimeline(context, record, timeline);
    } finally {
      await planted.afterTool();
    }
  }
  const profile = await profiles;
  if (profile) record.profile = profile;
}

function beginTimeline(
  { arm }: TrialContext,
  { dir, space, target, planted, front, proxy }: Place,
  onRestart: (pid: number) => void,
): RunningTimeline | undefined {
  if (!planted.timeline) return undefined;
  const stage = { target, frontPort: front.port, ...(proxy ? { delayProxy: proxy } : {}), onRestart };
  return startTimeline(planted.timeline, stage, {
    dir,
    startedAtMs: Date.now(),
    writeFile: writeFileAtomically,
    watchHealth: () => watchHealth(space, target.url, arm.target.ready.path),
  });
}

/** A fault that was tried in vain is the harness' failure: what it was to show is not shown. */
async function endTimeline(
  context: TrialContext,
  record: TrialRecord,
  timeline: RunningTimeline | undefined,
): Promise<void> {
  const faults = await timeline?.stop();
  if (faults?.unsaved !== undefined) {
    context.problems.push(
      `${record.id}: faults.json could not be written (${faults.unsaved}); make room in the results folder`,
    );
  }
  for (const { id, kind, state, reason, beganMs } of faults?.injected ?? []) {
    if (state === 'failed') context.problems.push(`${record.id}: the fault ${id} failed: ${reason}`);
    // Also where it failed half-way: the process that counted until then is over, or on its way.
    if (kind === 'restart' && beganMs !== undefined) record.target = { ...record.target!, restarted: true };
  }
}

function collectProfiles({ trial, signal }: TrialContext, place: Place): Promise<ProfileRecord> | undefined {
  const { profiler, dir, space, target } = place;
  if (!profiler || !trial.profile) return undefined;
  return profiler.collect({ plan: trial.profile, targetUrl: target.url, space, dir, signal });
}

/** What limits connections in this space, for rules that hold counts against it. */
async function readSettings(space: NetworkSpace): Promise<SpaceSettings> {
  const [ports, backlog] = await Promise.all([
    space.readSetting('ipv4/ip_local_port_range'),
    space.readSetting('core/somaxconn'),
  ]);
  const somaxconn = Number(backlog ?? Number.NaN);
  return {
    portRange: parsePortRange(ports ?? ''),
    somaxconn: Number.isInteger(somaxconn) ? somaxconn : null,
  };
}

/** State and reason of a trial whose tool has run: the first cause wins. */
function concludeTrial(
  record: TrialRecord,
  exit: ProcessExit,
  targetExit: ProcessExit | undefined,
  signal: AbortSignal,
): void {
  if (signal.aborted) {
    record.state = 'interrupted';
    record.reason = 'interrupted while measuring; figures cover the time until then';
  } else if (targetExit) {
    const how = targetExit.signal ? `by ${targetExit.signal}` : `with exit code ${targetExit.code}`;
    record.state = 'failed';
    record.reason = `the target ended ${how} while it was being measured; see target-stderr.txt in the trial's folder`;
    record.target = {
      ...record.target!,
      died: { code: targetExit.code, signal: targetExit.signal, atMs: Math.round(targetExit.wallMs) },
    };
  } else if (exit.spawnError) {
    record.state = 'failed';
    record.reason = exit.spawnError;
  } else if (exit.unended !== undefined) {
    record.state = 'failed';
    record.reason = `the tool ${exit.unended}`;
  } else if (exit.signal && exit.sent.length === 0) {
    record.state = 'failed';
    record.reason = `the tool was ended by ${exit.signal}, which the harness did not send`;
  } else {
    record.state = 'done';
    delete record.reason;
  }
}

function watchForDeath(target: Target): { exit: ProcessExit | undefined } {
  const seen: { exit: ProcessExit | undefined } = { exit: undefined };
  void target.died.then((exit) => {
    seen.exit = exit;
  });
  return seen;
}

function describeToolTrial(arm: Arm, trial: Trial, front: Place['front'], dir: string): ToolTrial {
  const request = fillPort(arm.request, front.port);
  return {
    url: `${front.url}${request.path}`,
    request,
    stream: arm.stream,
    connections: arm.connections,
    durationMs: trial.durationMs,
    timeoutMs: arm.timeoutMs,
    dir,
    cpus: arm.pin?.length ?? availableParallelism(),
    ...(arm.ratePerConnection === undefined ? {} : { ratePerConnection: arm.ratePerConnection }),
    ...(arm.readBytesPerSec === undefined ? {} : { readBytesPerSec: arm.readBytesPerSec }),
    ...(faultsOf(arm, trial).timeline ? { signalEveryMs: SIGNAL_EVERY_MS } : {}),
  };
}

/** The request with the target's port in place of `${port}`; a path cannot hold the placeholder. */
function fillPort(request: RequestSpec, port: number): RequestSpec {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder as scenarios write it
  const fill = (text: string): string => text.replaceAll('${port}', String(port));
  return {
    ...request,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, fill(value)])),
    ...(request.body === undefined ? {} : { body: fill(request.body) }),
  };
}

/** The request that another arm was seen to send, in a file for ssee-tester to send byte for byte. */
function writeReplayFile(context: TrialContext, { replay, bare }: Arm, dir: string): string | undefined {
  const source = context.earlier.find((record) => record.armId === replay && record.probe?.state === 'done');
  if (source?.probe?.state !== 'done') return undefined;
  const capture = readFileSync(join(context.store.trialDir(source.id), source.probe.file));
  const requestBytes = firstRequestBytes([capture], source.probe.port);
  if (!requestBytes) return undefined;
  const file = join(dir, 'replay-request.bin');
  writeFileSync(file, bare ? bareRequest(requestBytes) : requestBytes);
  return file;
}

/** Every arm meets a target warmed by the same client, whatever its own tool is. Its result is not kept. */
async function warmUp(context: TrialContext, place: Place, toolTrial: ToolTrial): Promise<void> {
  const warmTrial = { ...toolTrial, durationMs: context.plan.warmupMs };
  delete warmTrial.ratePerConnection;
  delete warmTrial.readBytesPerSec;
  delete warmTrial.signalEveryMs;
  await runAside(context, place, 'ssee-tester', warmTrial, 'warmup');
  await waitForDrain(place.space, place.target.port, DRAIN_WITHIN_MS);
}

/** One connection of the arm's own tool with every byte captured: what it really sends. */
async function probeExchange(
  context: TrialContext,
  place: Place,
  toolTrial: ToolTrial,
): Promise<CaptureRecord> {
  if (context.trial.capture === 'off') return { state: 'off', reason: 'capture is off in the scenario' };
  const capture = await startCapture(
    { ...context, trial: { ...context.trial, capture: 'full' } },
    place,
    PROBE_FILE,
    true,
  );
  if (!('stop' in capture)) return capture;
  const single = { ...toolTrial, connections: 1, durationMs: 1000 };
  let record: CaptureRecord;
  try {
    await runAside(context, place, context.arm.tool, single, 'probe', PROBE_MS);
  } finally {
    record = await capture.stop();
  }
  await waitForDrain(place.space, place.target.port, DRAIN_WITHIN_MS);
  return record;
}

/** Run a tool for its effect on the target, in a folder of its own so that no stored output is touched. */
async function runAside(
  context: TrialContext,
  place: Place,
  toolName: string,
  trial: ToolTrial,
  folder: string,
  cutAfterMs?: number,
): Promise<void> {
  const dir = join(place.dir, folder);
  mkdirSync(dir, { recursive: true });
  const exec: ToolExec = (command) =>
    runToEnd(cutAfterMs === undefined ? command : cutShort(command, cutAfterMs), {
      stdoutFile: join(dir, 'stdout.txt'),
      stderrFile: join(dir, 'stderr.txt'),
      wrap: (argv) => place.space.wrap(argv),
      signal: context.signal,
      registry: context.adapters.registry,
    });
  await context.adapters.findTool(toolName).run({ ...trial, dir }, exec);
}

function cutShort(command: ToolCommand, deadlineMs: number): ToolCommand {
  return {
    ...command,
    deadlineMs,
    signals: [
      { signal: 'SIGINT', waitMs: 300 },
      { signal: 'SIGKILL', waitMs: 1000 },
    ],
  };
}

async function startCapture(
  context: TrialContext,
  place: Place,
  file: string,
  immediate: boolean,
): Promise<ActiveCapture | CaptureRecord> {
  const mode = context.trial.capture;
  if (mode === 'off') return { state: 'off', reason: 'capture is off in the scenario' };
  try {
    return await context.adapters.capture.start({
      mode,
      port: place.front.port,
      ...(place.front.port === place.target.port ? {} : { upstreamPort: place.target.port }),
      ...(context.arm.faults?.captureBufferKib === undefined
        ? {}
        : { bufferKib: context.arm.faults.captureBufferKib }),
      ...(place.planted.timeline ? { exceptHost: PROBE_ADDRESS } : {}),
      file: join(place.dir, file),
      space: place.space,
      immediate,
    });
  } catch (error) {
    if (error instanceof UserError) return { state: 'failed', reason: error.message };
    throw error;
  }
}

async function scrapeMetrics(context: TrialContext, place: Place, dir: string, file: string): Promise<void> {
  const path = context.arm.target.metrics;
  if (path === undefined) return;
  try {
    const { status, text } = await place.space.get(`${place.target.url}${path}`, SCRAPE_TIMEOUT_MS);
    if (status === 200) writeFileSync(join(dir, file), text);
    else writeFileSync(join(dir, `${file}.error`), `HTTP status ${status}\n`);
  } catch (error) {
    // A target that cannot answer /metrics under load is a fact about it, not a failure of the trial.
    writeFileSync(join(dir, `${file}.error`), `${(error as Error).message}\n`);
  }
}

/** A new process counts from 0: what the old one counted is gone with it. */
function noteLostCounters({ arm }: TrialContext, { dir }: Place): void {
  if (arm.target.metrics === undefined) return;
  writeFileSync(join(dir, 'metrics-after.txt.error'), 'the target was restarted, and its counters with it\n');
}

/** Undefined for a target that the harness did not start. */
function sizeOfStderr(dir: string): number | undefined {
  return statSync(join(dir, 'target-stderr.txt'), { throwIfNoEntry: false })?.size;
}

function listFiles(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => statSync(join(dir, name)).isFile())
    .sort();
}
