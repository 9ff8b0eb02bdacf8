import type { ProcessRecord } from '../model/run-record.ts';
import {
  isAlive,
  listProcStats,
  type ProcStat,
  readProcStat,
  TICKS_PER_SECOND,
} from '../process/proc-stat.ts';
import { median } from '../stats/median.ts';
import { type CpuTimes, readCpuTimes, subtractCpuTimes } from './cpu-times.ts';
import { type GroupMeter, type GroupSample, meterGroup } from './group-meter.ts';

export interface SamplerOptions {
  everyMs: number;
  /** CPUs that an unpinned process may use. */
  cpus: number;
  targetPid?: number;
  toolPin?: readonly number[];
  targetPin?: readonly number[];
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
}

export interface ProcessSamples {
  everyMs: number;
  samples: ProcessSample[];
}

export interface ProcessSampler {
  watchTool(pid: number): void;
  /** @throws what made an earlier look fail */
  stop(): { process: ProcessRecord; samples: ProcessSamples };
  abandon(): void;
}

/**
 * Samples CPU and memory of the tool's and the target's process groups and of the machine.
 *
 * The tool is gone when its CPU time is wanted, and samples miss what it used since the last one. The kernel adds the
 * time of a child to its parent's account when the child has ended, tail and all: that account's growth is the tool's
 * CPU time as long as no other child of the harness ended in the window. Where one did, the last samples count.
 */
export function startProcessSampler(options: SamplerOptions): ProcessSampler {
  const startedAt = performance.now();
  const target = options.targetPid === undefined ? undefined : meterGroup(options.targetPid, true);
  const tools = new Map<number, GroupMeter>();
  const samples: ProcessSample[] = [];
  const childrenAtStart = listChildren();
  const accountAtStart = endedChildrenTicks();
  const ownAtStart = process.cpuUsage();
  const cpuAtStart = readCpuTimes();
  let cpuBefore = cpuAtStart;
  let lookedAt = startedAt;

  function look(): void {
    const now = performance.now();
    const elapsedMs = now - lookedAt;
    lookedAt = now;
    const cpu = readCpuTimes();
    const passed = subtractCpuTimes(cpu, cpuBefore);
    cpuBefore = cpu;
    const toolSample = addUp([...tools.values()].map((meter) => meter.look(elapsedMs)));
    const targetSample = target?.look(elapsedMs);
    samples.push({
      atMs: Math.round(now - startedAt),
      ...(toolSample ? { tool: toolSample } : {}),
      ...(targetSample ? { target: targetSample } : {}),
      ...(passed.totalS > 0
        ? { idle: passed.idleS / passed.totalS, softirq: passed.softirqS / passed.totalS }
        : {}),
    });
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
  return {
    abandon: () => clearInterval(timer),
    watchTool(pid) {
      tools.set(pid, meterGroup(pid, false));
    },
    stop() {
      clearInterval(timer);
      if (failure !== undefined) throw failure;
      look();
      const windowMs = performance.now() - startedAt;
      const machine = subtractCpuTimes(readCpuTimes(), cpuAtStart);
      const own = process.cpuUsage(ownAtStart);
      const others = watchOtherChildren(childrenAtStart, tools, options.targetPid);
      const account = (endedChildrenTicks() - accountAtStart) / TICKS_PER_SECOND;
      const sampled = [...tools.values()].reduce((total, meter) => total + meter.totalCpuS(), 0);
      const toolCpuS = tools.size === 0 ? undefined : others.oneEnded ? sampled : account;
      const targetCpuS = target?.totalCpuS();
      const harnessCpuS = (own.user + own.system) / 1e6 + others.cpuS;
      return {
        process: {
          windowMs,
          ...describeSide('tool', toolCpuS, options.toolPin?.length ?? options.cpus, windowMs, samples),
          ...describeSide('target', targetCpuS, options.targetPin?.length ?? options.cpus, windowMs, samples),
          ...describeMachine(machine, toolCpuS, targetCpuS, harnessCpuS),
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
  targetPid: number | undefined,
): { cpuS: number; oneEnded: boolean } {
  const now = listChildren();
  let ticks = 0;
  for (const [pid, stat] of now) {
    if (tools.has(pid) || pid === targetPid) continue;
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
    return {
      cpuMs: total.cpuMs + part.cpuMs,
      rssBytes: total.rssBytes + part.rssBytes,
      threads: total.threads + part.threads,
      ...(busiest.length > 0 ? { busiestThread: Math.max(...busiest) } : {}),
      ...(waits.length > 0 ? { runQueueWaitMs: waits.reduce((sum, wait) => sum + wait, 0) } : {}),
    };
  }, undefined);
}
