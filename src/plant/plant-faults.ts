import { UserError } from '../model/errors.ts';
import type { Faults } from '../model/plan.ts';
import { findExecutable } from '../process/find-executable.ts';
import type { NetworkSpace } from '../process/network-space.ts';
import { signalProcess } from '../process/process-family.ts';
import type { ProcessRegistry } from '../process/process-registry.ts';
import { runToEnd } from '../process/run-to-end.ts';
import { type RunningProcess, startProcess } from '../process/start-process.ts';
import { type ControlGroup, type Controller, makeControlGroup } from './control-group.ts';
import { type PreparedTimeline, prepareTimeline } from './timeline/prepare-timeline.ts';

/** What is planted for one trial. Everything is undone by `clear`. */
export interface PlantedFaults {
  /** The space as the target is to be started in. */
  targetSpace: NetworkSpace;
  /** The space as the measured tool is to be started in. */
  toolSpace: NetworkSpace;
  /** The tool is about to start: programs that disturb from outside. */
  beforeTool(): void;
  /** The tool runs: what happens at a time of its own. @param targetPid leader of the target's process group */
  atToolStart(targetPid: number | undefined): void;
  /** The tool has ended. */
  afterTool(): Promise<void>;
  /** Faults that come and go; absent without. */
  timeline?: PreparedTimeline;
  /** After the target has been stopped. */
  clear(): Promise<void>;
}

export interface PlantRequest {
  faults: Faults;
  /** Quota of the target in percent of one CPU. */
  targetCpuLimit?: number;
  space: NetworkSpace;
  registry: ProcessRegistry;
  signal: AbortSignal;
  /** Absolute folder of the trial. */
  dir: string;
}

/** A burner that its harness has lost ends by itself. */
const BURN_AT_MOST_S = 120;
/** First port of a narrowed range: outside the default one, so that the harness' own sockets are none of it. */
const FIRST_PORT = 20_000;

/**
 * Plant the faults of a scenario before the target is launched.
 * @throws UserError naming what is missing: a network namespace, root, nft, prlimit
 */
export async function plantFaults(request: PlantRequest): Promise<PlantedFaults> {
  const { faults, space, registry } = request;
  const groups: ControlGroup[] = [];
  const makeGroup = (controllers: readonly Controller[]): ControlGroup => {
    const group = makeControlGroup(controllers, registry);
    groups.push(group);
    return group;
  };
  const limitCpu = (percent: number | undefined): ControlGroup | undefined => {
    if (percent === undefined) return undefined;
    const group = makeGroup(['cpu']);
    group.setCpu(percent);
    return group;
  };
  const clearGroups = (): void => {
    for (const group of groups.splice(0)) group.remove();
  };
  const timers: NodeJS.Timeout[] = [];
  const burners: RunningProcess[] = [];
  let pausedPid: number | undefined;
  const goOn = (): void => {
    if (pausedPid !== undefined) signalProcess(-pausedPid, 'SIGCONT');
    pausedPid = undefined;
  };
  const stopTimers = (): void => {
    for (const timer of timers.splice(0)) clearTimeout(timer);
    goOn();
  };
  try {
    await changeNetwork(request);
    const target = faults.timeline
      ? makeTimedGroup(faults.timeline, request.targetCpuLimit, makeGroup)
      : { group: limitCpu(request.targetCpuLimit) };
    const toolGroup = limitCpu(faults.toolCpuLimit);
    const timeline = faults.timeline && 'cpu' in target ? await openTimeline(request, target) : undefined;
    const targetSpace = confine(space, target.group, faults.targetOpenFiles);
    return {
      ...(timeline ? { timeline } : {}),
      targetSpace: timeline
        ? { ...targetSpace, wrap: (argv) => targetSpace.wrap(timeline.wrapTarget(argv)) }
        : targetSpace,
      toolSpace: confine(space, toolGroup, faults.toolOpenFiles),
      beforeTool() {
        for (let index = 0; index < (faults.burners ?? 0); index++) {
          burners.push(startBurner(registry, faults.burnerPin));
        }
      },
      atToolStart(targetPid) {
        const { pause } = faults;
        if (!pause || targetPid === undefined) return;
        timers.push(
          setTimeout(() => {
            pausedPid = targetPid;
            signalProcess(-targetPid, 'SIGSTOP');
          }, pause.afterMs),
          setTimeout(goOn, pause.afterMs + pause.lengthMs),
        );
      },
      async afterTool() {
        stopTimers();
        await Promise.all(
          burners.splice(0).map((burner) => burner.stop([{ signal: 'SIGKILL', waitMs: 1000 }])),
        );
      },
      async clear() {
        stopTimers();
        await timeline?.close();
        clearGroups();
      },
    };
  } catch (error) {
    clearGroups();
    throw error;
  }
}

type Limited = ControlGroup | { skip: string };

/**
 * One group for every limit of the target that comes and goes: a process is in one group of the second generation only.
 * Where not all can be had, each is tried alone.
 * @throws UserError where the quota for all the time cannot be had
 */
function makeTimedGroup(
  timeline: NonNullable<Faults['timeline']>,
  targetCpuLimit: number | undefined,
  makeGroup: (controllers: readonly Controller[]) => ControlGroup,
): { group: ControlGroup | undefined; cpu: Limited; io: Limited } {
  const unasked = { skip: 'nobody asked for it' };
  const wanted: Controller[] = [];
  if (targetCpuLimit !== undefined || timeline.some(({ kind }) => kind === 'cpu')) wanted.push('cpu');
  if (timeline.some(({ kind }) => kind === 'disk')) wanted.push('io');
  if (wanted.length === 0) return { group: undefined, cpu: unasked, io: unasked };
  const reasons: Partial<Record<Controller, string>> = {};
  for (const controllers of [wanted, ...(wanted.length > 1 ? wanted.map((one) => [one]) : [])]) {
    try {
      const group = makeGroup(controllers);
      if (targetCpuLimit !== undefined && controllers.includes('cpu')) group.setCpu(targetCpuLimit);
      const has = (controller: Controller): Limited =>
        controllers.includes(controller) ? group : { skip: reasons[controller] ?? unasked.skip };
      return { group, cpu: has('cpu'), io: has('io') };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (targetCpuLimit !== undefined && controllers.length === 1 && controllers[0] === 'cpu') throw error;
      for (const controller of controllers) reasons[controller] = error.message;
    }
  }
  const none = (controller: Controller): Limited => ({ skip: reasons[controller] ?? unasked.skip });
  return { group: undefined, cpu: none('cpu'), io: none('io') };
}

function openTimeline(
  { faults, space, registry, dir, targetCpuLimit }: PlantRequest,
  { cpu, io }: { cpu: Limited; io: Limited },
): Promise<PreparedTimeline> {
  return prepareTimeline({
    faults: faults.timeline!,
    space,
    registry,
    dir,
    cpuGroup: cpu,
    ioGroup: io,
    ...(targetCpuLimit === undefined ? {} : { targetCpuLimit }),
  });
}

async function changeNetwork({ faults, space, registry, signal }: PlantRequest): Promise<void> {
  const { loss, ports, backlog } = faults;
  if (loss === undefined && ports === undefined && backlog === undefined) return;
  if (!space.isolated) {
    throw new UserError('faults loss, ports and backlog need a network namespace of their own (root)', 1);
  }
  if (ports !== undefined) {
    await space.writeSetting('ipv4/ip_local_port_range', `${FIRST_PORT} ${FIRST_PORT + ports - 1}`);
    // On loopback the kernel gives ports in TIME_WAIT away again after a second, which hides that there are too few.
    await space.writeSetting('ipv4/tcp_tw_reuse', '0');
  }
  if (backlog !== undefined) await space.writeSetting('core/somaxconn', String(backlog));
  if (loss !== undefined) await dropPackets(loss, space, registry, signal);
}

/** Random drops of what comes in on loopback: behind the tap, so that a capture shows what was lost and sent again. */
async function dropPackets(
  share: number,
  space: NetworkSpace,
  registry: ProcessRegistry,
  signal: AbortSignal,
): Promise<void> {
  const nft = findExecutable('nft');
  if (nft === undefined) throw new UserError('faults loss needs nft; install nftables', 1);
  const limit = Math.round(share * 100_000);
  const rules = [
    'add table inet ssee',
    'add chain inet ssee input { type filter hook input priority 0 ; }',
    `add rule inet ssee input meta l4proto tcp numgen random mod 100000 < ${limit} drop`,
  ];
  for (const rule of rules) {
    const exit = await runToEnd(
      { argv: [nft, rule], deadlineMs: 10_000, signals: [{ signal: 'SIGKILL', waitMs: 1000 }] },
      {
        stdoutFile: '/dev/null',
        stderrFile: '/dev/null',
        wrap: (argv) => space.wrap(argv),
        signal,
        registry,
      },
    );
    if (exit.code !== 0) {
      throw new UserError(`faults loss: nft refused \`${rule}\`; the kernel needs nf_tables and numgen`, 1);
    }
  }
}

function confine(
  space: NetworkSpace,
  group: ControlGroup | undefined,
  openFiles: number | undefined,
): NetworkSpace {
  if (!group && openFiles === undefined) return space;
  const prlimit = openFiles === undefined ? undefined : findExecutable('prlimit');
  if (openFiles !== undefined && prlimit === undefined) {
    throw new UserError('faults openFiles needs prlimit; install util-linux', 1);
  }
  return {
    ...space,
    wrap(argv) {
      const limited = prlimit ? [prlimit, `--nofile=${openFiles}:${openFiles}`, '--', ...argv] : [...argv];
      return space.wrap(group ? group.wrap(limited) : limited);
    },
  };
}

/** A grandchild, as a stranger's program would be none of ours: the harness books its children's CPU as its own. */
function startBurner(registry: ProcessRegistry, pin: readonly number[] | undefined): RunningProcess {
  return startProcess({
    argv: ['/bin/sh', '-c', `timeout ${BURN_AT_MOST_S} sh -c 'while :; do :; done' & wait`],
    stdoutFile: '/dev/null',
    stderrFile: '/dev/null',
    registry,
    ...(pin ? { pin } : {}),
  });
}
