import { describe, expect, it } from 'vitest';
import { parseWrkText } from '../../../src/tools/wrk/parse-text.ts';
import { readPlainFixture } from '../../helpers/stored-outputs.ts';

function parse(name: string): ReturnType<typeof parseWrkText> {
  return parseWrkText(readPlainFixture(name).output.stdout);
}

describe("wrk's text report", () => {
  it('is read line by line from a run over finite streams', () => {
    expect(parse('wrk_finite_sse')).toEqual({
      requests: 459,
      durationS: 3.03,
      bytes: 325.73 * 1024,
      requestsPerSec: 151.45,
      latencyUs: { mean: 51_920, max: 79_600, p50: 50_500, p90: 56_980, p99: 67_680 },
      errors: { connect: 0, read: 0, write: 0, timeout: 0, status: 0 },
    });
  });

  it('has socket errors where there were some', () => {
    expect(parse('wrk_rst_on_accept')?.errors).toEqual({
      connect: 0,
      read: 10643,
      write: 8564,
      timeout: 0,
      status: 0,
    });
  });

  it('counts error responses', () => {
    expect(parse('wrk_503')).toMatchObject({ requests: 79880, errors: { status: 79880 } });
  });

  it('has no percentiles without --latency', () => {
    expect(parse('wrk_badheader')?.latencyUs).toEqual({ mean: 79, max: 5320 });
  });

  it('survives the -nan% of a run without a response', () => {
    expect(parse('wrk_endless_sse')).toMatchObject({ requests: 0, bytes: 238.86 * 1024, requestsPerSec: 0 });
  });

  it('is absent after a usage error and a refused connection', () => {
    expect(parse('wrk_badargs')).toBeUndefined();
    expect(parse('wrk_refused')).toBeUndefined();
  });
});

it('reads percentiles of seconds, whose unit wrk pads with a blank', () => {
  const report = [
    '  Latency Distribution',
    '     90%  698.18ms',
    '     99%    1.87s ',
    '  380901 requests in 10.04s, 44.32MB read',
    '',
  ].join('\n');
  expect(parseWrkText(report)?.latencyUs).toEqual({ p90: 698_180, p99: 1_870_000 });
});
