import { describe, expect, it } from 'vitest';
import { buildComparison } from '../../src/evidence/build-comparison.ts';
import { known } from '../../src/model/cell.ts';
import type { Arm } from '../../src/model/plan.ts';
import { comparisonSchema } from '../../src/report/comparison-schema.ts';
import { makeArm, makeArmEvidence, makeRun, makeWire, PACED } from '../helpers/evidence-builder.ts';

const REPLAY = { tool: 'ssee-tester', durationMs: 5000 } as const;

/** One row; `rate` in requests per second, `parseUs` by the target's histogram. */
function row(arm: Partial<Arm>, rate: number, parseUs = 5) {
  const made = makeArm(arm);
  const evidence = makeArmEvidence({
    ...PACED,
    arm: made,
    metrics: { ...PACED.metrics, requests_per_sec: rate },
    truth: { ...PACED.truth, headerParse: { count: 9, p50Us: parseUs, p99Us: 50, meanUs: 9 } },
    wire: { ...PACED.wire!, ...makeWire(), request_bytes: known(Buffer.from('GET /').toString('base64')) },
  });
  return { arm: made, evidence, findings: [], probe: undefined };
}

function ask(...rows: ReturnType<typeof row>[]) {
  const run = makeRun(
    rows.map(({ arm }) => arm),
    [],
  );
  return buildComparison(run, rows, 'verdict.');
}

const WRK = { id: 'wrk', tool: 'wrk' };
const TESTER = { id: 'ssee-tester', tool: 'ssee-tester' };
const WRK_BYTES = { ...REPLAY, id: 'wrk-bytes', replay: 'wrk' };
const BARE = { ...REPLAY, id: 'bare', replay: 'wrk', bare: true } as const;

describe('whether rates follow the bytes or the client', () => {
  it.each([
    ['neither', [1000, 1010, 1005, 990]],
    ['client', [2000, 1010, 1005, 990]],
    ['bytes', [1000, 2100, 1005, 2110]],
    ['both', [1900, 2100, 1005, 2110]],
  ])('is told from rates: %s', (follows, [wrk, tester, wrkBytes, bare]) => {
    const { headers } = ask(
      row(WRK, wrk!),
      row(TESTER, tester!),
      row(WRK_BYTES, wrkBytes!),
      row(BARE, bare!),
    );
    expect(headers).toHaveLength(1);
    expect(headers![0]).toMatchObject({ variant: null, follows });
  });

  it('is unproven where the replayed tool has a limit of its own, or one request alone was sent', () => {
    const limited = row({ ...WRK, ratePerConnection: 1 }, 100);
    expect(ask(limited, row(TESTER, 1000), row(WRK_BYTES, 1000)).headers![0]!.follows).toBe('unknown');
    expect(ask(row(WRK, 1000), row(WRK_BYTES, 1000)).headers![0]!.follows).toBe('unknown');
  });

  it('is not asked where nothing is replayed', () => {
    expect(ask(row(WRK, 1000), row(TESTER, 1000))).not.toHaveProperty('headers');
  });

  it('says what parsing is worth, and lists each request with its client and the time of its head', () => {
    const comparison = ask(
      row(WRK, 1000, 6),
      row(TESTER, 1000, 7),
      row(WRK_BYTES, 1000, 8),
      row(BARE, 1000, 3),
    );
    const [question] = comparison.headers!;
    expect(question!.sentence).toBe(
      'rates follow neither the bytes of the request nor the client; ssee-tester with 3 requests: 1,000 to 1,000 requests/s; the bytes of wrk: 1,000 by itself, 1,000 by ssee-tester; the target takes 3 us (bare) to 8 us (wrk-bytes) from the first byte of a request to its handler (median), at 1,000 requests/s 0.5 % of one CPU apart',
    );
    expect(
      question!.requests.map(({ arm, client, request, bytes }) => [arm, client, request, bytes]),
    ).toEqual([
      ['wrk', 'wrk', 'wrk', 5],
      ['ssee-tester', 'ssee-tester', 'ssee-tester', 5],
      ['wrk-bytes', 'ssee-tester', 'wrk', 5],
      ['bare', 'ssee-tester', 'bare', 5],
    ]);
    expect(question!.requests[3]!.header_parse_us_p50).toMatchObject({ known: true, value: 3 });
    expect(comparison.arms.map(({ durationMs }) => durationMs)).toEqual([undefined, undefined, 5000, 5000]);
    expect(comparisonSchema.safeParse(comparison).error).toBeUndefined();
  });

  it('is asked of each variant by itself', () => {
    const rows = ['a', 'b'].flatMap((variant) => [
      row({ ...WRK, id: `wrk@${variant}`, variant }, 1000),
      row({ ...TESTER, id: `ssee-tester@${variant}`, variant }, variant === 'a' ? 1000 : 3000),
      row({ ...WRK_BYTES, id: `x@${variant}`, replay: `wrk@${variant}`, variant }, 1000),
    ]);
    expect(ask(...rows).headers!.map(({ variant, follows }) => [variant, follows])).toEqual([
      ['a', 'neither'],
      ['b', 'bytes'],
    ]);
  });
});
