import { describe, expect, it } from 'vitest';
import { known } from '../../../src/model/cell.ts';
import type { ToolResult, ToolTrial } from '../../../src/model/tool.ts';
import { autocannon } from '../../../src/tools/autocannon/adapter.ts';
import { normalizeStored, readPlainFixtures, readRecordedRuns } from '../../helpers/stored-outputs.ts';
import { makeExit, makeTrial } from '../../helpers/tool-trial.ts';
import { describeStoredOutputs, expectHonestResult } from '../contract.ts';

const { recorded, plain } = normalizeStored(autocannon);

/** A report with the members that are read; 4 connections. */
function normalizeReport(
  statuses: Record<string, number>,
  { sent, errors = 0, latency = {} }: { sent: number; errors?: number; latency?: Record<string, number> },
  overrides: Partial<ToolTrial> = {},
): ToolResult {
  const total = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const stats = Object.fromEntries(Object.entries(statuses).map(([code, count]) => [code, { count }]));
  const stdout = JSON.stringify({
    errors,
    timeouts: 0,
    duration: 2,
    statusCodeStats: stats,
    requests: { sent, total },
    latency,
  });
  const output = { exit: makeExit(), stdout, stderr: '', files: {} };
  return expectHonestResult(autocannon, output, makeTrial(overrides));
}

describeStoredOutputs(autocannon, [...readPlainFixtures('ac_'), ...readRecordedRuns(autocannon)]);

describe('autocannon over streams that end properly', () => {
  it('is rated by its total and its duration, not by its mean of samples', () => {
    const { metrics, outcomes } = plain('ac_finite_sse_json', { connections: 8 });
    expect(metrics.requests_per_sec).toEqual(known(472 / 3.01));
    expect(outcomes).toMatchObject({ attempted: known(480), completed: known(472), 'http-error': known(0) });
  });

  it('is timed in whole milliseconds, and where these are too coarse not at all', () => {
    const { metrics } = plain('ac_finite_sse_json', { connections: 8 });
    expect(metrics.stream_us_p50).toEqual(known(48_000, { note: 'in whole milliseconds' }));
    expect(metrics.stream_us_p99).toMatchObject({ value: 84_000 });
    expect(metrics.stream_us_p999).toMatchObject({ known: false, why: 'no-samples' });
    expect(metrics.stream_us_mean).toBeUndefined();
    const hello = plain('ac_hello_json', { connections: 8 });
    expect(hello.metrics.stream_us_p50).toMatchObject({ known: false, why: 'not-observable' });
    expect(hello.metrics.stream_us_max).toMatchObject({ value: 73_000 });
  });

  it('counts error statuses apart and gives them neither rate nor latency', () => {
    const { metrics, outcomes } = recorded('autocannon-503');
    expect(outcomes).toMatchObject({ completed: known(0), 'http-error': { known: true } });
    expect(outcomes['http-error']).not.toEqual(known(0));
    expect(metrics.requests_per_sec).toMatchObject({ value: 0 });
    expect(metrics.stream_us_p50).toMatchObject({ known: false, why: 'no-samples' });
  });

  it('takes every status but 200 for an error where events are asked for', () => {
    const { metrics, outcomes, answers } = normalizeReport(
      { 200: 3, 204: 2, 302: 4, 404: 5 },
      { sent: 18, latency: { totalCount: 5, max: 20 } },
    );
    expect(outcomes).toMatchObject({ completed: known(3), 'http-error': known(11) });
    expect(metrics.requests_per_sec).toEqual(known(1.5));
    expect(metrics.stream_us_max).toMatchObject({
      known: false,
      detail: expect.stringContaining('its 2 answers'),
    });
    expect(answers).toEqual({ total: 14, otherwise: 6, first: 'status 204' });
  });

  it('takes a redirect for a response where nobody asks for events, as wrk does', () => {
    const request = { method: 'GET', path: '/', headers: {} };
    const { outcomes, answers } = normalizeReport({ 200: 3, 302: 4, 404: 5 }, { sent: 16 }, { request });
    expect(answers).toBeUndefined();
    expect(outcomes).toMatchObject({ completed: known(7), 'http-error': known(5) });
  });
});

describe('responses that autocannon made up', () => {
  it.each([
    ['after resets', plain('ac_reset'), 444],
    ['after truncated bodies', plain('ac_trunc'), 458],
    ['after closes within a body', recorded('autocannon-cut'), undefined],
    ['after resets of our own server', recorded('autocannon-reset'), undefined],
    ['without a status, after timeouts on an endless stream', plain('ac_endless_t1_json'), 4],
    ['without a status, after timeouts on a stalled one', plain('ac_stall'), 4],
  ])('are not published: %s', (_name, { metrics, outcomes, caveats, extra }, claimed) => {
    for (const reading of [outcomes.completed, outcomes.attempted, outcomes['http-error']]) {
      expect(reading).toMatchObject({ known: false, why: 'not-observable' });
    }
    expect(metrics.requests_per_sec).toMatchObject({ known: false, why: 'not-observable' });
    expect(metrics.stream_us_max).toMatchObject({ known: false, why: 'not-observable' });
    expect(caveats.join()).toContain(`autocannon's ${extra!.claimed} responses are not published`);
    if (claimed !== undefined) expect(extra!.claimed).toBe(claimed);
  });

  it('are found without any error, by one lost request more than there are connections', () => {
    const good = normalizeReport({ 200: 100 }, { sent: 104 });
    expect(good.outcomes.completed).toEqual(known(100));
    const cut = normalizeReport({ 200: 100 }, { sent: 105 });
    expect(cut.outcomes.completed).toMatchObject({ known: false, why: 'not-observable' });
    expect(cut.outcomes.completed).toMatchObject({
      detail: expect.stringContaining('lost 1 of its requests'),
    });
  });

  it('are suspected as soon as one error is among the responses', () => {
    expect(normalizeReport({ 200: 9 }, { sent: 14, errors: 1 }).outcomes.completed).toMatchObject({
      known: false,
    });
  });
});

describe('autocannon without a response', () => {
  it('cannot say that none completed where bodies end with the connection', () => {
    for (const { outcomes, metrics } of [plain('ac_eof'), recorded('autocannon-eof')]) {
      expect(outcomes.completed).toMatchObject({ known: false, why: 'not-observable' });
      expect(outcomes.attempted).toMatchObject({ known: true });
      expect(metrics.requests_per_sec).toMatchObject({ known: false, why: 'not-observable' });
    }
  });

  it('knows that none completed where every request failed or is on its way', () => {
    for (const name of ['ac_refused', 'ac_noaccept', 'ac_rst_accept', 'ac_slow_timeout']) {
      expect(plain(name).outcomes.completed, name).toEqual(known(0));
    }
    const { outcomes, metrics, caveats } = plain('ac_refused');
    expect(outcomes.refused).toBeUndefined();
    expect(metrics.requests_per_sec).toEqual(known(0));
    expect(caveats.join()).toMatch(/5804 errors of autocannon are refusals, resets and 0 timeouts/);
  });

  it('has no rate for an endless stream', () => {
    const { metrics, outcomes } = recorded('autocannon-endless');
    expect(metrics.requests_per_sec).toMatchObject({ known: false, why: 'not-observable' });
    expect(outcomes.completed).toMatchObject({ known: false, why: 'not-observable' });
    expect(outcomes.attempted).toEqual(known(4));
  });

  it('has a problem when its report is no report', () => {
    const report = (stdout: string): ToolResult =>
      expectHonestResult(autocannon, { exit: makeExit(), stdout, stderr: 'no\n', files: {} }, makeTrial());
    expect(report('').problem).toMatch(/left no readable result/);
    const wrongSum = {
      errors: 0,
      timeouts: 0,
      duration: 1,
      statusCodeStats: { 200: { count: 3 } },
      requests: { sent: 4, total: 4 },
      latency: {},
    };
    expect(report(JSON.stringify(wrongSum)).problem).toMatch(/left no readable result/);
  });
});
