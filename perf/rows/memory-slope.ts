import { lineOfValues } from '../judge.ts';
import { type Lab, SkippedError } from '../lab.ts';
import { sseeTester } from '../load-programs.ts';
import { withTarget } from '../measured-target.ts';
import { between, sampleMemoryOfChild } from '../memory-samples.ts';
import type { RowResult } from '../model.ts';
import { runLoad } from '../run-load.ts';
import { leastSquaresSlope } from '../statistics.ts';
import { emptyResult } from './compare.ts';

const SAMPLE_EVERY_MS = 1000;
/** Until the heap has its size: the first minute, of a short run its first third. */
const SETTLES_WITHIN_S = 60;
const SETTLES_WITHIN_SHARE = 1 / 3;
/** Streams that end and begin again, so that every part of the life of a stream is in the run. */
const PATH = '/events?count=20';

/** R7: does resident memory grow at full speed? */
export async function measureMemorySlope(lab: Lab): Promise<RowResult> {
  const durationS = lab.options.soakS;
  if (durationS === undefined) throw new SkippedError('only with --full (10 minutes) or --soak');
  const result = emptyResult();
  const settledS = Math.min(SETTLES_WITHIN_S, durationS * SETTLES_WITHIN_SHARE);
  const name = `memory slope over ${durationS} s at full speed`;
  await withTarget(lab, async (target) => {
    lab.say(name);
    let sampler: ReturnType<typeof sampleMemoryOfChild> | undefined;
    try {
      const run = await runLoad(
        lab,
        target,
        sseeTester(),
        { path: PATH, kind: 'finite', connections: 100, durationS },
        (pid) => {
          sampler = sampleMemoryOfChild(pid, SAMPLE_EVERY_MS);
        },
      );
      const samples = sampler?.stop() ?? [];
      const points = between(samples, settledS, durationS).map(({ atS, rssBytes }) => ({
        x: atS / 60,
        y: rssBytes / 1e6,
      }));
      const slope = leastSquaresSlope(points);
      if (slope === undefined) throw new Error('the memory of ssee-tester was not seen often enough');
      result.raw[name] = { settledS, run, samples };
      const line = lineOfValues(
        { row: 'R7', name, unit: 'MB / minute', goal: { kind: 'at-most', value: 1, of: 'ours' } },
        'ssee-tester',
        [slope],
      );
      const levels = points.map(({ y }) => y);
      line.notes.push(
        `${Math.min(...levels).toFixed(0)} to ${Math.max(...levels).toFixed(0)} MB resident after ${settledS.toFixed(0)} s, ${(run.targetEvents / durationS).toFixed(0)} events/s`,
      );
      result.lines.push(line);
    } finally {
      sampler?.stop();
    }
  });
  return result;
}
