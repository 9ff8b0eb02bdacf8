import type { ArmEvidence } from '../model/evidence.ts';
import { formatPercent } from '../stats/format-figure.ts';

/**
 * Share of its CPUs, or of one CPU by one thread, from which a process counts as saturated. Unit: ratio 0..1.
 * Reason: scheduling and softirq keep a process that never waits below 1; single busy threads were seen at 0.88
 * to 0.99. Doubt: a batch-wise program may be limited well below.
 */
const SATURATED_SHARE = 0.85;

/**
 * Idle share of the machine below which the CPUs are used up. Unit: ratio 0..1. Reason: tool and target on the same
 * CPUs can then only grow at each other's cost. Doubt: the idle share is an average and hides short full bursts.
 */
export const EXHAUSTED_IDLE = 0.1;

/**
 * How much more CPU the one must use than the other to own an exhausted machine. Unit: factor. Reason: at equal use
 * neither can be named. Doubt: chosen by feel; planted loads were 1.6 and more apart.
 */
export const OWNER_FACTOR = 1.5;

/**
 * Share of the machine used by others from which an exhausted machine says nothing about tool or target. Unit: ratio
 * 0..1. Reason: undisturbed runs showed less than 0.1. Doubt: depends on what the kernel books on nobody.
 */
const FOREIGN_SHARE = 0.2;

type Side = 'tool' | 'target';

/** Whether one side's CPU is used up, and the figures that say so. */
export interface CpuLoad {
  /** Undefined when neither its share nor its busiest thread was observed. */
  saturated: boolean | undefined;
  /** The telling share, 0..1. */
  share: number;
  because: string[];
}

/** Judge the CPU of the load generator or of the target. */
export function judgeCpu(process: ArmEvidence['process'], side: Side): CpuLoad {
  const share = side === 'tool' ? process.toolCpuShare : process.targetCpuShare;
  const thread = side === 'tool' ? process.toolBusiestThread : process.targetBusiestThread;
  if (share === undefined && thread === undefined) return { saturated: undefined, share: 0, because: [] };

  const because: string[] = [];
  const full = (share ?? 0) > SATURATED_SHARE;
  const threadFull = (thread ?? 0) > SATURATED_SHARE;
  const owns = ownsExhaustedMachine(process, side);
  if (share !== undefined) because.push(`the ${side} used ${formatPercent(share)} of the CPUs it may use`);
  if (thread !== undefined) because.push(`its busiest thread used ${formatPercent(thread)} of one CPU`);
  if (owns) because.push(owns);
  const telling =
    threadFull && !full ? (thread ?? 0) : Math.max(share ?? 0, owns ? 1 - (process.idle ?? 0) : 0);
  return { saturated: full || threadFull || owns !== undefined, share: Math.min(1, telling), because };
}

/** What speaks against trusting CPU figures, or against a machine with time to spare. */
export function cpuDoubts(process: ArmEvidence['process']): string[] {
  const doubts: string[] = [];
  const { idle, steal } = process;
  const foreign = foreignCpu(process);
  if (idle !== undefined && idle < EXHAUSTED_IDLE) {
    doubts.push(`the machine had only ${formatPercent(idle)} of its CPU time left`);
  }
  if (foreign !== undefined) {
    doubts.push(`other programs used ${formatPercent(foreign)} of the machine's CPU time`);
  }
  // More than a few percent of steal means that the virtual CPUs were not there when wanted.
  if (steal !== undefined && steal > 0.05) {
    doubts.push(`the hypervisor took ${formatPercent(steal)} of the CPU time`);
  }
  return doubts;
}

/** The share of the machine that others used, where it was enough to disturb a measurement. */
export function foreignCpu({ unaccounted }: ArmEvidence['process']): number | undefined {
  return unaccounted !== undefined && unaccounted > FOREIGN_SHARE ? unaccounted : undefined;
}

/** A sentence when the machine is exhausted and this side is clearly the one that uses it. */
function ownsExhaustedMachine(process: ArmEvidence['process'], side: Side): string | undefined {
  const { idle, toolCpuS, targetCpuS } = process;
  if (idle === undefined || idle >= EXHAUSTED_IDLE) return undefined;
  if (foreignCpu(process) !== undefined) return undefined;
  if (toolCpuS === undefined || targetCpuS === undefined) return undefined;
  const [mine, other] = side === 'tool' ? [toolCpuS, targetCpuS] : [targetCpuS, toolCpuS];
  if (mine < OWNER_FACTOR * other) return undefined;
  return `the machine had ${formatPercent(idle)} idle time, and the ${side} used ${mine.toFixed(2)} s of CPU against ${other.toFixed(2)} s`;
}

/** The figures of two processes that have CPU to spare, as one sentence. */
export function describeSpareCpu(process: ArmEvidence['process']): string {
  const part = (name: string, share: number | undefined, thread: number | undefined): string =>
    share === undefined
      ? `the ${name}'s busiest thread ${formatPercent(thread ?? 0)}`
      : `the ${name} ${formatPercent(share)}`;
  const tool = part('tool', process.toolCpuShare, process.toolBusiestThread);
  const target = part('target', process.targetCpuShare, process.targetBusiestThread);
  return `neither CPU is used up: ${tool} and ${target} of what they may use`;
}
