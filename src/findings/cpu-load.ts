import { readingValue } from '../model/cell.ts';
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

/**
 * Share of CPUs of its own from which a process is what uses them up, where they have no idle time. Unit: ratio 0..1.
 * Reason: the kernel books the network's soft interrupts on nobody, a quarter of a CPU at full speed on loopback, so a
 * process that never sleeps may stay at 0.7. Doubt: with a stranger on the same CPUs it may be half of the truth.
 */
const MAIN_USER = 0.5;

/**
 * How many times longer connections must be with the one side than with the other for it to be the one that limits, where
 * both are saturated. Unit: factor. Reason: in a closed loop requests queue where the narrower place is. Doubt: a capture
 * costs both sides CPU, and not the same; below the factor both are named.
 */
const NARROWER = 2;

/** Share of shared CPUs that tool and target must have used themselves to be judged by it. Unit: ratio 0..1. Reason: soft interrupts take a quarter. Doubt: little strangers hide in them. */
const LEAST_OURS = 0.6;

/** Idle share that the other side's CPUs must have for strangers to have hit one side alone. Unit: ratio 0..1. Reason and doubt: as for host-interference. */
const LEFT_BESIDE = 0.15;

/** Wait for a CPU that is worth a word. Unit: ratio 0..1. */
const NOTABLE_WAIT = 0.1;

type Side = 'tool' | 'target';
type CpuEvidence = Pick<ArmEvidence, 'arm' | 'process' | 'wire'>;

/** Whether one side's CPU is used up, and the figures that say so. */
export interface CpuLoad {
  /** Undefined when neither its share nor its busiest thread was observed. */
  saturated: boolean | undefined;
  /** The telling share, 0..1. */
  share: number;
  because: string[];
}

/** Judge the CPU of the load generator or of the target. */
export function judgeCpu(evidence: CpuEvidence, side: Side): CpuLoad {
  const { process } = evidence;
  const share = process[`${side}CpuShare`];
  const thread = process[`${side}BusiestThread`];
  if (share === undefined && thread === undefined) return { saturated: undefined, share: 0, because: [] };

  const because: string[] = [];
  const full = (share ?? 0) > SATURATED_SHARE;
  const threadFull = (thread ?? 0) > SATURATED_SHARE;
  const owns = ownsExhaustedCpus(evidence, side);
  const lacks = full || threadFull ? undefined : lacksPinnedCpus(evidence, side);
  if (share !== undefined) because.push(`the ${side} used ${formatPercent(share)} of the CPUs it may use`);
  if (thread !== undefined) because.push(`its busiest thread used ${formatPercent(thread)} of one CPU`);
  if (owns) because.push(owns);
  if (lacks) because.push(lacks.text);
  const telling =
    threadFull && !full
      ? (thread ?? 0)
      : Math.max(share ?? 0, lacks?.share ?? 0, owns ? 1 - (idleOf(evidence, side) ?? 0) : 0);
  return {
    saturated: full || threadFull || owns !== undefined || lacks !== undefined,
    share: Math.min(1, telling),
    because,
  };
}

/** Idle share of the CPUs that a side may use, whoever used them, 0..1. Runs of older versions know the machine's alone. */
export function idleOf({ process }: CpuEvidence, side: Side): number | undefined {
  return process[`${side}CpusIdle`] ?? process.idle;
}

/** The number of CPUs on which tool and target both run, and on no others; undefined where each has some for itself. */
function sharedCpus({ arm, process }: CpuEvidence): number | undefined {
  const { pin: tool } = arm;
  const { pin: target } = arm.target;
  if (!tool && !target) return process.cpus;
  if (!tool || !target) return undefined;
  const all = new Set([...tool, ...target]).size;
  return all === new Set(tool).size && all === new Set(target).size ? all : undefined;
}

/** Whether tool and target are pinned to different CPUs. */
export function areApart({ arm }: CpuEvidence): boolean {
  const { pin } = arm;
  const { pin: others } = arm.target;
  return pin !== undefined && others !== undefined && !pin.some((cpu) => others.includes(cpu));
}

/** Where both sides are saturated: how much of connection time is this side's, 0..1, and whether the other side limits. */
export interface Contest {
  part: number;
  yields: boolean;
  text: string;
}

/** Undefined where the other side has CPU to spare, or where no capture tells where connections wait. */
export function contestCpu(evidence: CpuEvidence, side: Side): Contest | undefined {
  const other = side === 'tool' ? 'target' : 'tool';
  if (!judgeCpu(evidence, other).saturated) return undefined;
  const { wire } = evidence;
  const turn = readingValue(wire?.client_turn_share);
  const wait = readingValue(wire?.server_wait_share);
  const transfer = readingValue(wire?.transfer_share);
  if (turn === undefined || wait === undefined || transfer === undefined) return undefined;
  const server = wait + transfer;
  const [mine, others] = side === 'tool' ? [turn, server] : [server, turn];
  const whole = mine + others;
  if (whole <= 0) return undefined;
  return {
    part: mine / whole,
    yields: others >= NARROWER * mine,
    text: `the ${other} has no CPU left either, and connections were with the server ${formatPercent(server)} of their time, with the client ${formatPercent(turn)}`,
  };
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

/** A sentence when the CPUs that both sides run on are exhausted and this side is clearly the one that uses them. */
function ownsExhaustedCpus(evidence: CpuEvidence, side: Side): string | undefined {
  const use = exhaustedTogether(evidence);
  if (!use || use.byOthers) return undefined;
  const { toolCpuS, targetCpuS } = use;
  const [mine, other] = side === 'tool' ? [toolCpuS, targetCpuS] : [targetCpuS, toolCpuS];
  if (mine < OWNER_FACTOR * other) return undefined;
  return `${use.idleText}, and the ${side} used ${mine.toFixed(2)} s of CPU against ${other.toFixed(2)} s`;
}

/** Both sides on the same CPUs, which have no idle time. */
export interface SharedUse {
  toolCpuS: number;
  targetCpuS: number;
  idle: number;
  idleText: string;
  /** Strangers used too much of them for either side to be blamed. */
  byOthers: boolean;
}

/** Undefined where the sides do not share all their CPUs, where these have time left, or where use is not known. */
export function exhaustedTogether(evidence: CpuEvidence): SharedUse | undefined {
  const { process, arm } = evidence;
  const { toolCpuS, targetCpuS, windowMs } = process;
  const cpus = sharedCpus(evidence);
  const idle = idleOf(evidence, 'target');
  if (areApart(evidence)) return undefined;
  if (idle === undefined || idle >= EXHAUSTED_IDLE) return undefined;
  if (toolCpuS === undefined || targetCpuS === undefined) return undefined;
  const pinned = arm.pin !== undefined && cpus !== undefined;
  // Strangers are counted on the whole machine: of some of its CPUs only what tool and target leave is known.
  const ours = pinned && windowMs !== undefined ? ((toolCpuS + targetCpuS) * 1000) / (windowMs * cpus) : 1;
  return {
    toolCpuS,
    targetCpuS,
    idle,
    idleText: pinned
      ? `tool and target share ${cpus === 1 ? 'one CPU' : `${cpus} CPUs`} with ${formatPercent(idle)} idle time`
      : `the machine had ${formatPercent(idle)} idle time`,
    byOthers: pinned ? ours < LEAST_OURS : foreignCpu(process) !== undefined,
  };
}

/**
 * A pinned side whose CPUs are used up, by itself or by strangers that it waits for. Where strangers hold the CPUs of both
 * sides nobody is to blame: that is host-interference.
 */
function lacksPinnedCpus(evidence: CpuEvidence, side: Side): { share: number; text: string } | undefined {
  if (!areApart(evidence)) return undefined;
  const { process, arm } = evidence;
  const idle = process[`${side}CpusIdle`];
  const used = process[`${side}CpuShare`];
  if (idle === undefined || used === undefined || idle >= EXHAUSTED_IDLE) return undefined;
  const otherIdle = process[side === 'tool' ? 'targetCpusIdle' : 'toolCpusIdle'] ?? 0;
  if (foreignCpu(process) !== undefined && otherIdle < LEFT_BESIDE) return undefined;
  const cpus = (side === 'tool' ? arm.pin : arm.target.pin)?.length ?? 1;
  const waited = (process[`${side}RunQueueShare`] ?? 0) / cpus;
  if (used < MAIN_USER && used + waited <= SATURATED_SHARE) return undefined;
  const waitText =
    waited < NOTABLE_WAIT
      ? ''
      : `, and its threads were ready and waited for them ${formatPercent(waited)} of the time`;
  return {
    share: Math.min(1 - idle, Math.max(used, Math.min(1, used + waited))),
    text: `the CPUs that it is pinned to had ${formatPercent(idle)} idle time${waitText}; those of the ${side === 'tool' ? 'target' : 'tool'} ${formatPercent(otherIdle)}`,
  };
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
