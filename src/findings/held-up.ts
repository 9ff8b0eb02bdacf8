import type { ArmEvidence } from '../model/evidence.ts';
import { formatPercent } from '../stats/format-figure.ts';
import { readClosedWindows } from './closed-windows.ts';
import { EXHAUSTED_IDLE, idleOf, judgeCpu } from './cpu-load.ts';
import { judgeLocks } from './lock-contention.ts';

/**
 * Share of quota periods in which a side was stopped from which its waiting is no choice of its own. Unit: ratio 0..1.
 * Reason: a bursty process touches its quota now and then; planted quotas stopped at 0.5 and more. Doubt: a quota that
 * stops one period in ten costs a tail, not a rate.
 */
export const THROTTLED = 0.1;

/**
 * What a stop costs / what it lasts: itself, and the catching up behind it. Unit: factor. Reason: the queue that a stop leaves
 * is worked off no slower than it grew. Doubt: a server that is nearly busy takes longer, but then its quota stops it more often.
 */
const STOP_COST = 2;

/**
 * Share of quota periods with a stop from which the quota explains as much of all waits as everything else. Unit: ratio
 * 0..1. Reason: with `STOP_COST` one half is the quota's. Doubt: a stop is shorter than its period.
 */
const HELD_BY_QUOTA = 1 / 4;

/** Share of waits that a quota explains which stops a side in that share of its periods, 0..1. */
export function costOfStops(throttled: number): number {
  return Math.min(1, STOP_COST * throttled);
}

/** Share of waits that a CPU quota of either side may explain, 0..1: it is taken off what is blamed on something else. */
export function quotaPart({ process }: ArmEvidence): number {
  return costOfStops(Math.max(process.targetThrottled ?? 0, process.toolThrottled ?? 0));
}

/** What a quota speaks against waits that are blamed on something else. */
export function describeQuota({ process }: ArmEvidence): string[] {
  const stopped = Math.max(process.targetThrottled ?? 0, process.toolThrottled ?? 0);
  return stopped > 0
    ? [`a CPU quota made a stop in ${formatPercent(stopped)} of the periods, which costs some of the time`]
    : [];
}

/**
 * Time in which threads of the target were ready and got no CPU / window, on a machine without idle time, from which its
 * answers are late for want of CPU. Unit: share of the window, summed over threads. Reason: starved servers were at 1.4
 * and more, sleeping ones on the same crowded machine at 0.05 to 0.4. Doubt: many threads that each wait a little add up.
 */
const STARVED = 0.5;

/**
 * The same on a crowded machine for a target that never slept: it used a CPU or waited for one all the time. Units: share of
 * the window that it waited, that and the CPU time it got / window, idle share of its CPUs. Reason: a server of one thread
 * that got 0.5 and 0.75 of a CPU beside strangers waited 0.5 and 0.16; sleeping servers stay below 0.5 altogether. Doubt: several threads that
 * each sleep half of the time add up to the same.
 */
const WAITED = 0.1;
const ALWAYS_READY = 0.85;
const CROWDED_IDLE = 0.2;

/** Confidence from which queues for locks, and no choice of a handler's, are what connections wait for. Ratio 0..1. */
const PROVEN = 0.5;

/**
 * Why time that passes at the server or between events says nothing about what the server chose to do: something holds
 * tool or target up. Empty where nothing known does; undefined where the CPU of a side was not observed at all.
 */
export function describeHolds(evidence: ArmEvidence): string[] | undefined {
  const { process } = evidence;
  const target = judgeCpu(evidence, 'target');
  const tool = judgeCpu(evidence, 'tool');
  if (target.saturated === undefined || tool.saturated === undefined) return undefined;
  const holds: string[] = [];
  if (target.saturated) holds.push(...target.because);
  else if (tool.saturated) holds.push(...tool.because);
  for (const side of ['target', 'tool'] as const) {
    const throttled = side === 'target' ? process.targetThrottled : process.toolThrottled;
    if (throttled !== undefined && throttled > HELD_BY_QUOTA) {
      holds.push(`a CPU quota stopped the ${side} in ${formatPercent(throttled)} of its periods`);
    }
  }
  const starved = describeStarving(evidence);
  if (starved) holds.push(starved);
  const locks = judgeLocks(evidence);
  if (locks && locks.confidence >= PROVEN) holds.push(...locks.because);
  const closed = readClosedWindows(evidence);
  if (closed?.clientsPace) holds.push(closed.text);
  return holds;
}

/** A sentence when the target wanted CPU that it did not get. */
function describeStarving(evidence: ArmEvidence): string | undefined {
  const { targetRunQueueShare: queued, targetCpuS, windowMs } = evidence.process;
  const idle = idleOf(evidence, 'target');
  if (queued === undefined || idle === undefined) return undefined;
  const used = targetCpuS === undefined || windowMs === undefined ? 0 : (targetCpuS * 1000) / windowMs;
  const longWait = queued > STARVED && idle < EXHAUSTED_IDLE;
  const neverSlept = queued > WAITED && used + queued > ALWAYS_READY && idle < CROWDED_IDLE;
  if (!longWait && !neverSlept) return undefined;
  return `threads of the target were ready and waited for a CPU ${formatPercent(queued)} of the time (summed)`;
}
