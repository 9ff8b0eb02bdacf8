import { availableParallelism } from 'node:os';
import { startObserver } from '../../src/observe/observer.ts';
import { needTool, type Versions } from '../find-programs.ts';
import { findDoubts, lineOfPairs } from '../judge.ts';
import type { Lab } from '../lab.ts';
import { wrk } from '../load-programs.ts';
import { withTarget } from '../measured-target.ts';
import type { LoadRun, RowResult } from '../model.ts';
import { runPairs } from '../pairing.ts';
import { runLoad } from '../run-load.ts';
import { emptyResult } from './compare.ts';

/** As trials are sampled unless the scenario says otherwise. */
const SAMPLE_EVERY_MS = 100;

/**
 * R11: what watching costs that which is watched: the same load with and without the sampling of measured trials, at full
 * speed, where every microsecond is missed.
 */
export async function measureObserver(lab: Lab, versions: Versions): Promise<RowResult> {
  await needTool('wrk', versions);
  const result = emptyResult();
  await withTarget(lab, async (target) => {
    const name = 'short responses, sampled ten times a second against not';
    const spec = {
      path: '/hello',
      kind: 'response',
      connections: 100,
      durationS: lab.options.durationS,
    } as const;
    const pairs = await runPairs(lab.options.pairs, async (side): Promise<LoadRun> => {
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
    result.lines.push(
      lineOfPairs(
        { row: 'R11', name, unit: 'requests / s', goal: { kind: 'at-least', value: 0.99, of: 'ratio' } },
        pairs,
        (run) => (run.own.windowUs ? (run.targetRequests * 1e6) / run.own.windowUs : undefined),
      ),
    );
  });
  return result;
}
