import { readdirSync } from 'node:fs';
import { readProcStat } from '../process/proc-stat.ts';

/** A process enters its group right after its fork: one that two walks have met elsewhere stays there. */
const WALKS_TO_BE_SURE = 2;

/** Finds the processes of groups. */
export interface GroupWalk {
  /** Look for the members of a further group from now on. */
  add(leaderPid: number): void;
  /** Go through /proc again. */
  walk(): void;
  /** As of the last walk. */
  members(leaderPid: number): readonly number[];
}

/**
 * One walk over /proc serves all groups, and reads a process of other groups twice at most: reading all of them
 * costs 8 us and more for each. A number given to another process between two walks would pass for the
 * one before, which takes as many forks as the machine has numbers.
 */
export function createGroupWalk(): GroupWalk {
  const groups = new Map<number, number[]>();
  /** In how many walks each process of another group was met. */
  let strangers = new Map<number, number>();

  function walk(): void {
    const met = new Map<number, number>();
    for (const leaderPid of groups.keys()) groups.set(leaderPid, []);
    for (const name of readdirSync('/proc')) {
      const pid = Number(name);
      if (!Number.isInteger(pid)) continue;
      const walks = strangers.get(pid) ?? 0;
      if (walks < WALKS_TO_BE_SURE) {
        const stat = readProcStat(pid);
        const members = stat && groups.get(stat.pgrp);
        if (members) {
          members.push(pid);
          continue;
        }
      }
      met.set(pid, Math.min(walks + 1, WALKS_TO_BE_SURE));
    }
    strangers = met;
  }

  return {
    add(leaderPid) {
      groups.set(leaderPid, []);
      // Who belongs to the new group may have been taken for a stranger.
      strangers.clear();
      walk();
    },
    walk,
    members: (leaderPid) => groups.get(leaderPid) ?? [],
  };
}
