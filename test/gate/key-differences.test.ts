import { describe, expect, it, test } from 'vitest';
import { addNight, EMPTY_BASELINE, findNights } from '../../src/gate/baseline.ts';
import { compareSides } from '../../src/gate/compare-sides.ts';
import { judgeGate } from '../../src/gate/judge-gate.ts';
import { keyDifferences } from '../../src/gate/key-differences.ts';
import type { RunSide } from '../../src/model/gate.ts';
import { around, makeKey, makeSide, makeSideArm } from '../helpers/sides.ts';

const QUIET = makeKey();
const WATCHED = makeKey({ watched: true });

const side = (label: string, key: RunSide['key'], ttfeUs: number) =>
  makeSide(label, [makeSideArm({ ttfe_us_p50: around(ttfeUs, 0.02) })], { key });

test('equal keys differ in nothing', () => {
  expect(keyDifferences(QUIET, QUIET, 'in base')).toEqual([]);
  expect(keyDifferences(WATCHED, WATCHED, 'in base')).toEqual([]);
});

describe('another target', () => {
  const ran = (name: string, version: string | null = 'v20.19.0', isFallback = false) =>
    makeKey({ targets: { wrk: { name, version, isFallback }, hey: { name, version, isFallback } } });

  it('is named once, however many rows share it', () => {
    expect(keyDifferences(ran('node-http'), ran('go-nethttp', 'go1.22'), 'in base')).toEqual([
      'the target is node-http, go-nethttp in base',
    ]);
    expect(keyDifferences(ran('node-http'), ran('node-http'), 'in base')).toEqual([]);
  });

  it('is a fallback on one side alone', () => {
    expect(keyDifferences(ran('node-http', 'v20.19.0', true), ran('node-http'), 'in base')).toEqual([
      'the target that ran is a fallback, the one asked for in base',
    ]);
  });

  it('is another version of a bundled one', () => {
    expect(keyDifferences(ran('node-http'), ran('node-http', 'v20.20.2'), 'in base')).toEqual([
      'the version of target node-http is v20.19.0, v20.20.2 in base',
    ]);
  });

  it('may be any in a baseline that does not say, which is no baseline', () => {
    const baseline = addNight(EMPTY_BASELINE, side('night', QUIET, 6000), false);
    expect(findNights(baseline, ran('node-http'))).toEqual({
      reasons: ['which target ran is not known in the baseline, which is of an older version'],
    });
    expect(
      findNights(addNight(baseline, side('new', ran('node-http'), 6000), false), ran('node-http')),
    ).toMatchObject({
      nights: [{ label: 'new' }],
    });
  });
});

test('a run that could be looked into while it measured is not like one that could not', () => {
  expect(keyDifferences(WATCHED, QUIET, 'in base')).toEqual([
    'the trials could be looked into while they ran (--live-during-trials), those in base could not',
  ]);
  expect(keyDifferences(QUIET, WATCHED, 'in base')).toEqual([
    'the trials in base could be looked into while they ran (--live-during-trials), these could not',
  ]);
});

describe('two runs of which one alone could be looked into', () => {
  it.each([
    ['base', WATCHED, QUIET],
    ['head', QUIET, WATCHED],
  ])('%s: the gate is inconclusive, however large the change', (_, baseKey, headKey) => {
    const gate = judgeGate({
      base: side('base', baseKey, 6000),
      head: side('head', headKey, 9000),
      spec: { metrics: [{ metric: 'ttfe_us_p50', maxRegression: 0.1, minEffect: 200 }], alpha: 0.05 },
      noBaseline: keyDifferences(headKey, baseKey, 'in base'),
    });
    expect([gate.exitCode, gate.verdict, gate.cells]).toEqual([4, 'inconclusive', []]);
    expect(gate.sentence).toContain('could be looked into while they ran (--live-during-trials)');
  });

  it('is no night of a baseline of undisturbed ones', () => {
    const baseline = addNight(EMPTY_BASELINE, side('night', QUIET, 6000), false);
    expect(findNights(baseline, WATCHED)).toHaveProperty('reasons');
    const both = addNight(baseline, side('watched night', WATCHED, 6500), false);
    expect(findNights(both, QUIET)).toMatchObject({ nights: [{ label: 'night' }] });
    expect(findNights(both, WATCHED)).toMatchObject({ nights: [{ label: 'watched night' }] });
  });
});

test.each([
  ['neither could be looked into', QUIET, QUIET, []],
  [
    'only head could be looked into',
    QUIET,
    WATCHED,
    [expect.stringMatching(/^not alike: the trials could be looked/)],
  ],
  [
    'both could be looked into',
    WATCHED,
    WATCHED,
    [expect.stringMatching(/^the trials of both could be looked/)],
  ],
])('compare has a note: %s', (_, baseKey, headKey, warnings) => {
  expect(compareSides(side('base', baseKey, 6000), side('head', headKey, 6000)).warnings).toEqual(warnings);
});
