import { statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ProfileRecord } from '../../model/profile.ts';
import type { SpaceSettings, TrialRecord } from '../../model/run-record.ts';
import type { ToolExec, ToolTrial } from '../../model/tool.ts';
import { parsePortRange } from '../../observe/environment.ts';
import { startObserver } from '../../observe/observer.ts';
import type { RunningTimeline } from '../../plant/timeline/run-timeline.ts';
import type { NetworkSpace } from '../../process/network-space.ts';
import { runToEnd } from '../../process/run-to-end.ts';
import type { Place, TrialContext } from './trial-context.ts';
import { beginTimeline, endTimeline } from './trial-faults.ts';

/** Run the tool to its end with everything around it watched. */
export async function runObserved(
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
  const saidBefore = sizeOfStderr(dir);
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
    const saidSince = sizeOfStderr(dir);
    if (saidBefore !== undefined && saidSince !== undefined) record.targetStderr = [saidBefore, saidSince];
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

/** Undefined for a target that the harness did not start. */
function sizeOfStderr(dir: string): number | undefined {
  return statSync(join(dir, 'target-stderr.txt'), { throwIfNoEntry: false })?.size;
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
