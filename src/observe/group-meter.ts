import { readdirSync, statSync } from 'node:fs';
import {
  isAlive,
  listProcStats,
  type ProcStat,
  readProcFile,
  readProcStat,
  TICKS_PER_SECOND,
} from '../process/proc-stat.ts';
import { parseOpenFileLimit } from './environment.ts';
import { PAGE_BYTES } from './page-size.ts';

/** One look at a process group. CPU figures are what was used since the look before. */
export interface GroupSample {
  /** User + system, in steps of 10 ms. */
  cpuMs: number;
  rssBytes: number;
  threads: number;
  /** Share of one CPU that the busiest thread used, 0..1; absent at the first look and where the kernel keeps no schedstat. */
  busiestThread?: number;
  /** Time its threads were ready and waited for a CPU, summed over them. */
  runQueueWaitMs?: number;
  /** Voluntary and forced, of threads that were there at both looks. */
  contextSwitches?: number;
  /** Of the process that holds most. */
  openFiles?: number;
  /** Soft limit of that process; absent where it has none. */
  openFileLimit?: number;
  /** A process of the group is stopped by a signal. */
  stopped?: true;
}

/** Reads CPU and memory of a process group again and again. */
export interface GroupMeter {
  /**
   * @param elapsedMs since the look before
   * @returns undefined when nothing of the group is alive
   */
  look(elapsedMs: number): GroupSample | undefined;
  /** CPU of the group since the meter was made, as far as looks have seen it: what follows the last look is missing. */
  totalCpuS(): number;
}

/**
 * Members are looked up by a walk over all of /proc, which costs as much as reading a hundred processes; between
 * walks the known ones are read. A member that lives shorter than this many looks may be missed.
 */
const LOOKS_PER_WALK = 10;

/**
 * @param leaderPid leader of the group
 * @param startedBefore true when the group was at work before: only what it uses from now on counts
 */
export function meterGroup(leaderPid: number, startedBefore: boolean): GroupMeter {
  let memberPids = findMembers(leaderPid);
  let looks = 0;
  let threadsBefore = new Map<number, ThreadUse>();
  /** CPU time of each process when the meter was made; those that came later began at 0. */
  const ticksAtStart = new Map<number, number>();
  const ticksSeen = new Map<number, number>();
  if (startedBefore) {
    for (const stat of memberPids.map(readProcStat)) if (stat) ticksAtStart.set(stat.pid, cpuTicks(stat));
  }

  /** CPU time since the last time this process was looked at. */
  function advance(stat: ProcStat): number {
    const before = ticksSeen.get(stat.pid) ?? ticksAtStart.get(stat.pid) ?? 0;
    ticksSeen.set(stat.pid, cpuTicks(stat));
    return cpuTicks(stat) - before;
  }

  return {
    look(elapsedMs) {
      if (++looks % LOOKS_PER_WALK === 0) memberPids = findMembers(leaderPid);
      const members = memberPids.map(readProcStat).filter(isAlive);
      if (members.length === 0) return undefined;
      const ticks = sum(members.map(advance));
      const threads = new Map(members.flatMap((member) => readThreads(member.pid)));
      const used = compareThreads(threads, threadsBefore, elapsedMs);
      threadsBefore = threads;
      return {
        cpuMs: (ticks * 1000) / TICKS_PER_SECOND,
        rssBytes: sum(members.map((member) => member.rssPages)) * PAGE_BYTES,
        threads: sum(members.map((member) => member.threads)),
        ...used,
        ...findMostFiles(members),
        ...(members.some((member) => member.state === 'T') ? { stopped: true as const } : {}),
      };
    },
    totalCpuS() {
      const ticks = [...ticksSeen].map(([pid, seen]) => seen - (ticksAtStart.get(pid) ?? 0));
      return sum(ticks) / TICKS_PER_SECOND;
    },
  };
}

function findMembers(leaderPid: number): number[] {
  return listProcStats()
    .filter((stat) => stat.pgrp === leaderPid)
    .map((stat) => stat.pid);
}

function cpuTicks(stat: ProcStat): number {
  return stat.utimeTicks + stat.stimeTicks;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** From /proc/<pid>/task/<tid>/schedstat, nanoseconds since the thread began. */
export interface ThreadTimes {
  ranNs: number;
  waitedNs: number;
}

interface ThreadUse extends ThreadTimes {
  /** Since the thread began; undefined when it ended while it was read. */
  switches: number | undefined;
}

/** Sum of `voluntary_ctxt_switches` and `nonvoluntary_ctxt_switches` of /proc/<pid>/task/<tid>/status. */
export function parseContextSwitches(status: string): number | undefined {
  const counts = [...status.matchAll(/^(?:non)?voluntary_ctxt_switches:\s+(\d+)$/gm)];
  return counts.length === 2 ? Number(counts[0]![1]) + Number(counts[1]![1]) : undefined;
}

/** Undefined where the kernel was built without scheduler statistics. */
export function parseSchedstat(text: string): ThreadTimes | undefined {
  const [ranNs, waitedNs] = text.trim().split(' ').map(Number);
  return Number.isFinite(ranNs) && Number.isFinite(waitedNs)
    ? { ranNs: ranNs!, waitedNs: waitedNs! }
    : undefined;
}

function readThreads(pid: number): [tid: number, use: ThreadUse][] {
  const threads: [number, ThreadUse][] = [];
  for (const tid of listThreads(pid)) {
    const times = parseSchedstat(readProcFile(`/proc/${pid}/task/${tid}/schedstat`) ?? '');
    if (!times) continue;
    const switches = parseContextSwitches(readProcFile(`/proc/${pid}/task/${tid}/status`) ?? '');
    threads.push([Number(tid), { ...times, switches }]);
  }
  return threads;
}

/** The process with most open descriptors: each has a limit of its own. */
function findMostFiles(members: readonly ProcStat[]): Pick<GroupSample, 'openFiles' | 'openFileLimit'> {
  let most: { pid: number; openFiles: number } | undefined;
  for (const { pid } of members) {
    const openFiles = countOpenFiles(pid);
    if (openFiles !== undefined && openFiles > (most?.openFiles ?? -1)) most = { pid, openFiles };
  }
  if (!most) return {};
  const limit = parseOpenFileLimit(readProcFile(`/proc/${most.pid}/limits`) ?? '');
  return { openFiles: most.openFiles, ...(limit === null ? {} : { openFileLimit: limit }) };
}

/** Since Linux 6.2 the folder's size is the count; before it is 0 and the names have to be listed. */
function countOpenFiles(pid: number): number | undefined {
  const folder = `/proc/${pid}/fd`;
  try {
    return statSync(folder).size || readdirSync(folder).length;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return undefined;
    throw error;
  }
}

function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return [];
    throw error;
  }
}

/** Threads that were there at both looks; a thread's share can exceed 1 only by the clock's jitter and is cut there. */
function compareThreads(
  now: Map<number, ThreadUse>,
  before: Map<number, ThreadUse>,
  elapsedMs: number,
): Pick<GroupSample, 'busiestThread' | 'runQueueWaitMs' | 'contextSwitches'> {
  let busiestNs: number | undefined;
  let waitedNs = 0;
  let switches = 0;
  for (const [tid, times] of now) {
    const earlier = before.get(tid);
    if (!earlier) continue;
    busiestNs = Math.max(busiestNs ?? 0, times.ranNs - earlier.ranNs);
    waitedNs += times.waitedNs - earlier.waitedNs;
    switches += (times.switches ?? 0) - (earlier.switches ?? times.switches ?? 0);
  }
  if (busiestNs === undefined || elapsedMs <= 0) return {};
  return {
    busiestThread: Math.min(1, busiestNs / 1e6 / elapsedMs),
    runQueueWaitMs: waitedNs / 1e6,
    contextSwitches: Math.max(0, switches),
  };
}
