import { writeSync } from 'node:fs';
import { createRandom } from '../shared/random.ts';
import { type ParameterKind, readParameters, type StreamQuery } from '../shared/stream-query.ts';

/** What makes this server worse than it is, so that a gate has something to find. */
export interface Flaw {
  /** The query with every wait of its schedule, and the CPU time of its events, made longer. */
  slowDown(query: StreamQuery): StreamQuery;
  /** Asked once per event: whether this one is left out although its id is used up. */
  losesEvent(): boolean;
  /** Asked once per stream: whether it is to be reset behind its first event. */
  resetsStream(): boolean;
}

const VARIABLE = 'SSEE_TARGET_FLAW';
const KINDS: Record<string, ParameterKind> = { slower: 'ratio', lose: 'ratio', reset: 'ratio' };

/**
 * Fixed, so that a night that is measured again meets the same flaw. With this one the shares among the first thousands of
 * events and hundreds of streams are near those asked for already: a server that is started anew for every trial would
 * repeat a bad beginning each time.
 */
const SEED = 57;

/** From the environment: `slower=0.2`, `lose=0.001&reset=0.005`. Ends the process with code 2 on anything else. */
export function readFlaw(text: string = process.env[VARIABLE] ?? ''): Flaw {
  const values = readParameters(text, KINDS);
  if ('problem' in values) {
    writeSync(2, `${VARIABLE}: ${values.problem}\n`);
    process.exit(2);
  }
  const [slower, lose, reset] = ['slower', 'lose', 'reset'].map((name) => Number(values.get(name) ?? 0)) as [
    number,
    number,
    number,
  ];
  const factor = 1 + slower;
  const random = createRandom(SEED);
  const happens = (chance: number): boolean => chance > 0 && random() < chance;
  return {
    slowDown: (query) => ({
      ...query,
      intervalMs: query.intervalMs * factor,
      headMs: query.headMs * factor,
      firstMs: query.firstMs * factor,
      cpuMs: query.cpuMs * factor,
    }),
    losesEvent: () => happens(lose),
    resetsStream: () => happens(reset),
  };
}
