import { describe, expect, it } from 'vitest';
import { buildAblation, type SliceFigures } from '../../src/evidence/build-ablation.ts';
import { listRequestVariants } from '../../src/http/request-variants.ts';
import type { AblationRecord } from '../../src/model/run-record.ts';

const PLAN = { rounds: 6, sliceMs: 1000 };
const EXIT = { code: 0, signal: null, overran: false, sent: [], startedAtMs: 0, wallMs: 1000 };
const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nSlow: 1\r\nFree: 2\r\nAlso: 3\r\n\r\n');
const VARIANTS = listRequestVariants(REQUEST);

/** Six rounds on a machine that slows down, with the rate and the parse time that `costOf` the request gives. */
function ablate(costOf: (text: string) => number, figures: Partial<SliceFigures> = {}) {
  const record: AblationRecord = { requests: [], slices: [] };
  const slices: SliceFigures[] = [];
  for (const [index, { bytes, ways }] of VARIANTS.entries()) {
    record.requests.push({ file: `request-${index}.bin`, bytes: bytes.length, ways });
  }
  for (let round = 1; round <= PLAN.rounds; round++) {
    for (const [request, { bytes }] of VARIANTS.entries()) {
      const cost = costOf(bytes.toString());
      // Each request has its own small scatter: some rounds above, some below.
      const noise = 1 + 0.01 * (((round * 7 + request * 3) % 5) - 2);
      record.slices.push({ request, round, dir: `r${round}-${request}`, exit: EXIT });
      slices.push({
        request,
        round,
        eventsPerSec: ((1000 - 50 * round) / cost) * noise,
        ttfbUsP50: 100 * cost,
        headerParse: { count: 10 * round, p50Us: 5 * cost, meanUs: 8 * cost },
        ...figures,
      });
    }
  }
  return buildAblation({ trialId: 'ablation-x', plan: PLAN, record, slices });
}

const find = (ablation: ReturnType<typeof ablate>, change: string, header: string | null = null) =>
  ablation.rows.find((row) => row.change === change && row.header === header)!;

describe('header ablation', () => {
  const slow = ablate((text) => (text.includes('Slow') ? 1.5 : 1));

  it('finds the header that costs, by leaving it out and by adding it', () => {
    expect(find(slow, 'without', 'Slow').rate_ratio).toMatchObject({ known: true });
    expect((find(slow, 'without', 'Slow').rate_ratio as { value: number }).value).toBeCloseTo(1.5, 1);
    expect((find(slow, 'with', 'Slow').rate_ratio as { value: number }).value).toBeCloseTo(1 / 1.5, 1);
    expect(slow.sentence).toMatch(/^Slow costs 3\d(\.\d)? % of the rate; bare against whole: 1\.[45]/);
  });

  it('says of a header that costs nothing that its interval holds 1, although the machine slowed down', () => {
    const { rate_ratio } = find(slow, 'without', 'Free');
    expect(rate_ratio).toMatchObject({ known: true });
    const [low, high] = (rate_ratio as { interval: [number, number] }).interval;
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(1);
    expect(ablate(() => 1).sentence).toMatch(/^no header is shown to change the rate/);
  });

  it('has a row per change with length, TTFB and the target time of the head', () => {
    expect(slow.rows.map(({ change, header }) => `${change} ${header}`)).toEqual([
      'whole null',
      'without Slow',
      'without Free',
      'without Also',
      'bare null',
      'with Slow',
      'with Free',
      'with Also',
    ]);
    expect(find(slow, 'whole')).toMatchObject({
      bytes: REQUEST.length,
      ttfb_us_p50: { value: 150 },
      header_parse_us_p50: { value: 7.5 },
      header_parse_us_mean: { value: 12 },
    });
    expect(find(slow, 'whole')).not.toHaveProperty('rate_ratio');
    expect(slow.sentence).toMatch(/takes 7\.5 us .* whole request .* 5 us of the bare one$/);
  });

  it('takes responses where there are no events, and gives reasons where there is nothing', () => {
    const plain = ablate(() => 1, { eventsPerSec: 0, requestsPerSec: 9 });
    expect(plain.metric).toBe('requests_per_sec');
    expect(find(plain, 'whole').rate).toEqual({ known: true, value: 9 });
    const missing = buildAblation({
      trialId: 'a',
      plan: PLAN,
      record: undefined,
      slices: [],
      reason: 'no bytes',
    });
    expect(missing).toMatchObject({ rows: [], sentence: 'no header was left out: no bytes' });
  });

  it('does not count a round in which one of the two has no rate', () => {
    const record: AblationRecord = {
      requests: VARIANTS.map(({ bytes, ways }, index) => ({ file: `${index}`, bytes: bytes.length, ways })),
      slices: [],
    };
    const slices: SliceFigures[] = [
      { request: 0, round: 1, eventsPerSec: 100 },
      { request: 1, round: 1, eventsPerSec: 200 },
      { request: 1, round: 2, eventsPerSec: 900 },
      { request: 0, round: 3, eventsPerSec: 0 },
      { request: 1, round: 3, eventsPerSec: 100 },
    ];
    const { rows } = buildAblation({ trialId: 'a', plan: PLAN, record, slices });
    // One round has no interval to rest anything on.
    expect(rows[1]!.rate_ratio).toEqual({ known: true, value: 2 });
    expect(rows.at(-1)!.rate_ratio).toMatchObject({ known: false, why: 'no-samples' });
    expect(rows[0]!.header_parse_us_p50).toMatchObject({ known: false, why: 'not-collected' });
  });
});
