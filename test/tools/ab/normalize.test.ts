import { describe, expect, it } from 'vitest';
import { known } from '../../../src/model/cell.ts';
import { ab } from '../../../src/tools/ab/adapter.ts';
import { AB_PERCENTILES_FILE } from '../../../src/tools/ab/normalize.ts';
import {
  normalizeStored,
  readPlainFixtures,
  readRecordedRun,
  readRecordedRuns,
} from '../../helpers/stored-outputs.ts';
import { describeStoredOutputs } from '../contract.ts';

const { recorded, plain } = normalizeStored(ab);

describeStoredOutputs(ab, [...readPlainFixtures('ab_'), ...readRecordedRuns(ab)]);

describe('ab over finite streams', () => {
  it('is rated by its counts, which prove no body', () => {
    const { metrics, outcomes, extra, caveats } = plain('ab_finite_sse_t');
    expect(metrics.requests_per_sec).toMatchObject({ value: 421 / 3.01, note: /HTTP\/1\.0.*unverified/ });
    expect(metrics.bytes_received).toEqual(known(265_020));
    expect(outcomes.completed).toMatchObject({ known: false, why: 'not-observable' });
    expect(outcomes.completed).toMatchObject({ detail: expect.stringContaining('it counts 421 responses') });
    expect(extra).toMatchObject({ bodyIntegrity: 'unverified', claimedResponses: 421 });
    expect(caveats.join()).toMatch(/each stream is a connection of its own/);
  });

  it('is timed by its file of percentiles, which has microseconds', () => {
    const { output, trial } = readRecordedRun(ab, 'ab-finite');
    const line = /^50,([\d.]+)$/m.exec(output.files[AB_PERCENTILES_FILE]!)![1];
    const { metrics } = ab.normalize(output, trial);
    expect(metrics.stream_us_p50).toMatchObject({ value: Math.round(Number(line) * 1000) });
    expect(metrics.stream_us_p50).toMatchObject({ note: expect.stringContaining('with the connect') });
    const without = ab.normalize({ ...output, files: {} }, trial);
    expect(without.metrics.stream_us_p50).toMatchObject({ known: false, why: 'not-collected' });
  });

  it('has a first byte only where its whole milliseconds say something', () => {
    expect(plain('ab_finite_sse_t').metrics).toMatchObject({
      ttfb_us_p50: { known: false, why: 'not-observable' },
      ttfb_us_max: { known: true, value: 85_000 },
    });
  });

  it('publishes no p99 from fewer than a hundred samples', () => {
    const { output, trial } = readRecordedRun(ab, 'ab-eof');
    const few = output.stdout
      .replace(/^Complete requests: .*$/m, 'Complete requests:      99')
      .replace(/^Failed requests: .*$/m, 'Failed requests:        0');
    const { metrics } = ab.normalize({ ...output, stdout: few }, trial);
    expect(metrics.stream_us_p99).toMatchObject({ known: false, why: 'no-samples' });
    expect(metrics.stream_us_p90).toMatchObject({ known: true });
  });

  it('counts error statuses and gives them neither rate nor latency', () => {
    const { metrics, outcomes } = plain('ab_503');
    expect(outcomes['http-error']).toEqual(known(40, { note: 'redirects included' }));
    expect(metrics.requests_per_sec).toMatchObject({ value: 0 });
    expect(metrics.stream_us_max).toMatchObject({ known: false, why: 'not-observable' });
  });
});

describe('ab and streams that break', () => {
  it.each([
    ['a reset', 'ab_reset', /Connection reset by peer \(104\)/],
    ['a refusal', 'ab_refused', /Connection refused \(111\)/],
    ['a stall', 'ab_stall', /The timeout specified has expired \(70007\)/],
  ])('says that it gave up at %s, and no figure', (_name, fixture, words) => {
    const { metrics, outcomes, problem } = plain(fixture);
    expect(problem).toBeUndefined();
    expect(Object.values(metrics).length).toBeGreaterThan(5);
    for (const reading of [...Object.values(metrics), ...Object.values(outcomes)]) {
      expect(reading).toMatchObject({ known: false, why: 'not-observable' });
      expect(reading.known ? '' : reading.detail).toMatch(words);
    }
  });

  it('takes a body that was cut for a whole one, which is published as unproved only', () => {
    const { outcomes, extra } = recorded('ab-cut');
    expect(extra!.claimedResponses).toBeGreaterThan(0);
    expect(extra).toMatchObject({ bodyIntegrity: 'unverified' });
    expect(outcomes.completed).toMatchObject({ known: false, why: 'not-observable' });
    expect(outcomes['closed-early']).toBeUndefined();
  });

  it('may count the head of a response to each connection that had not ended when time was up', () => {
    const { output, trial } = readRecordedRun(ab, 'ab-503');
    const complete = Number(/^Complete requests: +(\d+)$/m.exec(output.stdout)![1]);
    const stdout = (non2xx: number): string =>
      output.stdout.replace(/^(Non-2xx responses: +)\d+$/m, `$1${non2xx}`);
    const most = complete + trial.connections;
    const within = ab.normalize({ ...output, stdout: stdout(most) }, trial);
    expect(within.problem).toBeUndefined();
    expect(within.outcomes['http-error']).toMatchObject({ known: true, value: most });
    expect(within.extra).toMatchObject({ claimedResponses: 0, rejectedResponses: most });
    expect(ab.normalize({ ...output, stdout: stdout(most + 1) }, trial).problem).toMatch(/no readable/);
  });

  it('has no figure where it counts more failures than responses', () => {
    const { problem } = plain('ab_reset_r');
    expect(problem).toMatch(/left no readable result/);
  });
});

describe('ab on an endless stream', () => {
  it('is ended by SIGINT and has bytes, and no rate', () => {
    const { metrics, outcomes, caveats } = recorded('ab-endless');
    expect(metrics.requests_per_sec).toMatchObject({ known: false, why: 'not-observable' });
    expect(outcomes.completed).toMatchObject({ known: false, why: 'not-observable' });
    expect(metrics.bytes_received).toMatchObject({ known: true });
    expect(caveats.join()).toMatch(/did not end by itself/);
  });
});
