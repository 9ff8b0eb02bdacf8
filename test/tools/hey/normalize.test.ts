import { describe, expect, it } from 'vitest';
import { known } from '../../../src/model/cell.ts';
import type { ToolResult, ToolTrial } from '../../../src/model/tool.ts';
import { hey } from '../../../src/tools/hey/adapter.ts';
import {
  normalizeStored,
  readPlainFixture,
  readPlainFixtures,
  readRecordedRuns,
} from '../../helpers/stored-outputs.ts';
import { makeExit, makeTrial } from '../../helpers/tool-trial.ts';
import { describeStoredOutputs, expectHonestResult } from '../contract.ts';

const { recorded } = normalizeStored(hey);

interface Report {
  numRes: number;
  total_s: number;
  errors: Record<string, number>;
  lats: number[];
  conn: number[];
  delay: number[];
  res: number[];
  codes: number[];
}

/** hey's report as our template has it printed. */
function normalizeReport(report: Partial<Report>, overrides: Partial<ToolTrial> = {}): ToolResult {
  const { errors = {}, ...rest } = report;
  const empty = { numRes: 0, total_s: 1, lats: [], conn: [], delay: [], res: [], codes: [] };
  const stdout = JSON.stringify({
    ...empty,
    ...rest,
    errors_hex: Buffer.from(JSON.stringify(errors)).toString('hex'),
  });
  const output = { exit: makeExit(), stdout, stderr: '', files: {} };
  return expectHonestResult(hey, output, makeTrial(overrides));
}

/** `count` responses of 20 ms each. */
function responses(count: number, code = 200): Partial<Report> {
  const fill = (value: number): number[] => Array.from({ length: count }, () => value);
  return {
    numRes: count,
    lats: fill(0.02),
    conn: fill(0),
    delay: fill(0.001),
    res: fill(0.019),
    codes: fill(code),
  };
}

const PLAIN = readPlainFixtures('hey_');
const RECORDED = readRecordedRuns(hey);
const SHORT = RECORDED.filter(({ output }) => output.stdout.length < 20_000);
describeStoredOutputs(hey, [...PLAIN, ...RECORDED], [...PLAIN, ...SHORT]);

describe('hey over finite streams', () => {
  it.each([204, 302])('takes status %d for an error where events are asked for', (code) => {
    const asked = normalizeReport(responses(10, code));
    expect(asked.outcomes['http-error']).toEqual(known(10));
    expect(asked.metrics.requests_per_sec).toMatchObject({ value: 0 });
    expect(asked.answers).toEqual({ total: 10, otherwise: 10, first: `status ${code}` });
    const plain = normalizeReport(responses(10, code), {
      request: { method: 'GET', path: '/', headers: {} },
    });
    expect(plain.outcomes['http-error']).toEqual(known(0));
    expect(plain.answers).toBeUndefined();
  });

  it('is recomputed from its raw latencies', () => {
    const { metrics, outcomes, extra } = recorded('hey-mixed');
    const note = 'body integrity unverified by hey';
    expect(metrics.requests_per_sec).toEqual(known(149 / 1.133890384, { note }));
    expect(metrics.stream_us_p50).toEqual(known(10_403, { note }));
    expect(metrics.stream_us_p90).toEqual(known(10_887, { note }));
    expect(metrics.stream_us_max).toEqual(known(201_068, { note }));
    expect(metrics.connect_us_p50).toMatchObject({ value: 358 });
    expect(metrics.connect_us_max).toMatchObject({ value: 572 });
    expect(outcomes.attempted).toEqual(known(149));
    expect(extra).toMatchObject({ bodyIntegrity: 'unverified', claimedResponses: 149 });
  });

  it('reads the raw latencies of another template with the same keys', () => {
    const { output, trial } = readPlainFixture('hey_template_json');
    const { metrics } = hey.normalize(output, trial);
    expect(metrics.requests_per_sec).toMatchObject({ value: 80 / 1.039491562 });
    expect(metrics.ttfb_us_p50).toMatchObject({ value: 194 });
    expect(metrics.ttfb_us_max).toMatchObject({ value: 4820 });
  });

  for (const name of ['hey-reset', 'hey-cut']) {
    it(`${name}: the [200] of a broken body is not called completed`, () => {
      const { outcomes, extra } = recorded(name);
      expect(extra!.claimedResponses).toBeGreaterThan(100);
      expect(outcomes.completed).toMatchObject({ known: false, why: 'not-observable' });
      expect(outcomes.reset).toMatchObject({ known: false, why: 'not-observable' });
      expect(outcomes['closed-early']).toMatchObject({ known: false, why: 'not-observable' });
    });
  }

  it('does not count bodies that its own timeout cut', () => {
    const { metrics, caveats, extra } = recorded('hey-stall');
    expect(metrics.requests_per_sec).toMatchObject({ known: true, value: 0 });
    expect(metrics.stream_us_max).toMatchObject({ known: false, why: 'no-samples' });
    expect(extra).toMatchObject({ claimedResponses: 0, cutByTimeout: 4 });
    expect(caveats.join()).toMatch(/4 bodies were cut by hey's -t 2/);
  });

  it('counts unanswered requests as such, with the interval of their rate', () => {
    const { metrics, outcomes } = recorded('hey-hang');
    expect(outcomes['no-headers']).toEqual(known(4));
    expect(metrics.timeout_rate_headers).toMatchObject({ value: 1, note: 'hey waited 2 s' });
    expect(metrics.timeout_rate_connect).toMatchObject({ value: 0 });
  });

  it('counts refused connections and gives them no rate', () => {
    const { metrics, outcomes } = recorded('hey-refused');
    expect(outcomes).toMatchObject({ attempted: known(80), refused: known(80), 'no-headers': known(0) });
    expect(metrics.requests_per_sec).toMatchObject({ value: 0 });
  });

  it('counts error statuses and neither rates nor times them', () => {
    const { metrics, outcomes } = recorded('hey-503');
    expect(outcomes['http-error']).toEqual(known(80));
    expect(metrics.requests_per_sec).toMatchObject({ value: 0 });
    expect(metrics.stream_us_p50).toMatchObject({ known: false, why: 'no-samples' });
  });

  it('leaves the dial of a new connection out of the stream', () => {
    const { metrics } = normalizeReport({ ...responses(1), lats: [0.5], conn: [0.48] });
    expect(metrics.stream_us_max).toMatchObject({ value: 20_000 });
    expect(metrics.connect_us_max).toMatchObject({ value: 480_000 });
  });

  it('drops a first byte that was timed before the clock had started', () => {
    const { metrics } = normalizeReport({ ...responses(2), delay: [12.5, 0.001] });
    expect(metrics.ttfb_us_max).toMatchObject({ value: 1000 });
    expect(metrics.stream_us_max).toMatchObject({ value: 20_000 });
  });

  it('publishes no p99 from fewer than a hundred samples', () => {
    const { metrics } = normalizeReport(responses(99));
    expect(metrics.stream_us_p90).toMatchObject({ known: true });
    expect(metrics.stream_us_p99).toMatchObject({ known: false, why: 'no-samples' });
    expect(normalizeReport(responses(100)).metrics.stream_us_p99).toMatchObject({ known: true });
  });
});

describe("hey's errors before a head", () => {
  const get = 'Get "http://127.0.0.1:28183/?x=%20": ';
  const cases: [string, string, object][] = [
    [
      'a reset',
      `${get}read tcp 127.0.0.1:38942->127.0.0.1:28183: read: connection reset by peer`,
      { reset: 3 },
    ],
    ['an early close', `${get}EOF`, { closed: 3 }],
    ['a refusal', `${get}dial tcp 127.0.0.1:28199: connect: connection refused`, { refused: 3 }],
    [
      'a connect timeout',
      `${get}dial tcp 127.0.0.1:28185: i/o timeout (Client.Timeout exceeded while awaiting headers)`,
      { 'connect-timeout': 3 },
    ],
    [
      'a missing head',
      `${get}context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
      { 'no-headers': 3 },
    ],
    [
      'a broken head',
      `${get}net/http: HTTP/1.x transport connection broken: malformed HTTP status code "x"`,
      { malformed: 3 },
    ],
    ['something new', `${get}moon in the wrong phase`, { other: 3 }],
  ];
  for (const [name, text, expected] of cases) {
    it(`are told apart: ${name}`, () => {
      const { extra, outcomes } = normalizeReport({ numRes: 3, errors: { [text]: 3 } });
      expect(extra!.errors).toMatchObject(expected);
      expect(outcomes.attempted).toEqual(known(3));
    });
  }

  it('make a lower bound of resets, which is a remark and no count', () => {
    const text = `${get}read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer`;
    const { outcomes } = normalizeReport({ numRes: 3, errors: { [text]: 3 } });
    expect(outcomes.reset).toEqual({
      known: false,
      why: 'not-observable',
      detail: '3 reset before the head; hey drops every error in reading a body',
    });
  });

  it('count a connection that could not be had in time as refused', () => {
    const text = `${get}dial tcp 127.0.0.1:1: i/o timeout (Client.Timeout exceeded while awaiting headers)`;
    const { outcomes, metrics } = normalizeReport({ ...responses(1), numRes: 2, errors: { [text]: 1 } });
    expect(outcomes.refused).toEqual(known(1));
    expect(outcomes['no-headers']).toEqual(known(0));
    expect(metrics.timeout_rate_connect).toMatchObject({ value: 0.5 });
  });
});

describe('hey beyond the million results that it keeps', () => {
  it('is rated by all of them and timed by those it kept', () => {
    const { metrics, extra } = normalizeReport({ ...responses(10), numRes: 50 });
    expect(metrics.requests_per_sec).toMatchObject({ value: 50 });
    expect(metrics.stream_us_p50).toMatchObject({ note: /first 10 responses only/ });
    expect(extra!.claimedResponses).toBe(50);
  });

  it('has no rate when some of the known ones were errors', () => {
    const { metrics, outcomes } = normalizeReport({ ...responses(10, 503), numRes: 50 });
    expect(metrics.requests_per_sec).toMatchObject({ known: false, why: 'not-observable' });
    expect(outcomes['http-error']).toMatchObject({ known: false, why: 'not-observable' });
  });
});

describe('hey on an endless stream', () => {
  it('is killed at the deadline, and every figure says so', () => {
    const { metrics, outcomes, problem } = recorded('hey-endless');
    for (const reading of [...Object.values(metrics), ...Object.values(outcomes)]) {
      expect(reading).toMatchObject({ known: false, why: 'not-observable' });
      expect(reading.known ? '' : reading.detail).toMatch(/endless stream never finishes.*SIGKILL/);
    }
    expect(metrics.requests_per_sec).toBeDefined();
    expect(problem).toMatch(/SIGINT, SIGKILL/);
  });

  it('still has no rate when the streams did end', () => {
    const { metrics, caveats } = normalizeReport(responses(5), { stream: 'endless' });
    expect(metrics.requests_per_sec).toMatchObject({ known: false, why: 'not-observable' });
    expect(caveats.join()).toMatch(/5 responses to an end although/);
  });
});
