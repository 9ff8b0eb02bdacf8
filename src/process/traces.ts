import { existsSync, readdirSync, readlinkSync, rmdirSync } from 'node:fs';
import { isAlive, readProcStat } from './proc-stat.ts';
import { type FamilyLeader, signalProcess } from './process-family.ts';

/** What a harness changes beside starting processes, noted before it does: a later one undoes what a killed one left. */
export type Trace =
  | { kind: 'cgroup'; folder: string }
  /** The leader of a stopped process group. */
  | { kind: 'paused'; leader: FamilyLeader }
  /** Rules in a network namespace: they are gone when nothing is left in it. */
  | { kind: 'rules'; table: string; namespace: string };

/** Collecting a killed process takes the kernel some milliseconds. */
const GONE_WITHIN_MS = 1000;

/** What became of a trace of which something was left. */
export interface Undoing {
  undone: boolean;
  /** One phrase: what was undone, or what stays and why. */
  what: string;
}

/**
 * Undo what is left of a trace when the processes of its harness have been ended. Never throws.
 * @returns undefined where nothing was left
 */
export function undoTrace(trace: Trace): Undoing | undefined {
  switch (trace.kind) {
    case 'cgroup':
      return undoGroup(trace.folder);
    case 'paused':
      return undoPause(trace.leader);
    case 'rules':
      return undoRules(trace.table, trace.namespace);
  }
}

function undoGroup(folder: string): Undoing | undefined {
  if (!existsSync(folder)) return undefined;
  return removeGroup(folder)
    ? { undone: true, what: `the cgroup ${folder} was removed` }
    : { undone: false, what: `the cgroup ${folder} cannot be removed; end the members in its cgroup.procs` };
}

/**
 * Remove a cgroup whose processes are over or just ending: they stay members until the kernel has collected them.
 * Never throws.
 * @returns false where it is still there
 */
export function removeGroup(folder: string): boolean {
  return waitFor(() => {
    try {
      rmdirSync(folder);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT';
    }
  });
}

function undoPause({ pid, startTimeTicks }: FamilyLeader): Undoing | undefined {
  const stat = readProcStat(pid);
  if (!isAlive(stat) || stat.startTimeTicks !== startTimeTicks) return undefined;
  signalProcess(-pid, 'SIGCONT');
  return { undone: true, what: `the stopped process ${pid} goes on` };
}

function undoRules(table: string, namespace: string): Undoing {
  let left: string[] = [];
  const gone = waitFor(() => {
    left = inhabitants(namespace);
    return left.length === 0;
  });
  return gone
    ? { undone: true, what: `the nft table ${table} is gone with its network namespace` }
    : {
        undone: false,
        what: `the nft table ${table} is still there; end process ${left.join(', ')} in its network namespace`,
      };
}

function inhabitants(namespace: string): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readlinkSync(`/proc/${name}/ns/net`) === namespace;
    } catch {
      return false;
    }
  });
}

/** Blocks on purpose: this runs in exit handlers, where nothing asynchronous happens any more. */
function waitFor(isDone: () => boolean): boolean {
  const until = Date.now() + GONE_WITHIN_MS;
  while (!isDone()) {
    if (Date.now() > until) return false;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
  return true;
}
