import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTargetCounters } from '../src/evidence/target-counters.ts';
import { readCpuTimes } from '../src/observe/cpu-times.ts';
import { runToEnd } from '../src/process/run-to-end.ts';
import { type Lab, SkippedError } from './lab.ts';
import type { Load, LoadProgram } from './load-programs.ts';
import type { MeasuredTarget } from './measured-target.ts';
import type { LoadRun } from './model.ts';

/** Starting, connecting and reporting, on a machine that is busy. */
const GRACE_MS = 30_000;

/** What stands behind the target's URL, and the rest of the load. */
export interface LoadSpec extends Omit<Load, 'url'> {
  path: string;
}

/**
 * One run of one program: counters before, the program to its end, the target drained, counters after.
 * @param onStart called with the pid of what was started, which is the parent of the program
 * @throws SkippedError without a CPU clock, Error when the program failed or nothing was counted
 */
export async function runLoad(
  lab: Lab,
  target: MeasuredTarget,
  program: LoadProgram,
  spec: LoadSpec,
  onStart?: (pid: number) => void,
): Promise<LoadRun> {
  if (!lab.clock.found) throw new SkippedError(lab.clock.reason);
  lab.signal.throwIfAborted();
  const { clock } = lab.clock;
  const load: Load = { ...spec, url: `${target.url}${spec.path}` };
  const [usageFile, stdoutFile, stderrFile] = ['usage', 'stdout', 'stderr'].map((name) =>
    join(lab.dir, `load-${name}.txt`),
  ) as [string, string, string];

  const before = await target.readMetrics();
  const machineBefore = readCpuTimes();
  const ownBefore = process.cpuUsage();
  const targetBeforeUs = target.cpuUs();
  const exit = await runToEnd(
    {
      argv: clock.wrap(program.argv(load), usageFile),
      ...(program.env ? { env: program.env(load) } : {}),
      deadlineMs: spec.durationS * 1000 + GRACE_MS,
      signals: [
        { signal: 'SIGINT', waitMs: 3000 },
        { signal: 'SIGKILL', waitMs: 1000 },
      ],
    },
    {
      stdoutFile,
      stderrFile,
      wrap: ([file, ...args]) => [file!, ...args],
      signal: lab.signal,
      registry: lab.registry,
      dir: lab.dir,
      ...(onStart ? { onStart } : {}),
    },
  );
  const targetCpuUs = target.cpuUs() - targetBeforeUs;
  const own = process.cpuUsage(ownBefore);
  const machine = readCpuTimes();
  lab.signal.throwIfAborted();
  if (exit.code !== 0 || exit.overran) {
    const words = `${readFileSync(stderrFile, 'utf8')}\n${readFileSync(stdoutFile, 'utf8')}`.trim();
    throw new Error(
      `${program.name} ${exit.overran ? 'did not end in time' : `ended with ${exit.code ?? exit.signal}`}: ${words.slice(0, 300)}`,
    );
  }
  const drained = await target.drain();
  if (!drained) throw new Error(`streams stayed open after ${program.name} had ended`);
  const counters = readTargetCounters(before, await target.readMetrics());
  if (counters?.requests === undefined) throw new Error('the target does not count its requests');

  const cpu = clock.read(usageFile);
  const busyS = machine.totalS - machine.idleS - (machineBefore.totalS - machineBefore.idleS);
  const ownedS = (cpu.userUs + cpu.systemUs + targetCpuUs + own.user + own.system) / 1e6;
  return {
    program: program.name,
    ...cpu,
    wallMs: exit.wallMs,
    targetRequests: counters.requests,
    targetEvents: counters.events ?? 0,
    ...(counters.bodyBytes === undefined ? {} : { targetBytes: counters.bodyBytes }),
    own: program.readOwn(readFileSync(stdoutFile, 'utf8')),
    targetCpuUs,
    harnessCpuUs: own.user + own.system,
    // Ticks are coarse: a little less than nothing is nothing.
    otherCpus: Math.max(0, (busyS - ownedS) / (exit.wallMs / 1000)),
  };
}
