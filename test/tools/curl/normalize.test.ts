import { describe, expect, it } from 'vitest';
import { known } from '../../../src/model/cell.ts';
import type { Outcome } from '../../../src/model/outcome.ts';
import type { ToolResult } from '../../../src/model/tool.ts';
import { curl } from '../../../src/tools/curl/adapter.ts';
import {
  normalizeStored,
  readPlainFixture,
  readPlainFixtures,
  readRecordedRun,
  readRecordedRuns,
} from '../../helpers/stored-outputs.ts';
import { makeTrial } from '../../helpers/tool-trial.ts';
import { describeStoredOutputs, expectHonestResult } from '../contract.ts';

const { recorded } = normalizeStored(curl);

/** The older outputs have key names and a status `000` of their own; times, codes and messages are curl's. */
function plain(name: string): ToolResult {
  const { output } = readPlainFixture(name);
  const stdout = output.stdout
    .replaceAll('"http_code":000', '"http_code":0')
    .replaceAll('"t_ttfb"', '"time_starttransfer"')
    .replaceAll('"t_', '"time_')
    .replaceAll('"size"', '"size_download"')
    .replaceAll('"hdr"', '"size_header"');
  const connections = stdout.trim().split('\n').length;
  const trial = makeTrial({
    connections,
    durationMs: 2000,
    request: { method: 'GET', path: '/', headers: {} },
  });
  return expectHonestResult(curl, { ...output, stdout }, trial);
}

describeStoredOutputs(
  curl,
  [...readPlainFixtures('curl_'), ...readRecordedRuns(curl)],
  readRecordedRuns(curl),
);

describe('curl tells how each stream ended', () => {
  const cases: [string, Outcome][] = [
    ['curl-finite', 'completed'],
    ['curl-mixed', 'completed'],
    ['curl-eof', 'completed'],
    ['curl-reset', 'reset'],
    ['curl-cut', 'closed-early'],
    ['curl-hang', 'no-headers'],
    ['curl-503', 'http-error'],
    ['curl-refused', 'refused'],
  ];
  for (const [name, outcome] of cases) {
    it(`${name}: ${outcome}, and nothing else`, () => {
      const { outcomes } = recorded(name);
      expect(outcomes.attempted).toEqual(known(4));
      for (const [row, reading] of Object.entries(outcomes)) {
        if (row !== 'attempted') expect(reading, row).toEqual(known(row === outcome ? 4 : 0));
      }
    });
  }

  const older: [string, Outcome, number][] = [
    ['curl_parallel', 'completed', 8],
    ['curl_noflush', 'completed', 1],
    ['curl_trunc', 'closed-early', 1],
    ['curl_rst_accept', 'reset', 1],
    ['curl_stallhead_m2', 'no-headers', 1],
    ['curl_noaccept_ct1', 'refused', 1],
    ['curl_503_fail', 'http-error', 1],
  ];
  for (const [name, outcome, count] of older) {
    it(`${name}: ${count} ${outcome}`, () => {
      expect(plain(name).outcomes[outcome]).toEqual(known(count));
    });
  }

  for (const name of ['curl-stall', 'curl-endless']) {
    it(`${name}: cannot tell a stalled stream from a held one`, () => {
      const { outcomes, metrics } = recorded(name);
      for (const row of ['held', 'stalled', 'client-aborted'] as const) {
        expect(outcomes[row]).toMatchObject({ known: false, why: 'not-observable' });
      }
      expect(outcomes.completed).toEqual(known(0));
      expect(metrics.timeout_rate).toMatchObject({ known: false, why: 'not-observable' });
      expect(metrics.timeout_rate_headers).toMatchObject({ known: true, value: 0 });
    });
  }

  it('takes a response that is no event stream for an error where one was asked for', () => {
    const { output, trial } = readRecordedRun(curl, 'curl-finite');
    const stdout = output.stdout.replaceAll('text/event-stream', 'text/html');
    expect(curl.normalize({ ...output, stdout }, trial).outcomes['http-error']).toEqual(known(4));
    const request = { ...trial.request, headers: {} };
    expect(curl.normalize({ ...output, stdout }, { ...trial, request }).outcomes.completed).toEqual(known(4));
  });

  it('does not call a request unanswered that had less than the timeout', () => {
    const { output, trial } = readRecordedRun(curl, 'curl-hang');
    const { outcomes } = curl.normalize(output, { ...trial, timeoutMs: 5000 });
    expect(outcomes['no-headers']).toMatchObject({ known: false, why: 'not-observable' });
  });

  it('has no outcome at all for streams that it had not reported when it was ended', () => {
    const { output, trial } = readRecordedRun(curl, 'curl-finite');
    const stdout = output.stdout.split('\n').slice(0, 3).join('\n');
    const { outcomes, caveats } = curl.normalize({ ...output, stdout }, trial);
    expect(outcomes.completed).toMatchObject({ known: false, why: 'not-collected' });
    expect(caveats.join()).toMatch(/before it had reported 1 of its streams/);
  });
});

describe("curl's times", () => {
  it('count from the request, not from the start of the transfer', () => {
    const { metrics } = plain('curl_finite_sse');
    expect(metrics.ttfb_us_max).toMatchObject({ value: 1467 - 180 });
    expect(metrics.stream_us_max).toMatchObject({ value: 48_682 - 180 });
    expect(metrics.connect_us_max).toMatchObject({ value: 148 });
  });

  it('have no first byte and no stream where there was no head', () => {
    const { metrics } = plain('curl_stallhead_m2');
    expect(metrics.ttfb_us_max).toMatchObject({ known: false, why: 'no-samples' });
    expect(metrics.stream_us_max).toMatchObject({ known: false, why: 'no-samples' });
  });

  it('give no throughput', () => {
    expect(recorded('curl-finite').metrics.requests_per_sec).toBeUndefined();
    expect(curl.whyNot('requests_per_sec')).toMatch(/each stream once/);
    expect(curl.oneShot).toBe(true);
  });
});
