import { describe, expect, it } from 'vitest';
import { known } from '../../../src/model/cell.ts';
import { wrk } from '../../../src/tools/wrk/adapter.ts';
import {
  normalizeStored,
  readPlainFixture,
  readPlainFixtures,
  readRecordedRun,
  readRecordedRuns,
} from '../../helpers/stored-outputs.ts';
import { makeExit } from '../../helpers/tool-trial.ts';
import { describeStoredOutputs } from '../contract.ts';

const { recorded, plain } = normalizeStored(wrk);

describeStoredOutputs(wrk, [...readPlainFixtures('wrk_'), ...readRecordedRuns(wrk)]);

describe('wrk with its JSON report', () => {
  it('recovers as many samples as there were requests, in every recorded run with responses', () => {
    const withResponses = readRecordedRuns(wrk)
      .filter(({ output }) => output.files['wrk.json'] !== undefined)
      .map(({ name, output, trial }) => ({
        name,
        report: JSON.parse(output.files['wrk.json']!),
        extra: wrk.normalize(output, trial).extra!,
      }))
      .filter(({ report }) => report.requests > report.errors.status);
    expect(withResponses.map(({ name }) => name)).toEqual(['wrk-eof', 'wrk-finite', 'wrk-mixed']);
    for (const { report, extra } of withResponses) {
      expect(extra.undone).toBe(true);
      expect(extra.recoveredSamples).toBe(report.requests - report.errors.timeout);
      const histogram = extra.histogram as [number, number][];
      expect(histogram.reduce((sum, [, count]) => sum + count, 0)).toBe(report.requests);
    }
  });

  it('separates the 10 % slow responses from the samples that wrk added for them', () => {
    const { metrics, extra } = recorded('wrk-mixed');
    const { rawPercentiles, correctedPercentiles } = extra as Record<string, Record<string, number>>;
    expect(metrics.stream_us_p90).toEqual(known(rawPercentiles!.p90, { note: 'corrected: none' }));
    expect(rawPercentiles!.p90).toBeLessThan(20_000);
    expect(correctedPercentiles!.p90).toBeGreaterThan(100_000);
  });

  it('marks its percentiles as corrected when the correction cannot be undone', () => {
    const { output, trial } = readRecordedRun(wrk, 'wrk-mixed');
    const report = JSON.parse(output.files['wrk.json']!);
    report.histogram.pop();
    const files = { 'wrk.json': JSON.stringify(report) };
    const { metrics, extra } = wrk.normalize({ ...output, files }, trial);
    expect(extra).toMatchObject({ undone: false, recoveredSamples: 0 });
    expect(metrics.stream_us_p50).toEqual(known(report.latency.p50, { note: 'corrected: post-recording' }));
  });

  it('marks its percentiles as corrected when the histogram took too long to write', () => {
    const { output, trial } = readRecordedRun(wrk, 'wrk-finite');
    const report = { ...JSON.parse(output.files['wrk.json']!), histogram: null };
    const { metrics } = wrk.normalize({ ...output, files: { 'wrk.json': JSON.stringify(report) } }, trial);
    expect(metrics.stream_us_p99).toMatchObject({ known: true, note: 'corrected: post-recording' });
  });

  it('counts no error response as completed and times none', () => {
    const { metrics, outcomes } = recorded('wrk-503');
    expect(outcomes.completed).toEqual(known(0));
    expect(outcomes['http-error']).toEqual(known(58_590));
    expect(metrics.requests_per_sec).toEqual(known(0));
    expect(metrics.stream_us_p50).toMatchObject({ known: false, why: 'no-samples' });
  });

  it('falls back to the text report when the JSON is cut off', () => {
    const { output, trial } = readRecordedRun(wrk, 'wrk-finite');
    const cut = output.files['wrk.json']!.slice(0, -5);
    const { metrics } = wrk.normalize({ ...output, files: { 'wrk.json': cut } }, trial);
    expect(metrics.requests_per_sec?.known).toBe(true);
    expect(metrics.stream_us_p50).toMatchObject({ known: true, note: 'corrected: post-recording' });
  });
});

describe('wrk from its text report alone', () => {
  it('has the printed rate and corrected latencies over finite streams', () => {
    const { metrics, outcomes } = plain('wrk_finite_sse');
    expect(metrics.requests_per_sec).toEqual(known(151.45));
    expect(metrics.bytes_received).toEqual(known(333_548, { note: "rounded by wrk's text report" }));
    expect(metrics.stream_us_p50).toEqual(known(50_500, { note: 'corrected: post-recording' }));
    expect(metrics.stream_us_p999).toMatchObject({ known: false, why: 'no-samples' });
    expect(outcomes).toEqual({ completed: known(459), 'http-error': known(0) });
  });

  it('has no rate for an endless stream, and does not call it zero', () => {
    const { metrics, outcomes } = plain('wrk_endless_sse', { stream: 'endless' });
    expect(metrics.requests_per_sec).toMatchObject({ known: false, why: 'not-observable' });
    expect(outcomes.completed).toMatchObject({ known: false, why: 'not-observable' });
    expect(metrics.stream_us_p50).toMatchObject({ known: false, why: 'no-samples' });
  });

  it('does not pretend to know a stalled from a dead server', () => {
    expect(plain('wrk_stall').outcomes.completed).toEqual(known(0));
    expect(plain('wrk_stall').caveats.join()).toMatch(/stalled, a dead/);
    expect(plain('wrk_stall').outcomes.stalled).toBeUndefined();
  });

  it('says what read errors may be where there is one for each response, and what else they may be', () => {
    const { outcomes, caveats } = plain('wrk_eof_sse');
    expect(outcomes.completed).toEqual(known(1063));
    expect(caveats.join()).toMatch(
      /1063 read errors for 1063 responses may be .* end of the connection ends the body/,
    );
    expect(caveats.join()).toMatch(/read 1063, .*resets, early closes/);
  });

  for (const [read, requests, explained] of [
    [1000, 100, false],
    [112, 100, false],
    [110, 100, true],
    [90, 100, true],
    [89, 100, false],
    [10, 0, false],
  ] as const) {
    it(`${explained ? 'may explain' : 'does not explain'} ${read} read errors of ${requests} responses by closes`, () => {
      const { output, trial } = readRecordedRun(wrk, 'wrk-finite');
      const report = { ...JSON.parse(output.files['wrk.json']!), requests };
      report.errors = { ...report.errors, read };
      const { caveats } = wrk.normalize({ ...output, files: { 'wrk.json': JSON.stringify(report) } }, trial);
      expect(caveats.some((caveat) => caveat.includes('ends the body'))).toBe(explained);
      expect(caveats.join()).toMatch(new RegExp(`read ${read}, .*resets`));
    });
  }

  it('gives resets no outcome of their own', () => {
    const { outcomes, caveats } = plain('wrk_reset');
    expect(outcomes).toEqual({ completed: known(0), 'http-error': known(0) });
    expect(caveats.join()).toMatch(/read 1065/);
  });

  it('has no latency of responses slower than --timeout', () => {
    const { metrics, caveats } = plain('wrk_timeout_slow');
    expect(metrics.requests_per_sec).toEqual(known(3.99));
    expect(metrics.stream_us_max).toMatchObject({ known: false, why: 'no-samples' });
    expect(caveats.join()).toMatch(/16 responses were slower/);
  });

  it('takes no error response for a completed one', () => {
    const { metrics, outcomes } = plain('wrk_503');
    expect(metrics.requests_per_sec).toEqual(known(0));
    expect(outcomes).toEqual({ completed: known(0), 'http-error': known(79_880) });
  });

  it('names the cause when it could not connect', () => {
    expect(plain('wrk_refused').problem).toMatch(
      /unable to connect to 127\.0\.0\.1:28199 Connection refused/,
    );
    expect(plain('wrk_baddns').problem).toMatch(/unable to resolve/);
    expect(plain('wrk_badargs').problem).toMatch(/number of connections must be >= threads/);
  });

  it('names the signals when it was killed without a word', () => {
    const { trial } = readPlainFixture('wrk_hello');
    const exit = makeExit({ code: null, signal: 'SIGKILL', overran: true, sent: ['SIGINT', 'SIGKILL'] });
    const { problem } = wrk.normalize({ exit, stdout: '', stderr: '', files: {} }, trial);
    expect(problem).toMatch(/SIGINT, SIGKILL/);
  });
});
