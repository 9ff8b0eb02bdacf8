import type { GoRuntimeCounters } from '../model/evidence.ts';

/** As Go 1.19 to 1.26 print it under `GODEBUG=schedtrace=N`; the bracket holds the queue of each P. */
const SCHEDULER =
  /^SCHED \d+ms: gomaxprocs=(?<procs>\d+) idleprocs=(?<idle>\d+) threads=(?<threads>\d+) .*?runqueue=(?<shared>\d+) \[(?<local>[\d ]*)\]/;

/**
 * Under `GODEBUG=gctrace=1`: the clock's times are those of the first pause, the concurrent phase and the last pause; the
 * CPU's those of the first pause, assists / workers / idle workers, and the last pause.
 */
const COLLECTION =
  /^gc \d+ @[\d.]+s \d+%: (?<first>[\d.]+)\+[\d.]+\+(?<last>[\d.]+) ms clock, (?<cpuFirst>[\d.]+)\+(?<assist>[\d.]+)\/(?<worker>[\d.]+)\/[\d.]+\+(?<cpuLast>[\d.]+) ms cpu,/;

/** What a line of the collector begins with, in whatever form its rest is. */
const COLLECTION_BEGINS = /^gc \d+ @/;

/** What is known of a piece of a Go program's standard error beside its text. */
export interface GoRuntimeLook {
  /** Environment of the program: `gctrace=1` in its GODEBUG makes no line of the collector mean that none was needed. */
  env: Readonly<Record<string, string>>;
  /** Time in which the piece was written; undefined where nobody watched. */
  windowMs: number | undefined;
}

/**
 * What a Go program's runtime said of its scheduler and collector in a piece of its standard error, which may begin and
 * end within a line. Undefined where there is no line of the scheduler: then nobody asked the runtime.
 */
export function readGoRuntimeLog(
  text: string,
  { env, windowMs }: GoRuntimeLook,
): GoRuntimeCounters | undefined {
  const queues: number[] = [];
  const idle: number[] = [];
  let [threadsMax, procs, gcCycles, gcPauseMaxMs, gcPausesMs, gcCpuMs] = [0, 0, 0, 0, 0, 0];
  let gcUnread = 0;
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const look = SCHEDULER.exec(line)?.groups;
    if (look) {
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
    } else if (COLLECTION_BEGINS.test(line) && index < lines.length - 1) {
      gcUnread++;
    }
  }
  if (queues.length === 0) return undefined;
  // Figures over the lines that could be read would pass for those of all collections.
  const gcKnown = gcUnread === 0 && (gcCycles > 0 || tracesCollections(env));
  return {
    looks: queues.length,
    procs,
    idleProcsMean: mean(idle),
    threadsMax,
    runQueueMean: mean(queues),
    runQueueMax: Math.max(...queues),
    ...(gcKnown ? { gcCycles, gcPauseMaxUs: Math.round(gcPauseMaxMs * 1000), gcCpuS: gcCpuMs / 1000 } : {}),
    ...(gcKnown && windowMs !== undefined && windowMs > 0 ? { gcStoppedShare: gcPausesMs / windowMs } : {}),
  };
}

/** Of a setting that is given twice, Go takes the last. */
function tracesCollections({ GODEBUG = '' }: Readonly<Record<string, string>>): boolean {
  const given = GODEBUG.split(',').filter((setting) => setting.startsWith('gctrace='));
  return Number(given.at(-1)?.slice('gctrace='.length)) > 0;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
