import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  autocannon,
  hey,
  k6Sse,
  type Load,
  oha,
  peerProgram,
  sseeTester,
  wrk,
} from '../../perf/load-programs.ts';
import { ROOT } from '../helpers/run-cli.ts';

const LOAD: Load = {
  url: 'http://127.0.0.1:1/hello',
  connections: 100,
  durationS: 7,
  kind: 'response',
};
const fixture = (name: string): string => readFileSync(join(ROOT, 'test/fixtures/tools', name), 'utf8');

describe('command lines', () => {
  it.each([sseeTester(), wrk, hey, autocannon, oha, peerProgram('peer', 'peer.js')])(
    '$name gets the url, the connections and the duration',
    (program) => {
      const argv = program.argv(LOAD).join(' ');
      expect(argv).toContain(LOAD.url);
      expect(argv).toMatch(/(-c ?|--connections |hello )100\b/);
      expect(argv).toMatch(/(-d ?|-z ?|--duration |100 )7(s\b|\b)/);
    },
  );

  it('gives k6 the load in its environment', () => {
    expect(k6Sse.env!(LOAD)).toEqual({ SSEE_URL: LOAD.url, SSEE_CONNECTIONS: '100', SSEE_SECONDS: '7' });
  });

  it.each([wrk, hey, autocannon, oha])('$name sends the Accept field that ssee-tester sends', (program) => {
    const argv = program.argv(LOAD);
    expect(argv[argv.indexOf('-H') + 1]).toBe('Accept: text/event-stream');
  });

  it('tells ssee-tester which answers are right', () => {
    const argv = (kind: Load['kind']) =>
      sseeTester()
        .argv({ ...LOAD, kind })
        .join(' ');
    expect(argv('response')).toContain('--stream finite --any-content-type');
    expect(argv('finite')).toMatch(/--stream finite$/);
    expect(argv('endless')).toMatch(/--stream endless$/);
  });

  it('keeps wrk to one thread', () => {
    expect(wrk.argv(LOAD)).toContain('-t1');
  });
});

describe('what they say', () => {
  it('wrk: bytes and errors', () => {
    expect(wrk.readOwn(fixture('recorded/wrk-finite/stdout.txt'))).toMatchObject({ failures: 0 });
    expect(wrk.readOwn(fixture('recorded/wrk-reset/stdout.txt')).failures).toBeGreaterThan(0);
    expect(() => wrk.readOwn('unable to connect')).toThrow('wrk printed no report');
  });

  it('hey: errors and bad status codes', () => {
    expect(hey.readOwn(fixture('hey_refused_z.txt'))).toEqual({ failures: 16_102 });
    expect(hey.readOwn(fixture('hey_503.txt')).failures).toBeGreaterThan(0);
    expect(hey.readOwn(fixture('hey_finite_sse_z.txt'))).toEqual({ failures: 0 });
    expect(() => hey.readOwn('')).toThrow('hey printed no report');
  });

  it('autocannon: errors and bad status codes', () => {
    expect(autocannon.readOwn('{"errors":2,"non2xx":3}')).toEqual({ failures: 5 });
  });

  it('ssee-tester: a stream that it cut itself is no failure', () => {
    const outcomes = { attempted: 10, completed: 4, held: 3, 'client-aborted': 2, reset: 1 };
    const report = {
      outcomes,
      eventsTotal: 5,
      bytesReceived: 6,
      reads: 7,
      window: { durationUs: 8 },
      selfCheck: { cpuUs: 9, loopDelayP99Us: 10 },
    };
    expect(sseeTester().readOwn(JSON.stringify(report))).toEqual({
      events: 5,
      bytes: 6,
      failures: 1,
      reads: 7,
      held: 3,
      windowUs: 8,
      windowCpuUs: 9,
      loopDelayP99Us: 10,
    });
  });
});
