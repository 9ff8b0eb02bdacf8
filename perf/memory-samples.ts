import { PAGE_BYTES } from '../src/observe/page-size.ts';
import { listProcStats, readProcStat } from '../src/process/proc-stat.ts';

export interface MemorySample {
  /** Since the sampler was started. */
  atS: number;
  rssBytes: number;
}

export interface MemorySampler {
  /** So far. */
  readonly samples: readonly MemorySample[];
  stop(): MemorySample[];
}

/**
 * Sample the resident memory of a process until it ends or the sampler is stopped.
 * @param parentPid the CPU clock, whose only child the process is
 */
export function sampleMemoryOfChild(parentPid: number, everyMs: number): MemorySampler {
  const samples: MemorySample[] = [];
  const startedAt = performance.now();
  let pid: number | undefined;
  const timer = setInterval(() => {
    pid ??= listProcStats().find((stat) => stat.ppid === parentPid)?.pid;
    const stat = pid === undefined ? undefined : readProcStat(pid);
    // No pages: it has ended and waits to be collected.
    if (!stat || stat.rssPages === 0) return;
    samples.push({ atS: (performance.now() - startedAt) / 1000, rssBytes: stat.rssPages * PAGE_BYTES });
  }, everyMs);
  return {
    samples,
    stop() {
      clearInterval(timer);
      return samples;
    },
  };
}

/** Samples from `fromS` to `toS`, both included. */
export function between(samples: readonly MemorySample[], fromS: number, toS: number): MemorySample[] {
  return samples.filter(({ atS }) => atS >= fromS && atS <= toS);
}
