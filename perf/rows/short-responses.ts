import { needTool, type Versions } from '../find-programs.ts';
import { cpuUsPerRequest, describeStartShare, lineOfPairs } from '../judge.ts';
import type { Lab } from '../lab.ts';
import { sseeTester, wrk } from '../load-programs.ts';
import { withTarget } from '../measured-target.ts';
import type { RowResult } from '../model.ts';
import { compare, emptyResult } from './compare.ts';

/** R1: short keep-alive responses against wrk with one thread. */
export async function measureShortResponses(lab: Lab, versions: Versions): Promise<RowResult> {
  await needTool('wrk', versions);
  const result = emptyResult();
  await withTarget(lab, async (target) => {
    versions.target = target.name;
    const name = 'short responses, 100 connections';
    const pairs = await compare(
      lab,
      target,
      {
        name,
        path: '/hello',
        kind: 'response',
        connections: 100,
        durationS: lab.options.durationS,
        ours: sseeTester(),
        peer: wrk,
      },
      result,
    );
    const line = lineOfPairs(
      { row: 'R1', name, unit: 'us CPU / request', goal: { kind: 'at-most', value: 0.9, of: 'ratio' } },
      pairs,
      cpuUsPerRequest,
    );
    const startShare = describeStartShare(pairs);
    if (line.state === 'measured' && startShare !== undefined) line.notes.push(startShare);
    result.lines.push(line);
  });
  return result;
}
