import { needK6Sse, needOha, needPackage, needTool, type Versions } from '../find-programs.ts';
import { cpuUsPerEvent, cpuUsPerRequest, type LineSpec, lineOfPairs, type Measure } from '../judge.ts';
import { type Lab, SkippedError } from '../lab.ts';
import { autocannon, hey, k6Sse, type LoadProgram, oha, peerProgram, sseeTester } from '../load-programs.ts';
import { withTarget } from '../measured-target.ts';
import type { Goal, RowResult } from '../model.ts';
import type { LoadSpec } from '../run-load.ts';
import { compare, emptyResult } from './compare.ts';

interface Peer {
  program: LoadProgram;
  need(versions: Versions): Promise<void> | void;
  load: Omit<LoadSpec, 'durationS'>;
  what: 'request' | 'event';
  goal?: Goal;
}

const RESPONSES = { path: '/hello', kind: 'response', connections: 100 } as const;
/**
 * 10,000 events a second: the slowest of them keeps up with that on half a CPU. A client that falls behind reads
 * several events at once and is cheaper per event for it.
 */
const STREAMS = { path: '/events?interval=10ms', kind: 'endless', connections: 100 } as const;

const PEERS: readonly Peer[] = [
  {
    program: hey,
    need: (versions) => needTool('hey', versions),
    load: RESPONSES,
    what: 'request',
    goal: { kind: 'at-most', value: 0.1, of: 'ratio' },
  },
  {
    program: autocannon,
    need: (versions) => needPackage('autocannon', versions),
    load: RESPONSES,
    what: 'request',
    goal: { kind: 'at-most', value: 0.5, of: 'ratio' },
  },
  { program: oha, need: needOha, load: RESPONSES, what: 'request' },
  {
    program: peerProgram('eventsource', 'eventsource.js'),
    need: (versions) => needPackage('eventsource', versions),
    load: STREAMS,
    what: 'event',
    goal: { kind: 'at-most', value: 0.5, of: 'ratio' },
  },
  {
    program: peerProgram('undici + eventsource-parser', 'undici-parser.js'),
    need(versions) {
      needPackage('undici', versions);
      needPackage('eventsource-parser', versions);
    },
    load: STREAMS,
    what: 'event',
  },
  { program: k6Sse, need: needK6Sse, load: STREAMS, what: 'event' },
];

const MEASURES: Record<Peer['what'], { unit: string; measure: Measure }> = {
  request: { unit: 'us CPU / request', measure: cpuUsPerRequest },
  event: { unit: 'us CPU / event', measure: cpuUsPerEvent },
};

/** R4: the tools and libraries that users pick instead. Each that is missing is a line of its own that says why. */
export async function measurePeers(lab: Lab, versions: Versions): Promise<RowResult> {
  const result = emptyResult();
  await withTarget(lab, async (target) => {
    versions.target = target.name;
    for (const { program, need, load, what, goal } of PEERS) {
      const { unit, measure } = MEASURES[what];
      const name = `${what === 'request' ? 'short responses' : 'one event per 10 ms'}: ${program.name}`;
      const line: LineSpec = { row: 'R4', name, unit, ...(goal ? { goal } : {}) };
      try {
        await need(versions);
        const spec = { ...load, durationS: lab.options.durationS };
        const pairs = await compare(
          lab,
          target,
          { name, ours: sseeTester(), peer: program, ...spec },
          result,
        );
        result.lines.push(lineOfPairs(line, pairs, measure));
      } catch (error) {
        // One peer that cannot be measured must not cost the others.
        lab.signal.throwIfAborted();
        const state = error instanceof SkippedError ? 'skipped' : 'failed';
        result.lines.push({ ...line, state, reason: (error as Error).message });
      }
    }
  });
  return result;
}
