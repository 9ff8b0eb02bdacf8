import { needTool, type Versions } from '../find-programs.ts';
import { cpuUs, lineOfPairs, lineOfValues } from '../judge.ts';
import { type Lab, SkippedError } from '../lab.ts';
import { sseeTester, wrk } from '../load-programs.ts';
import { withTarget } from '../measured-target.ts';
import type { Line, RowResult } from '../model.ts';
import { compare, emptyResult } from './compare.ts';
import { comparePeerParsers } from './parsers.ts';

const EVENTS_LINE = {
  row: 'R3',
  name: 'bulk streams, 50 events per write',
  unit: 'parsed events / CPU s',
  goal: { kind: 'at-least', value: 5e6, of: 'ours' },
} as const;
const BYTES_LINE = { row: 'R3', name: 'bulk streams beside wrk', unit: 'ns CPU / byte' } as const;

/** R3: streams as fast as they are read, and the parser alone. */
export async function measureBulkStreams(lab: Lab, versions: Versions): Promise<RowResult> {
  const result = emptyResult();
  try {
    await needTool('wrk', versions);
    await measureBulk(lab, versions, result);
  } catch (error) {
    // The parsers need no wrk: they are measured all the same.
    if (!(error instanceof SkippedError)) throw error;
    const missing = [EVENTS_LINE, BYTES_LINE].map(
      (line): Line => ({ ...line, state: 'skipped', reason: error.message }),
    );
    result.lines.push(...missing);
  }
  await comparePeerParsers(lab, versions, result);
  return result;
}

async function measureBulk(lab: Lab, versions: Versions, result: RowResult): Promise<void> {
  await withTarget(lab, async (target) => {
    versions.target = target.name;
    const pairs = await compare(
      lab,
      target,
      {
        name: EVENTS_LINE.name,
        path: '/events?burst=50&interval=0',
        kind: 'endless',
        connections: 100,
        durationS: lab.options.durationS,
        ours: sseeTester(),
        peer: wrk,
        isBulk: true,
      },
      result,
    );
    const ours = pairs.map((pair) => pair.ours);
    result.lines.push(
      lineOfValues(
        EVENTS_LINE,
        'ssee-tester',
        ours.map((run) => run.own.events! / (cpuUs(run) / 1e6)),
      ),
      // Bytes by each program's own count: what lay unread at the end cost it nothing.
      lineOfPairs(BYTES_LINE, pairs, (run) =>
        run.own.bytes ? (cpuUs(run) * 1000) / run.own.bytes : undefined,
      ),
    );
  });
}
