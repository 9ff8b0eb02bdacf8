import type { GoRuntimeCounters } from '../model/evidence.ts';

/** As Go 1.19 to 1.26 print it under `GODEBUG=schedtrace=N`; the bracket holds the queue of each P. */
const SCHEDULER =
  /^SCHED (?<atMs>\d+)ms: gomaxprocs=(?<procs>\d+) idleprocs=(?<idle>\d+) threads=(?<threads>\d+) .*?runqueue=(?<shared>\d+) \[(?<local>[\d ]*)\]/;

/**
 * Under `GODEBUG=gctrace=1`: the clock's times are those of the first pause, the concurrent phase and the last pause; the
 * CPU's those of the first pause, assists / workers / idle workers, and the last pause.
 */
const COLLECTION =
  /^gc \d+ @[\d.]+s \d+%: (?<first>[\d.]+)\+[\d.]+\+(?<last>[\d.]+) ms clock, (?<cpuFirst>[\d.]+)\+(?<assist>[\d.]+)\/(?<worker>[\d.]+)\/[\d.]+\+(?<cpuLast>[\d.]+) ms cpu,/;

/**
 * What a Go program's runtime said of its scheduler and collector in a piece of its standard error, which may begin and
 * end within a line. Undefined where there is no line of the scheduler: without one nobody asked the runtime, and no line
 * of the collector would not mean that nothing was collected.
 */
export function readGoRuntimeLog(text: string): GoRuntimeCounters | undefined {
  const queues: number[] = [];
  const idle: number[] = [];
  const times: number[] = [];
  let [threadsMax, procs, gcCycles, gcPauseMaxMs, gcPausesMs, gcCpuMs] = [0, 0, 0, 0, 0, 0];
  for (const line of text.split('\n')) {
    const look = SCHEDULER.exec(line)?.groups;
    if (look) {
      times.push(Number(look.atMs));
      queues.push(look.local!.split(' ').reduce((sum, queue) => sum + Number(queue), Number(look.shared)));
      idle.push(Number(look.idle));
      threadsMax = Math.max(threadsMax, Number(look.threads));
      procs = Number(look.procs);
    }
    const collection = COLLECTION.exec(line)?.groups;
    if (collection) {
      const { first, last, cpuFirst, assist, worker, cpuLast } = collection;
      gcCycles++;
      gcPauseMaxMs = Math.max(gcPauseMaxMs, Number(first), Number(last));
      gcPausesMs += Number(first) + Number(last);
      // What idle workers do costs nobody anything.
      gcCpuMs += Number(cpuFirst) + Number(assist) + Number(worker) + Number(cpuLast);
    }
  }
  if (times.length === 0) return undefined;
  const spanMs = times.at(-1)! - times[0]!;
  return {
    looks: times.length,
    procs,
    idleProcsMean: mean(idle),
    threadsMax,
    runQueueMean: mean(queues),
    runQueueMax: Math.max(...queues),
    gcCycles,
    gcPauseMaxUs: Math.round(gcPauseMaxMs * 1000),
    gcCpuS: gcCpuMs / 1000,
    ...(spanMs > 0 ? { gcStoppedShare: Math.min(1, gcPausesMs / spanMs) } : {}),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
