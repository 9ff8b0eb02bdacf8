import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ResponseLimits } from '../../src/http/response-limits.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { EventLimits } from '../../src/sse/event-parser.ts';

/** One saved answer of a hostile server; see test/fixtures/hostile/README.md. */
export interface HostileAnswer {
  file: string;
  about: string;
  bytes: Buffer;
  /** What the server does after its last byte. */
  then: 'fin' | 'reset' | 'open';
  outcome: Outcome;
  /** Kind of the error, where the bytes break a rule or a limit. */
  error?: string;
  /** Limits that differ from the default. */
  limits: { response: Partial<ResponseLimits>; events: Partial<EventLimits> };
  /** Status of the answer, 200 unless said otherwise. */
  status: number;
  /** Events that are dispatched. */
  events: number;
  /** Bytes behind the end of the response. */
  rest: number;
}

type Entry = Omit<HostileAnswer, 'bytes' | 'limits' | 'status' | 'events' | 'rest'> & {
  limits?: Partial<ResponseLimits & EventLimits>;
  status?: number;
  events?: number;
  rest?: number;
};

const FOLDER = resolve(import.meta.dirname, '../fixtures/hostile');

export function readHostileCorpus(): HostileAnswer[] {
  const entries = JSON.parse(readFileSync(join(FOLDER, 'manifest.json'), 'utf8')) as Entry[];
  return entries.map(({ limits = {}, ...entry }) => {
    const { lineBytes, eventBytes, ...response } = limits;
    const events = {
      ...(lineBytes === undefined ? {} : { lineBytes }),
      ...(eventBytes === undefined ? {} : { eventBytes }),
    };
    return {
      status: 200,
      events: 0,
      rest: 0,
      ...entry,
      limits: { response, events },
      bytes: readFileSync(join(FOLDER, entry.file)),
    };
  });
}
