import { testerKnows } from '../find-programs.ts';
import { cpuUsPerEvent, lineOfPairs } from '../judge.ts';
import { type Lab, SkippedError } from '../lab.ts';
import { sseeTester } from '../load-programs.ts';
import { withPour } from '../measured-target.ts';
import type { Line, RowResult } from '../model.ts';
import { compare, emptyResult } from './compare.ts';

const RATE_LINE = {
  row: 'R6',
  name: 'events: two workers against one',
  unit: 'events / s',
  goal: { kind: 'at-least', value: 1.7, of: 'ratio' },
} as const;
const COST_LINE = {
  row: 'R6',
  name: 'cost: two workers against one',
  unit: 'us CPU / event',
  goal: { kind: 'at-most', value: 1.1, of: 'ratio' },
} as const;

/** R6: what a second worker brings and costs, against a target whose events cost next to nothing. */
export async function measureWorkers(lab: Lab): Promise<RowResult> {
  const result = emptyResult();
  if (!(await testerKnows('--workers'))) return skipAll('ssee-tester has no option --workers');
  try {
    await measure(lab, result);
  } catch (error) {
    if (error instanceof SkippedError) return skipAll(error.message);
    throw error;
  }
  return result;
}

function skipAll(reason: string): RowResult {
  const lines = [RATE_LINE, COST_LINE].map((line): Line => ({ ...line, state: 'skipped', reason }));
  return { ...emptyResult(), lines };
}

async function measure(lab: Lab, result: RowResult): Promise<void> {
  await withPour(lab, async (target) => {
    const pairs = await compare(
      lab,
      target,
      {
        name: 'two workers against one',
        path: '/pour',
        kind: 'endless',
        connections: 100,
        durationS: lab.options.durationS,
        ours: sseeTester(['--workers', '2'], 'two workers'),
        peer: sseeTester([], 'one worker'),
        isBulk: true,
      },
      result,
    );
    // The window without start and end of the process: the rate is about the load, not about loading code.
    const rate = lineOfPairs(RATE_LINE, pairs, ({ own }) => (own.events! / own.windowUs!) * 1e6);
    if (rate.state === 'measured') {
      const share = pairs.map(({ ours }) => ours.targetCpuUs / (ours.wallMs * 1000));
      rate.notes.push(
        `the target used ${Math.max(...share).toFixed(2)} CPUs at most beside two workers: on a machine of two it takes that from them`,
      );
    }
    result.lines.push(rate, lineOfPairs(COST_LINE, pairs, cpuUsPerEvent));
  });
}
