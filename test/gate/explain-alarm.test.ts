import { describe, expect, it } from 'vitest';
import { explainBroken, explainWorse } from '../../src/gate/explain-alarm.ts';
import type { SideArm } from '../../src/model/gate.ts';
import { makeSideArm } from '../helpers/sides.ts';

/** A row with these findings by rank; `label` tells their sentences apart. */
function row(label: string, ...codes: string[]): SideArm {
  const findings = codes.map((code) => ({ code, sentence: `${code} in ${label}.` }));
  return makeSideArm({}, { findings, ...(findings[0] ? { finding: findings[0] } : {}) });
}

describe('a metric that got worse', () => {
  it('goes with what limits the row, beside what base says of the same', () => {
    const head = row('head', 'stream-paced');
    expect(explainWorse('stream_us_p50', head, row('base', 'stream-paced'))).toEqual({
      code: 'stream-paced',
      sentence: 'stream-paced in head.',
      base: 'stream-paced in base.',
    });
    expect(explainWorse('stream_us_p50', head, row('base', 'slow-handler')).base).toBeNull();
    expect(explainWorse('stream_us_p50', head, undefined).base).toBeNull();
  });

  it('goes with what base does not have rather than with what limits both', () => {
    const head = row('head', 'stream-paced', 'gc-pressure');
    expect(explainWorse('stream_us_p50', head, row('base', 'stream-paced'))).toMatchObject({
      code: 'gc-pressure',
      base: null,
    });
  });

  it('is not said to come from rare losses, unless it is a rate of them', () => {
    const head = row('head', 'stream-paced', 'server-resets');
    const base = row('base', 'stream-paced');
    expect(explainWorse('requests_per_sec', head, base).code).toBe('stream-paced');
    expect(explainWorse('failure_rate', head, base).code).toBe('server-resets');
    expect(explainWorse('requests_per_sec', row('head', 'refused'), base).code).toBe('refused');
  });

  it('is unproven where no finding belongs to it', () => {
    expect(explainWorse('failure_rate', row('head', 'stream-paced'), row('base'))).toEqual({
      code: 'unproven',
      sentence: 'No finding of this row explains its failure_rate.',
      base: null,
    });
    expect(explainWorse('ttfe_us_p50', row('head', 'unproven', 'server-resets'), row('base'))).toEqual({
      code: 'unproven',
      sentence: 'unproven in head.',
      base: null,
    });
    expect(explainWorse('ttfe_us_p50', row('head'), row('base')).code).toBe('unproven');
  });

  it('knows the first finding alone of a baseline of an older version', () => {
    const { findings: _, ...old } = row('base', 'stream-paced');
    expect(explainWorse('stream_us_p50', row('head', 'stream-paced'), old).base).toBe(
      'stream-paced in base.',
    );
  });
});

describe('a broken invariant', () => {
  it.each([
    ['lost-events', 'events-lost'],
    ['server-resets', 'server-resets'],
  ] as const)('%s goes with the finding %s at whatever rank', (name, code) => {
    const head = row('head', 'stream-paced', 'events-lost', 'server-resets');
    expect(explainBroken(name, head, row('base', 'stream-paced'))).toEqual({
      code,
      sentence: `${code} in head.`,
      base: null,
    });
  });

  it('is unproven where the finding is not there, or no rule counts it', () => {
    const head = row('head', 'stream-paced');
    expect(explainBroken('lost-events', head, head)).toEqual({
      code: 'unproven',
      sentence: 'No finding of this row counts lost-events: too few, or no rule is about them.',
      base: null,
    });
    expect(explainBroken('unaccounted', head, head).code).toBe('unproven');
  });
});
