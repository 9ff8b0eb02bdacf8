import { isAlive, listProcStats, type ProcStat, readProcFile, readProcStat } from './proc-stat.ts';

/** Environment variable that every started process and whatever it starts carry: finds those that left the group. */
export const TAG_VARIABLE = 'SSEE_BENCH_PROCESS';

/** A started process with all that came of it, named so that no later process can be mistaken for it. */
export interface ProcessFamily {
  /** Value of TAG_VARIABLE in its environment. */
  tag: string;
  /** Leader of a process group and a session of its own; absent until it is known. */
  leader?: FamilyLeader;
}

export interface FamilyLeader {
  pid: number;
  /** In ticks since boot. */
  startTimeTicks: number;
}

/**
 * The living members: every process that carries the tag, whichever group or session it has moved to, and the whole
 * group of the leader as long as that is proved to be ours - by the leader's start time or by one tagged member.
 * A number alone proves nothing: a daemon started later may have it.
 */
export function listFamily({ tag, leader }: ProcessFamily): ProcStat[] {
  // Started earlier than the leader: certainly none of its descendants.
  const candidates = listProcStats().filter(
    (stat) => isAlive(stat) && stat.startTimeTicks >= (leader?.startTimeTicks ?? 0),
  );
  const tagged = new Set(candidates.filter((stat) => carriesTag(stat.pid, tag)));
  if (!leader) return [...tagged];
  const groupIsOurs =
    readProcStat(leader.pid)?.startTimeTicks === leader.startTimeTicks ||
    [...tagged].some((stat) => stat.pgrp === leader.pid && stat.session === leader.pid);
  return candidates.filter((stat) => tagged.has(stat) || (groupIsOurs && stat.pgrp === leader.pid));
}

/**
 * Send a signal to every living member.
 * @returns those that there were
 */
export function signalFamily(family: ProcessFamily, signal: NodeJS.Signals): ProcStat[] {
  const members = listFamily(family);
  // The group first and at once, so that no member sees another die and starts it again.
  const group = family.leader?.pid;
  if (group !== undefined && members.some((stat) => stat.pgrp === group)) signalProcess(-group, signal);
  for (const member of members) if (member.pgrp !== group) signalProcess(member.pid, signal);
  return members;
}

/**
 * True when a process that was listed once is over. One that is just ending has no environment any more, and with it
 * no tag to be listed by, while its files and sockets are still open.
 */
export function isOver({ pid, startTimeTicks }: ProcStat): boolean {
  const stat = readProcStat(pid);
  return !isAlive(stat) || stat.startTimeTicks !== startTimeTicks;
}

/** SIGKILL until no member is left: one may have forked while the list was being read. Takes no longer than needed. */
export function killFamily(family: ProcessFamily): void {
  const rounds = 20;
  let ending: ProcStat[] = [];
  for (let round = 0; round < rounds; round++) {
    ending = [...ending.filter((member) => !isOver(member)), ...signalFamily(family, 'SIGKILL')];
    if (ending.length === 0) return;
    // Blocks on purpose: this runs in exit handlers, where nothing asynchronous happens any more.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
}

/** Signal a process or, with a negative pid, a group. Its absence is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // EPERM: a member that changed its user; nothing that this user could do about it.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

function carriesTag(pid: number, tag: string): boolean {
  const environment = readProcFile(`/proc/${pid}/environ`);
  return environment?.split('\0').includes(`${TAG_VARIABLE}=${tag}`) ?? false;
}
