import type { ProcessRecord } from '../model/run-record.ts';
import {
  isAlive,
  listProcStats,
  type ProcStat,
  readProcStat,
  TICKS_PER_SECOND,
} from '../process/proc-stat.ts';
import { median } from '../stats/median.ts';
import { findQuotaFiles, type QuotaCounters, readQuotaFiles, throttledShare } from './cpu-quota.ts';
import {
  type CoreTimes,
  type CpuTimes,
  coreShares,
  idleShare,
  openMachineTimes,
  subtractCpuTimes,
} from './cpu-times.ts';
import { type GroupMeter, type GroupSample, meterGroup } from './group-meter.ts';
import { createGroupWalk } from './group-walk.ts';

export interface SamplerOptions {
  everyMs: number;
  /** CPUs that an unpinned process may use. */
  cpus: number;
  targetPid?: number;
  toolPin?: readonly number[];
  targetPin?: readonly number[];
  /** Called with every look, for whoever follows. Must not throw and must not wait. */
  onLook?: (sample: ProcessSample) => void;
}

/** One look at everything, stored as it is. */
export interface ProcessSample {
  /** Since the sampler was started. */
  atMs: number;
  tool?: GroupSample;
  target?: GroupSample;
  /** Shares of all CPU time since the look before, 0..1. */
  idle?: number;
  softirq?: number;
  /** Busy share of each CPU since the look before, 0..1, in the order of their numbers. */
  cores?: number[];
}

export interface ProcessSamples {
  everyMs: number;
  samples: ProcessSample[];
}

export interface ProcessSampler {
  watchTool(pid: number): void;
  /** The target was started again as this process. */
  watchTarget(pid: number): void;
  /** @throws what made an earlier look fail */
  stop(): { process: ProcessRecord; samples: ProcessSamples };
  abandon(): void;
}

/** A walk over /proc costs more than a look at known processes. A member that lives shorter than this may be missed. */
const LOOKS_PER_WALK = 10;

/**
 * Samples CPU and memory of the tool's and the target's process groups and of the machine.
 *
 * The tool is gone when its CPU time is wanted, and samples miss what it used since the last one. The kernel adds the
 * time of a child to its parent's account when the child has ended, tail and all: that account's growth is the tool's
 * CPU time as long as no other child of the harness ended in the window. Where one did, the last samples count.
 */
export function startProcessSampler(options: SamplerOptions): ProcessSampler {
  const startedAt = performance.now();
  const groups = createGroupWalk();
  const targets = options.targetPid === undefined ? [] : [meterGroup(options.targetPid, true, groups)];
  const targetPids = new Set(options.targetPid === undefined ? [] : [options.targetPid]);
  const tools = new Map<number, GroupMeter>();
  const samples: ProcessSample[] = [];
  const childrenAtStart = listChildren();
  const accountAtStart = endedChildrenTicks();
  const ownAtStart = process.cpuUsage();
  const machineTimes = openMachineTimes();
  const { cpu: cpuAtStart, cores: coresAtStart } = machineTimes.read();
  let cpuBefore = cpuAtStart;
  let coresBefore = coresAtStart;
  const targetQuota = options.targetPid === undefined ? undefined : watchQuota(options.targetPid);
  // A tool enters its group after it has been started, so its files are looked up with the first sample.
  const toolQuotas = new Map<number, QuotaWatch>();
  let lookedAt = startedAt;
  let looks = 0;

  function look(): void {
    const now = performance.now();
    const elapsedMs = now - lookedAt;
    lookedAt = now;
    const { cpu, cores: coreTimes } = machineTimes.read();
    const passed = subtractCpuTimes(cpu, cpuBefore);
    cpuBefore = cpu;
    const cores = coreShares(coreTimes, coresBefore);
    coresBefore = coreTimes;
    // The first look finds what a wrapper has started in the meantime.
    if (looks++ % LOOKS_PER_WALK === 0) groups.walk();
    for (const pid of tools.keys()) if (!toolQuotas.has(pid)) toolQuotas.set(pid, watchQuota(pid));
    const toolSample = addUp([...tools.values()].map((meter) => meter.look(elapsedMs)));
    const targetSample = addUp(targets.map((meter) => meter.look(elapsedMs)));
    const sample: ProcessSample = {
      atMs: Math.round(now - startedAt),
      ...(toolSample ? { tool: toolSample } : {}),
      ...(targetSample ? { target: targetSample } : {}),
      ...(passed.totalS > 0
        ? { idle: passed.idleS / passed.totalS, softirq: passed.softirqS / passed.totalS }
        : {}),
      ...(cores.length > 0 ? { cores } : {}),
    };
    samples.push(sample);
    options.onLook?.(sample);
  }

  let failure: unknown;
  const timer = setInterval(() => {
    try {
      look();
    } catch (error) {
      // No descriptor left, for example. Thrown in a timer it would end the harness with everything unsaid.
      failure ??= error;
    }
  }, options.everyMs);
  function end(): void {
    clearInterval(timer);
    machineTimes.close();
    for (const meter of [...targets, ...tools.values()]) meter.close();
  }

  return {
    abandon: end,
    watchTool(pid) {
      tools.get(pid)?.close();
      tools.set(pid, meterGroup(pid, false, groups));
    },
    watchTarget(pid) {
      targets.push(meterGroup(pid, false, groups));
      targetPids.add(pid);
    },
    stop() {
      clearInterval(timer);
      if (failure !== undefined) {
        end();
        throw failure;
      }
      look();
      const { cpu: cpuAtEnd, cores: coresAtEnd } = machineTimes.read();
      end();
      const windowMs = performance.now() - startedAt;
      const machine = subtractCpuTimes(cpuAtEnd, cpuAtStart);
      const own = process.cpuUsage(ownAtStart);
      const others = watchOtherChildren(childrenAtStart, tools, targetPids);
      const account = (endedChildrenTicks() - accountAtStart) / TICKS_PER_SECOND;
      const sampled = [...tools.values()].reduce((total, meter) => total + meter.totalCpuS(), 0);
      const toolCpuS = tools.size === 0 ? undefined : others.oneEnded ? sampled : account;
      const targetCpuS =
        targets.length === 0 ? undefined : targets.reduce((total, meter) => total + meter.totalCpuS(), 0);
      const harnessCpuS = (own.user + own.system) / 1e6 + others.cpuS;
      return {
        process: {
          windowMs,
          ...describeSide('tool', toolCpuS, options.toolPin?.length ?? options.cpus, windowMs, samples),
          ...describeSide('target', targetCpuS, options.targetPin?.length ?? options.cpus, windowMs, samples),
          ...describeMachine(machine, toolCpuS, targetCpuS, harnessCpuS),
          ...describeCores(coresAtEnd, coresAtStart, options),
          ...describeQuotas(targetQuota, [...toolQuotas.values()]),
          cpus: options.cpus,
        },
        samples: { everyMs: options.everyMs, samples },
      };
    },
  };
}

/** CPU, memory and busiest thread of one side; members that could not be observed are absent. */
function describeSide(
  side: 'tool' | 'target',
  cpuS: number | undefined,
  cpus: number,
  windowMs: number,
  samples: ProcessSample[],
): Partial<ProcessRecord> {
  const seen = samples.map((sample) => sample[side]).filter((sample) => sample !== undefined);
  const busiest = median(seen.map((sample) => sample.busiestThread).filter((share) => share !== undefined));
  const named = (suffix: string): string => `${side}${suffix}`;
  return {
    ...(cpuS === undefined
      ? {}
      : { [named('CpuS')]: cpuS, [named('CpuShare')]: (cpuS * 1000) / (windowMs * cpus) }),
    ...(seen.length === 0
      ? {}
      : { [named('RssMaxBytes')]: Math.max(...seen.map((sample) => sample.rssBytes)) }),
    ...(busiest === undefined ? {} : { [named('BusiestThread')]: busiest }),
    ...describeWaits(side, samples),
    ...describeFiles(side, seen),
    ...describeStops(side, samples),
  };
}

/** Waits and switches, per time in which both ends of a sample were seen. */
function describeWaits(side: 'tool' | 'target', samples: ProcessSample[]): Partial<ProcessRecord> {
  let waitedMs = 0;
  let switches = 0;
  let observedMs = 0;
  for (const [index, sample] of samples.entries()) {
    const seen = sample[side];
    if (seen?.runQueueWaitMs === undefined) continue;
    waitedMs += seen.runQueueWaitMs;
    switches += seen.contextSwitches ?? 0;
    observedMs += sample.atMs - (samples[index - 1]?.atMs ?? 0);
  }
  if (observedMs <= 0) return {};
  return {
    [`${side}RunQueueShare`]: waitedMs / observedMs,
    [`${side}ContextSwitches`]: (switches * 1000) / observedMs,
  };
}

function describeFiles(side: 'tool' | 'target', seen: GroupSample[]): Partial<ProcessRecord> {
  const most = seen.reduce<GroupSample | undefined>(
    (best, sample) => ((sample.openFiles ?? -1) > (best?.openFiles ?? -1) ? sample : best),
    undefined,
  );
  if (most?.openFiles === undefined) return {};
  return {
    [`${side}OpenFiles`]: most.openFiles,
    ...(most.openFileLimit === undefined ? {} : { [`${side}OpenFileLimit`]: most.openFileLimit }),
  };
}

/** How long the side was stopped, and for the target how long it did nothing although it works otherwise. */
function describeStops(side: 'tool' | 'target', samples: ProcessSample[]): Partial<ProcessRecord> {
  let stoppedMs = 0;
  let idleMs = 0;
  let longestIdleMs = 0;
  let worked = false;
  for (const [index, sample] of samples.entries()) {
    const seen = sample[side];
    if (!seen) continue;
    const lengthMs = sample.atMs - (samples[index - 1]?.atMs ?? 0);
    if (seen.stopped) stoppedMs += lengthMs;
    if (seen.cpuMs > 0) {
      // Only a stretch that work follows is a pause: before the first and after the last the load was not there.
      if (worked) longestIdleMs = Math.max(longestIdleMs, idleMs);
      worked = true;
      idleMs = 0;
    } else idleMs += lengthMs;
  }
  return {
    [`${side}StoppedMs`]: stoppedMs,
    ...(side === 'target' && worked ? { targetIdleStretchMs: longestIdleMs } : {}),
  };
}

function describeCores(
  now: CoreTimes,
  atStart: CoreTimes,
  { toolPin, targetPin }: SamplerOptions,
): Partial<ProcessRecord> {
  const shares = coreShares(now, atStart);
  if (shares.length === 0) return {};
  const toolIdle = idleShare(now, atStart, toolPin);
  const targetIdle = idleShare(now, atStart, targetPin);
  return {
    busiestCpu: Math.max(...shares),
    ...(toolIdle === undefined ? {} : { toolCpusIdle: toolIdle }),
    ...(targetIdle === undefined ? {} : { targetCpusIdle: targetIdle }),
  };
}

interface QuotaWatch {
  files: string[];
  before: Map<string, QuotaCounters>;
}

function watchQuota(pid: number): QuotaWatch {
  const files = findQuotaFiles(pid);
  return { files, before: readQuotaFiles(files) };
}

function describeQuotas(target: QuotaWatch | undefined, tools: QuotaWatch[]): Partial<ProcessRecord> {
  const share = (watch: QuotaWatch): number[] => {
    const throttled = throttledShare(readQuotaFiles(watch.files), watch.before);
    return throttled === undefined ? [] : [throttled];
  };
  const ofTarget = target ? share(target) : [];
  const ofTools = tools.flatMap(share);
  return {
    ...(ofTools.length > 0 ? { toolThrottled: Math.max(...ofTools) } : {}),
    ...(ofTarget.length > 0 ? { targetThrottled: Math.max(...ofTarget) } : {}),
  };
}

/** Shares of the machine. What nobody explains is known only where tool and target both are. */
function describeMachine(
  machine: CpuTimes,
  toolCpuS: number | undefined,
  targetCpuS: number | undefined,
  harnessCpuS: number,
): Partial<ProcessRecord> {
  const { totalS, idleS, stealS, irqS, softirqS } = machine;
  if (totalS <= 0) return {};
  const shares = { idle: idleS / totalS, softirq: softirqS / totalS, steal: stealS / totalS };
  if (toolCpuS === undefined || targetCpuS === undefined) return shares;
  const explainedS = toolCpuS + targetCpuS + harnessCpuS + irqS + softirqS;
  // Accounts are kept in ticks of 10 ms and do not close exactly: a little less than nothing is nothing.
  return { ...shares, unaccounted: Math.max(0, totalS - idleS - stealS - explainedS) / totalS };
}

/** CPU time of children of the harness that have ended, as the kernel booked it. */
function endedChildrenTicks(): number {
  const stat = readProcStat(process.pid)!;
  return stat.cutimeTicks + stat.cstimeTicks;
}

function listChildren(): Map<number, ProcStat> {
  const children = listProcStats().filter((stat) => stat.ppid === process.pid && isAlive(stat));
  return new Map(children.map((stat) => [stat.pid, stat]));
}

/** Children beside tool and target, such as a packet capture: their CPU time is the harness' own doing. */
function watchOtherChildren(
  before: Map<number, ProcStat>,
  tools: Map<number, GroupMeter>,
  targetPids: ReadonlySet<number>,
): { cpuS: number; oneEnded: boolean } {
  const now = listChildren();
  let ticks = 0;
  for (const [pid, stat] of now) {
    if (tools.has(pid) || targetPids.has(pid)) continue;
    const earlier = before.get(pid);
    ticks += stat.utimeTicks + stat.stimeTicks - (earlier ? earlier.utimeTicks + earlier.stimeTicks : 0);
  }
  const oneEnded = [...before.keys()].some((pid) => !now.has(pid));
  return { cpuS: ticks / TICKS_PER_SECOND, oneEnded };
}

/** The tool as one, whatever number of processes it was started as. */
function addUp(parts: (GroupSample | undefined)[]): GroupSample | undefined {
  return parts.reduce((total, part) => {
    if (!total || !part) return total ?? part;
    const busiest = [total.busiestThread, part.busiestThread].filter((share) => share !== undefined);
    const waits = [total.runQueueWaitMs, part.runQueueWaitMs].filter((wait) => wait !== undefined);
    const switches = [total.contextSwitches, part.contextSwitches].filter((count) => count !== undefined);
    const fuller = (part.openFiles ?? -1) > (total.openFiles ?? -1) ? part : total;
    return {
      cpuMs: total.cpuMs + part.cpuMs,
      rssBytes: total.rssBytes + part.rssBytes,
      threads: total.threads + part.threads,
      ...(busiest.length > 0 ? { busiestThread: Math.max(...busiest) } : {}),
      ...(waits.length > 0 ? { runQueueWaitMs: waits.reduce((sum, wait) => sum + wait, 0) } : {}),
      ...(switches.length > 0 ? { contextSwitches: switches.reduce((sum, count) => sum + count, 0) } : {}),
      ...(fuller.openFiles === undefined ? {} : { openFiles: fuller.openFiles }),
      ...(fuller.openFileLimit === undefined ? {} : { openFileLimit: fuller.openFileLimit }),
      ...(total.stopped || part.stopped ? { stopped: true as const } : {}),
    };
  }, undefined);
}
