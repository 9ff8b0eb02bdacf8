import { readdirSync, statSync } from 'node:fs';
import {
  isAlive,
  type ProcStat,
  parseProcStat,
  readProcFile,
  TICKS_PER_SECOND,
} from '../process/proc-stat.ts';
import { parseOpenFileLimit } from './environment.ts';
import type { GroupWalk } from './group-walk.ts';
import { KeptFile, readBytes } from './kept-file.ts';
import { PAGE_BYTES } from './page-size.ts';
import { listThreads, openThread, ProcessThreads, ThreadUse } from './thread-use.ts';

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
  /** Let go of all files; there is no look after it. */
  close(): void;
}

/**
 * What changes slowly, or is dear, is read at every tenth look only: limits, and the descriptors where they have to be
 * listed to be counted.
 */
const LOOKS_PER_SLOW_LOOK = 10;

/**
 * @param leaderPid leader of the group
 * @param startedBefore true when the group was at work before: only what it uses from now on counts
 * @param groups what knows the members; whoever made it walks now and then, and sees no member that lives shorter
 */
export function meterGroup(leaderPid: number, startedBefore: boolean, groups: GroupWalk): GroupMeter {
  groups.add(leaderPid);
  const members = new Map<number, Member>();
  let looks = 0;
  const ticks = new TickCount();
  if (startedBefore) {
    for (const { pid, stat } of readMembers()) ticks.begin(pid, cpuTicks(stat));
  }

  /** Those that are alive. */
  function readMembers(): SeenMember[] {
    const seen: SeenMember[] = [];
    const pids = groups.members(leaderPid);
    // A walk no longer meets those that have ended: nothing else would close their files before the trial ends.
    for (const [pid, member] of members) {
      if (pids.includes(pid)) continue;
      member.close();
      members.delete(pid);
    }
    for (const pid of pids) {
      let member = members.get(pid);
      if (!member) {
        member = new Member(pid);
        members.set(pid, member);
      }
      const stat = member.readStat();
      if (stat === undefined) {
        member.close();
        members.delete(pid);
      } else if (isAlive(stat)) seen.push({ pid, stat, member });
    }
    return seen;
  }

  return {
    look(elapsedMs) {
      const isSlow = looks++ % LOOKS_PER_SLOW_LOOK === 0;
      const seen = readMembers();
      if (seen.length === 0) return undefined;
      return {
        cpuMs:
          (sum(seen.map(({ pid, stat }) => ticks.advance(pid, cpuTicks(stat)))) * 1000) / TICKS_PER_SECOND,
        rssBytes: sum(seen.map(({ stat }) => stat.rssPages)) * PAGE_BYTES,
        threads: sum(seen.map(({ stat }) => stat.threads)),
        ...describeThreads(seen, elapsedMs),
        ...findMostFiles(seen, isSlow),
        ...(seen.some(({ stat }) => stat.state === 'T') ? { stopped: true as const } : {}),
      };
    },
    totalCpuS() {
      return ticks.total / TICKS_PER_SECOND;
    },
    close() {
      for (const member of members.values()) member.close();
    },
  };
}

/** CPU time of processes from looks at them, in the kernel's ticks. */
export class TickCount {
  /** Used since `begin`, or since they began. */
  total = 0;
  private readonly seen = new Map<number, number>();

  /** What it has used until now does not count. */
  begin(pid: number, ticks: number): void {
    this.seen.set(pid, ticks);
  }

  /** @returns since this process was last looked at; 0 where its number is another's now, which has used less */
  advance(pid: number, ticks: number): number {
    const used = Math.max(0, ticks - (this.seen.get(pid) ?? 0));
    this.seen.set(pid, ticks);
    this.total += used;
    return used;
  }
}

interface SeenMember {
  pid: number;
  stat: ProcStat;
  member: Member;
}

function cpuTicks(stat: ProcStat): number {
  return stat.utimeTicks + stat.stimeTicks;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** One process of the group with its files. */
class Member {
  readonly pid: number;
  private readonly statFile: KeptFile;
  private readonly threads: ProcessThreads;
  private limit: number | null = null;
  private limitIsKnown = false;
  private openFiles: number | undefined;

  constructor(pid: number) {
    this.pid = pid;
    this.statFile = new KeptFile(`/proc/${pid}/stat`);
    this.threads = new ProcessThreads(
      () => listThreads(pid),
      (tid) => openThread(pid, tid),
    );
  }

  /** Undefined when it is gone. */
  readStat(): ProcStat | undefined {
    const length = this.statFile.read();
    return length === undefined ? undefined : parseProcStat(readBytes.toString('latin1', 0, length));
  }

  /** @param count threads that it has */
  addThreads(count: number, use: ThreadUse): void {
    this.threads.add(count, use);
  }

  /** @param mayList the names may be gone through, which takes long where there are thousands */
  countOpenFiles(mayList: boolean): number | undefined {
    const count = countOpenFiles(this.pid, mayList || this.openFiles === undefined);
    if (count !== 'unknown') this.openFiles = count;
    return this.openFiles;
  }

  /** Soft limit of open files; null where there is none. */
  openFileLimit(mayRead: boolean): number | null {
    if (mayRead || !this.limitIsKnown) {
      this.limit = parseOpenFileLimit(readProcFile(`/proc/${this.pid}/limits`) ?? '');
      this.limitIsKnown = true;
    }
    return this.limit;
  }

  close(): void {
    this.statFile.close();
    this.threads.close();
  }
}

/** A thread's share can exceed 1 only by the clock's jitter and is cut there. */
function describeThreads(
  seen: readonly SeenMember[],
  elapsedMs: number,
): Pick<GroupSample, 'busiestThread' | 'runQueueWaitMs' | 'contextSwitches'> {
  const use = new ThreadUse();
  for (const { stat, member } of seen) member.addThreads(stat.threads, use);
  if (use.busiestNs < 0 || elapsedMs <= 0) return {};
  return {
    busiestThread: Math.min(1, use.busiestNs / 1e6 / elapsedMs),
    runQueueWaitMs: use.waitedNs / 1e6,
    contextSwitches: Math.max(0, use.switches),
  };
}

/** The process with most open descriptors: each has a limit of its own. */
function findMostFiles(
  seen: readonly SeenMember[],
  isSlow: boolean,
): Pick<GroupSample, 'openFiles' | 'openFileLimit'> {
  let most: { member: Member; openFiles: number } | undefined;
  for (const { member } of seen) {
    const openFiles = member.countOpenFiles(isSlow);
    if (openFiles !== undefined && openFiles > (most?.openFiles ?? -1)) most = { member, openFiles };
  }
  if (!most) return {};
  const limit = most.member.openFileLimit(isSlow);
  return { openFiles: most.openFiles, ...(limit === null ? {} : { openFileLimit: limit }) };
}

/**
 * Since Linux 6.2 the folder's size is the count; before it is 0 and the names have to be listed.
 * @returns 'unknown' where they would have to be and may not; undefined when the process is gone or is not ours
 */
function countOpenFiles(pid: number, mayList: boolean): number | 'unknown' | undefined {
  const folder = `/proc/${pid}/fd`;
  try {
    const { size } = statSync(folder);
    if (size > 0) return size;
    return mayList ? readdirSync(folder).length : 'unknown';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return undefined;
    throw error;
  }
}
