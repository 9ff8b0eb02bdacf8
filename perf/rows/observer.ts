import { availableParallelism } from 'node:os';
import { startObserver } from '../../src/observe/observer.ts';
import { needTool, type Versions } from '../find-programs.ts';
import { findDoubts, lineOfPairs, lineOfValues } from '../judge.ts';
import type { Lab } from '../lab.ts';
import { wrk } from '../load-programs.ts';
import { withTarget } from '../measured-target.ts';
import type { Line, LoadRun, MeasuredLine, Pair, RowResult } from '../model.ts';
import { runPairs } from '../pairing.ts';
import { runLoad } from '../run-load.ts';
import { medianInterval } from '../statistics.ts';
import { emptyResult } from './compare.ts';

/** As trials are sampled unless the scenario says otherwise. */
const SAMPLE_EVERY_MS = 100;
/** A short run meets fewer changes of the machine than a long one, and many pairs of them find a hundredth. */
const RUNS_PER_USUAL_RUN = 4;
const SHORTEST_RUN_S = 2;

/**
 * R11: what watching costs that which is watched: the same load with and without the sampling of measured trials, at full
 * speed, where every microsecond is missed. The rates say what it does cost, within their scatter; the CPU time of the
 * harness, which is exact, says what it can cost at most.
 */
export async function measureObserver(lab: Lab, versions: Versions): Promise<RowResult> {
  await needTool('wrk', versions);
  const result = emptyResult();
  await withTarget(lab, async (target) => {
    const name = 'short responses, sampled ten times a second against not';
    const { durationS, pairs: usualPairs, quick } = lab.options;
    const spec = {
      path: '/hello',
      kind: 'response',
      connections: 100,
      durationS: quick
        ? durationS
        : Math.min(durationS, Math.max(SHORTEST_RUN_S, Math.round(durationS / RUNS_PER_USUAL_RUN))),
    } as const;
    const count = quick ? usualPairs : usualPairs * RUNS_PER_USUAL_RUN;
    const pairs = await runPairs(count, async (side): Promise<LoadRun> => {
      lab.say(`${name}: ${side === 'ours' ? 'sampled' : 'not sampled'}`);
      if (side === 'peer') return runLoad(lab, target, { ...wrk, name: 'not sampled' }, spec);
      const observer = startObserver({
        space: lab.space,
        everyMs: SAMPLE_EVERY_MS,
        cpus: availableParallelism(),
        targetPid: target.pid,
        port: target.port,
      });
      try {
        const program = { ...wrk, name: 'sampled' };
        const run = await runLoad(lab, target, program, spec, (pid) => observer.watchTool(pid));
        observer.stop();
        return run;
      } finally {
        observer.abandon();
      }
    });
    result.raw[name] = { ...spec, target: target.name, everyMs: SAMPLE_EVERY_MS, pairs };
    // The observer runs in this process, whose CPU is not among that of others.
    result.warnings.push(...findDoubts(name, pairs));
    const rates = lineOfPairs(
      { row: 'R11', name, unit: 'requests / s', goal: { kind: 'at-least', value: 0.99, of: 'ratio' } },
      pairs,
      (run) => (run.own.windowUs ? (run.targetRequests * 1e6) / run.own.windowUs : undefined),
    );
    if (rates.state === 'measured') rates.notes.push(describeRatio(rates, pairs.length, spec.durationS));
    result.lines.push(rates, lineOfCpu(pairs));
  });
  return result;
}

function describeRatio(line: MeasuredLine, pairs: number, durationS: number): string {
  const [low, high] = medianInterval(line.values.ratio!);
  return `${pairs} pairs of ${durationS} s, 95 % interval of the ratio's median ${low.toFixed(3)} to ${high.toFixed(3)}`;
}

/** CPU time of this process per second: what it needs for starting and waiting is there on both sides and is taken off. */
function lineOfCpu(pairs: readonly Pair[]): Line {
  const msPerS = (run: LoadRun): number => run.harnessCpuUs / run.wallMs;
  const costs = pairs.map(({ ours, peer }) => msPerS(ours) - msPerS(peer));
  const line = lineOfValues({ row: 'R11', name: 'CPU of sampling', unit: 'ms / s' }, 'the harness', costs);
  const percent = (line.ours.median / 10 / availableParallelism()).toFixed(2);
  line.notes.push(
    `of one CPU; a machine whose ${availableParallelism()} CPUs are used up loses ${percent} % by it at most`,
  );
  return line;
}
