import { needTool, type Versions } from '../find-programs.ts';
import { cpuUsPerEvent, describeStartShare, lineOfPairs, spreadOver } from '../judge.ts';
import type { Lab } from '../lab.ts';
import { sseeTester, wrk } from '../load-programs.ts';
import { withTarget } from '../measured-target.ts';
import type { RowResult } from '../model.ts';
import { compare, emptyResult } from './compare.ts';

/** R2: streams with an event per segment against wrk, which reads the same bytes and parses nothing of them. */
export async function measurePacedStreams(lab: Lab, versions: Versions): Promise<RowResult> {
  await needTool('wrk', versions);
  const result = emptyResult();
  await withTarget(lab, async (target) => {
    versions.target = target.name;
    const name = 'one event per ms on each of 100 streams';
    const pairs = await compare(
      lab,
      target,
      {
        name,
        path: '/events?interval=1ms',
        kind: 'endless',
        connections: 100,
        durationS: lab.options.durationS,
        ours: sseeTester(),
        peer: wrk,
      },
      result,
    );
    const line = lineOfPairs(
      { row: 'R2', name, unit: 'us CPU / event', goal: { kind: 'at-most', value: 1.2, of: 'ratio' } },
      pairs,
      cpuUsPerEvent,
    );
    const perRead = spreadOver(
      pairs.map(({ ours }) => ours),
      ({ own }) => own.events! / own.reads!,
    );
    if (line.state === 'measured' && perRead) {
      // Segments that wait for a busy reader are read together: then it is not one event per read any more.
      line.notes.push(`${perRead.median.toFixed(2)} events per read of ssee-tester`);
    }
    const startShare = describeStartShare(pairs);
    if (line.state === 'measured' && startShare !== undefined) line.notes.push(startShare);
    result.lines.push(line);
  });
  return result;
}
