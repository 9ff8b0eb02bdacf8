import type { ArmEvidence } from '../model/evidence.ts';
import type { Verdict } from '../model/finding.ts';
import { formatPercent, formatUs } from '../stats/format-figure.ts';
import { costOfStops, THROTTLED } from './held-up.ts';

/**
 * Run-queue wait beside idle CPUs that only a quota explains, where no quota can be read. Units: share of the window
 * summed over threads, share of all CPU time. Reason: threads that are ready while CPUs idle are held back by something;
 * planted quotas made 0.74 and more, free processes below 0.1. Doubt: pinning both sides to one CPU looks the same, which
 * is why it proves nothing alone.
 */
const SUSPICIOUS_WAIT = 0.4;
const IDLE = 0.3;

/** Judge the CPU quota of one side by the kernel's own count of the periods in which it had to stop. */
export function judgeThrottling({ process }: ArmEvidence, side: 'tool' | 'target'): Verdict {
  const throttled = side === 'tool' ? process.toolThrottled : process.targetThrottled;
  const wait = side === 'tool' ? process.toolRunQueueShare : process.targetRunQueueShare;
  const share = side === 'tool' ? process.toolCpuShare : process.targetCpuShare;
  const waitText =
    wait === undefined
      ? []
      : [`its threads were ready and waited for a CPU ${formatPercent(wait)} of the time (summed)`];
  if (throttled === undefined) {
    if (wait === undefined) {
      return {
        outcome: 'insufficient-data',
        missing: [`the CPU quota of the ${side}, or its waits for a CPU`],
      };
    }
    if (wait > SUSPICIOUS_WAIT && (process.idle ?? 0) > IDLE) {
      return {
        outcome: 'insufficient-data',
        missing: [
          `the CPU quota of the ${side}: ${waitText[0]} while the machine idled ${formatPercent(process.idle ?? 0)}`,
        ],
      };
    }
    return { outcome: 'clear', because: [`no CPU quota of the ${side} is known`, ...waitText] };
  }
  const text = `the quota of its control group stopped the ${side} in ${formatPercent(throttled)} of the periods`;
  if (throttled <= THROTTLED) return { outcome: 'clear', because: [text] };
  const idle =
    process.idle === undefined ? [] : [`the machine had ${formatPercent(process.idle)} of its CPU time left`];
  const name = side === 'tool' ? 'load generator' : 'target';
  return {
    outcome: 'found',
    class: 'wait',
    weight: costOfStops(throttled),
    sentence: `A CPU quota holds the ${name} back: it had to stop in ${formatPercent(throttled)} of the periods.`,
    because: [
      text,
      ...(share === undefined || process.windowMs === undefined
        ? []
        : [
            `it got ${formatPercent(share)} of the CPUs it may use, over ${formatUs(process.windowMs * 1000)}`,
          ]),
      ...waitText,
    ],
    against: process.idle !== undefined && process.idle < IDLE ? idle : [],
  };
}
