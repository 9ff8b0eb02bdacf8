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
  /** CPU time of each process when the meter was made; those that came later began at 0. */
  const ticksAtStart = new Map<number, number>();
  const ticksSeen = new Map<number, number>();
  if (startedBefore) {
    for (const { pid, stat } of readMembers()) ticksAtStart.set(pid, cpuTicks(stat));
  }

  /** Those that are alive. */
  function readMembers(): SeenMember[] {
    const seen: SeenMember[] = [];
    for (const pid of groups.members(leaderPid)) {
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

  /** CPU time since the last time this process was looked at. */
  function advance({ pid, stat }: SeenMember): number {
    const before = ticksSeen.get(pid) ?? ticksAtStart.get(pid) ?? 0;
    ticksSeen.set(pid, cpuTicks(stat));
    return cpuTicks(stat) - before;
  }

  return {
    look(elapsedMs) {
      const isSlow = looks++ % LOOKS_PER_SLOW_LOOK === 0;
      const seen = readMembers();
      if (seen.length === 0) return undefined;
      return {
        cpuMs: (sum(seen.map(advance)) * 1000) / TICKS_PER_SECOND,
        rssBytes: sum(seen.map(({ stat }) => stat.rssPages)) * PAGE_BYTES,
        threads: sum(seen.map(({ stat }) => stat.threads)),
        ...describeThreads(seen, elapsedMs),
        ...findMostFiles(seen, isSlow),
        ...(seen.some(({ stat }) => stat.state === 'T') ? { stopped: true as const } : {}),
      };
    },
    totalCpuS() {
      const ticks = [...ticksSeen].map(([pid, seen]) => seen - (ticksAtStart.get(pid) ?? 0));
      return sum(ticks) / TICKS_PER_SECOND;
    },
    close() {
      for (const member of members.values()) member.close();
    },
  };
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

/** From /proc/<pid>/task/<tid>/schedstat, since the thread began. */
export interface ThreadTimes {
  ranNs: number;
  waitedNs: number;
  /**
   * How often it was given a CPU. Equals the sum of `voluntary_ctxt_switches` and `nonvoluntary_ctxt_switches` of its
   * status, which the kernel takes several times as long to print.
   */
  switches: number;
}

/**
 * Read the text of a schedstat into `times`.
 * @returns false, and nothing is changed, where the kernel was built without scheduler statistics
 */
export function parseSchedstat(text: Uint8Array, length: number, times: ThreadTimes): boolean {
  let at = 0;
  let ranNs = 0;
  let waitedNs = 0;
  let value = 0;
  let digits = 0;
  let fields = 0;
  for (; at < length && fields < 3; at++) {
    const digit = text[at]! - 48;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
      continue;
    }
    if (digits === 0) return false;
    if (fields === 0) ranNs = value;
    else if (fields === 1) waitedNs = value;
    else break;
    fields++;
    value = 0;
    digits = 0;
  }
  // Such a kernel may print three zeros. A thread that exists has run at least once.
  if (fields !== 2 || digits === 0 || value === 0) return false;
  times.ranNs = ranNs;
  times.waitedNs = waitedNs;
  times.switches = value;
  return true;
}

/** One thread and what it had used at the look before. */
class Thread implements ThreadTimes {
  ranNs = 0;
  waitedNs = 0;
  switches = 0;
  /** False until it was read once: until then there is nothing to compare with. */
  isKnown = false;
  readonly file: KeptFile;

  constructor(pid: number, tid: string) {
    this.file = new KeptFile(`/proc/${pid}/task/${tid}/schedstat`);
  }
}

/** What threads used between two looks, added up over those that were there at both. */
class ThreadUse {
  /** -1 until a thread was compared. */
  busiestNs = -1;
  waitedNs = 0;
  switches = 0;
}

const nowTimes: ThreadTimes = { ranNs: 0, waitedNs: 0, switches: 0 };

/** One process of the group with its files. */
class Member {
  readonly pid: number;
  private readonly statFile: KeptFile;
  private readonly threads = new Map<string, Thread>();
  private limit: number | null = null;
  private limitIsKnown = false;
  private openFiles: number | undefined;

  constructor(pid: number) {
    this.pid = pid;
    this.statFile = new KeptFile(`/proc/${pid}/stat`);
  }

  /** Undefined when it is gone. */
  readStat(): ProcStat | undefined {
    const length = this.statFile.read();
    return length === undefined ? undefined : parseProcStat(readBytes.toString('latin1', 0, length));
  }

  /** @param count threads that it has: they are listed again where these are others than before */
  addThreads(count: number, use: ThreadUse): void {
    if (count !== this.threads.size) this.listThreads();
    let oneEnded = false;
    for (const thread of this.threads.values()) if (!advanceThread(thread, use)) oneEnded = true;
    // As many as before, but not the same.
    if (!oneEnded || !this.listThreads()) return;
    for (const thread of this.threads.values()) if (!thread.isKnown) advanceThread(thread, use);
  }

  /** @returns whether there are new ones */
  private listThreads(): boolean {
    const tids = new Set(listThreads(this.pid));
    let someAreNew = false;
    for (const [tid, thread] of this.threads) {
      if (tids.has(tid)) continue;
      thread.file.close();
      this.threads.delete(tid);
    }
    for (const tid of tids) {
      if (this.threads.has(tid)) continue;
      someAreNew = true;
      this.threads.set(tid, new Thread(this.pid, tid));
    }
    return someAreNew;
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
    for (const thread of this.threads.values()) thread.file.close();
  }
}

/** @returns false when it has ended or the kernel says nothing of it */
function advanceThread(thread: Thread, use: ThreadUse): boolean {
  const length = thread.file.read();
  if (length === undefined || !parseSchedstat(readBytes, length, nowTimes)) return false;
  if (thread.isKnown) {
    use.busiestNs = Math.max(use.busiestNs, nowTimes.ranNs - thread.ranNs);
    use.waitedNs += nowTimes.waitedNs - thread.waitedNs;
    use.switches += nowTimes.switches - thread.switches;
  }
  thread.ranNs = nowTimes.ranNs;
  thread.waitedNs = nowTimes.waitedNs;
  thread.switches = nowTimes.switches;
  thread.isKnown = true;
  return true;
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

function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return [];
    throw error;
  }
}
