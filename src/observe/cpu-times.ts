import { readFileSync } from 'node:fs';
import { TICKS_PER_SECOND } from '../process/proc-stat.ts';
import { KeptFile, readBytes } from './kept-file.ts';

/** CPU time of the whole machine since boot, seconds summed over its CPUs. */
export interface CpuTimes {
  /** Nothing to do, waiting for a disk included. */
  idleS: number;
  /** Interrupts, hard and soft: network work that no process is charged for. */
  irqS: number;
  softirqS: number;
  /** Taken by the hypervisor for others. */
  stealS: number;
  totalS: number;
}

/**
 * Parse the `cpu` row of /proc/stat.
 * @throws when there is none: then this is not Linux' /proc/stat
 */
export function parseCpuTimes(text: string): CpuTimes {
  const row = /^cpu\s+(.*)$/m.exec(text);
  if (!row) throw new Error('/proc/stat has no cpu row');
  // Guest time is part of user time already, so only the first eight columns are summed.
  const seconds = row[1]!
    .split(/\s+/)
    .slice(0, 8)
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND);
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = seconds;
  return {
    idleS: idle + iowait,
    irqS: irq,
    softirqS: softirq,
    stealS: steal,
    totalS: user + nice + system + idle + iowait + irq + softirq + steal,
  };
}

export function readCpuTimes(): CpuTimes {
  return parseCpuTimes(readFileSync('/proc/stat', 'utf8'));
}

/** Busy and total clock ticks of each CPU since boot, by its number. */
export type CoreTimes = Map<number, { busyTicks: number; totalTicks: number }>;

/** Busy and total clock ticks of each CPU since boot, by its number; from the `cpu<N>` rows of /proc/stat. */
export function parseCoreTimes(text: string): CoreTimes {
  const cores: CoreTimes = new Map();
  for (const [, number, row] of text.matchAll(/^cpu(\d+)\s+(.*)$/gm)) {
    const ticks = row!.split(/\s+/).slice(0, 8).map(Number);
    const totalTicks = ticks.reduce((sum, count) => sum + count, 0);
    cores.set(Number(number), { busyTicks: totalTicks - (ticks[3] ?? 0) - (ticks[4] ?? 0), totalTicks });
  }
  return cores;
}

export interface MachineTimes {
  /** @throws when /proc/stat cannot be read */
  read(): { cpu: CpuTimes; cores: CoreTimes };
  close(): void;
}

/** Reads the times of the machine and of each CPU again and again, both at the same moment. */
export function openMachineTimes(): MachineTimes {
  const file = new KeptFile('/proc/stat');
  return {
    read() {
      const length = file.read();
      if (length === undefined) throw new Error('/proc/stat cannot be read');
      // The rows of CPUs come first; those of interrupts after them are long on large machines.
      const rest = readBytes.indexOf('\nintr');
      const text = readBytes.toString('latin1', 0, rest >= 0 && rest < length ? rest : length);
      return { cpu: parseCpuTimes(text), cores: parseCoreTimes(text) };
    },
    close: () => file.close(),
  };
}

/** Busy share of each CPU between two readings, 0..1, in the order of their numbers; CPUs that came or went are left out. */
export function coreShares(after: CoreTimes, before: CoreTimes): number[] {
  return [...after]
    .sort(([a], [b]) => a - b)
    .flatMap(([number, now]) => {
      const then = before.get(number);
      const totalTicks = now.totalTicks - (then?.totalTicks ?? now.totalTicks);
      return then && totalTicks > 0
        ? [Math.min(1, Math.max(0, (now.busyTicks - then.busyTicks) / totalTicks))]
        : [];
    });
}

/** Idle share of the named CPUs together between two readings, 0..1, of all without names; undefined where one is missing. */
export function idleShare(
  after: CoreTimes,
  before: CoreTimes,
  cpus: readonly number[] = [...after.keys()],
): number | undefined {
  let busyTicks = 0;
  let totalTicks = 0;
  for (const cpu of cpus) {
    const now = after.get(cpu);
    const then = before.get(cpu);
    if (!now || !then) return undefined;
    busyTicks += now.busyTicks - then.busyTicks;
    totalTicks += now.totalTicks - then.totalTicks;
  }
  return totalTicks > 0 ? Math.min(1, Math.max(0, 1 - busyTicks / totalTicks)) : undefined;
}

/** Differences, member by member. */
export function subtractCpuTimes(after: CpuTimes, before: CpuTimes): CpuTimes {
  return {
    idleS: after.idleS - before.idleS,
    irqS: after.irqS - before.irqS,
    softirqS: after.softirqS - before.softirqS,
    stealS: after.stealS - before.stealS,
    totalS: after.totalS - before.totalS,
  };
}
