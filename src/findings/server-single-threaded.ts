import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatPercent } from '../stats/format-figure.ts';
import { cpuDoubts, idleOf } from './cpu-load.ts';

/**
 * Share of one CPU by the busiest thread from which it is full. Unit: ratio 0..1. Reason: as for saturated processes.
 * Doubt: the same.
 */
const FULL_THREAD = 0.85;

/**
 * CPUs that a process uses when it can use but one. Unit: CPUs. Reason: helper threads add a little (collectors, I/O);
 * programs that hand one right to run from thread to thread, as Go does, show it only here. Doubt: a server with a use
 * of one CPU by accident shows it too, so that connections must be seen to wait for it, and one thread to do most.
 */
const ONE_CPU = [0.88, 1.2] as const;

/**
 * Share of one CPU by the busiest thread from which the others only take over from it. Unit: ratio 0..1. Reason: one right
 * to run showed 0.95 and more, threads side by side on two CPUs 0.33 to 0.42; in between, most of the work must be its own. Doubt: a right that moves on with every
 * request would be spread evenly, and is not found.
 */
const MAIN_THREAD = 0.6;

/** CPU of the machine that is left, in CPUs, for one thread to be the limit. Reason: another thread could have run. Doubt: the tool may be what it was left for. */
const LEFT_CPUS = 0.25;

/** Share of connection time with the server from which it is waited for. Unit: ratio 0..1. See server-cpu-saturated. */
const WITH_SERVER = 0.5;

/** The target fills one CPU and leaves others idle: it works with one thread. */
export const serverSingleThreaded: Rule = {
  code: 'server-single-threaded',
  needs: ["CPU time of the target and its threads, and the machine's idle time"],
  evaluate(evidence) {
    const { process, wire } = evidence;
    const single = judgeSingleThread(evidence);
    if (single === undefined) {
      return {
        outcome: 'insufficient-data',
        missing: ["CPU time of the target and of its threads, and the machine's idle time"],
      };
    }
    if (!single.holds) return { outcome: 'clear', because: single.because };
    const wait = readingValue(wire?.server_wait_share);
    const transfer = readingValue(wire?.transfer_share);
    const server = wait === undefined || transfer === undefined ? undefined : wait + transfer;
    const text =
      server === undefined ? [] : [`connections were with the server ${formatPercent(server)} of their time`];
    return {
      outcome: 'found',
      class: 'cpu-share',
      weight: Math.min(1, single.share),
      sentence: 'The server works with one thread, which is full, while other CPUs idle.',
      because: [...single.because, ...(server !== undefined && server >= WITH_SERVER ? text : [])],
      against: [...(server !== undefined && server < WITH_SERVER ? text : []), ...cpuDoubts(process)],
    };
  },
};

/** Whether one full thread, and not the machine, is what the target lacks; undefined where that was not observed. */
export function judgeSingleThread(
  evidence: ArmEvidence,
): { holds: boolean; share: number; because: string[] } | undefined {
  const { arm, process, wire } = evidence;
  const { targetBusiestThread: thread, targetCpuS, windowMs, targetThrottled } = process;
  const idle = idleOf(evidence, 'target');
  // CPUs that it is kept from are none that it leaves idle.
  const cpus = arm.target.pin?.length ?? process.cpus;
  if (targetCpuS === undefined || windowMs === undefined || idle === undefined || cpus === undefined) {
    return undefined;
  }
  const used = (targetCpuS * 1000) / windowMs;
  const left = idle * cpus;
  const usedText = `the target used ${used.toFixed(2)} CPUs`;
  const threadText = thread === undefined ? [] : [`its busiest thread used ${formatPercent(thread)} of one`];
  const leftText = `of ${cpus === 1 ? 'its one CPU' : `${cpus} CPUs`} ${left.toFixed(2)} were idle`;
  const because = [usedText, ...threadText, leftText];
  const full = thread !== undefined && thread > FULL_THREAD && used < ONE_CPU[1];
  const wait = readingValue(wire?.server_wait_share) ?? 0;
  const asOne = used >= ONE_CPU[0] && used <= ONE_CPU[1] && wait > WITH_SERVER;
  const throttled = (targetThrottled ?? 0) > 0.1;
  const possible = cpus > 1 && left >= LEFT_CPUS && !throttled;
  // Whether one thread did most of it is what decides.
  if (possible && asOne && thread === undefined) return undefined;
  const oneAtATime = asOne && (thread ?? 0) >= MAIN_THREAD;
  return {
    holds: possible && (full || oneAtATime),
    share: Math.max(full ? (thread ?? 0) : 0, oneAtATime ? Math.min(1, used) : 0),
    because,
  };
}
