import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import { formatCount, formatPercent } from '../stats/format-figure.ts';
import { EXHAUSTED_IDLE, judgeCpu } from './cpu-load.ts';

/**
 * Share of quota periods in which a side was stopped from which its waiting is no choice of its own. Unit: ratio 0..1.
 * Reason: a bursty process touches its quota now and then; planted quotas stopped at 0.5 and more. Doubt: a quota that
 * stops one period in ten costs a tail, not a rate.
 */
export const THROTTLED = 0.1;

/**
 * Time in which threads of the target were ready and got no CPU / window, on a machine without idle time, from which its
 * answers are late for want of CPU. Unit: share of the window, summed over threads. Reason: starved servers were at 1.4
 * and more, sleeping ones on the same crowded machine at 0.05 to 0.4. Doubt: many threads that each wait a little add up.
 */
const STARVED = 0.5;

/**
 * Why time that passes at the server or between events says nothing about what the server chose to do: something holds
 * tool or target up. Empty where nothing known does; undefined where the CPU of a side was not observed at all.
 */
export function describeHolds({ process, wire, arm }: ArmEvidence): string[] | undefined {
  const target = judgeCpu(process, 'target');
  const tool = judgeCpu(process, 'tool');
  if (target.saturated === undefined || tool.saturated === undefined) return undefined;
  const holds: string[] = [];
  if (target.saturated) holds.push(...target.because);
  else if (tool.saturated) holds.push(...tool.because);
  for (const side of ['target', 'tool'] as const) {
    const throttled = side === 'target' ? process.targetThrottled : process.toolThrottled;
    if (throttled !== undefined && throttled > THROTTLED) {
      holds.push(`a CPU quota stopped the ${side} in ${formatPercent(throttled)} of its periods`);
    }
  }
  const { targetRunQueueShare: queued, idle } = process;
  if (queued !== undefined && queued > STARVED && idle !== undefined && idle < EXHAUSTED_IDLE) {
    holds.push(
      `threads of the target were ready and waited for a CPU ${formatPercent(queued)} of the time (summed)`,
    );
  }
  const closed = readingValue(wire?.zero_windows);
  if (closed !== undefined && closed >= arm.connections) {
    holds.push(`the clients closed their receive windows ${formatCount(closed)} times`);
  }
  return holds;
}
