import { describe, expect, it } from 'vitest';
import { buildArmEvidence } from '../../src/evidence/build-arm-evidence.ts';
import { buildSide } from '../../src/gate/build-side.ts';
import type { JudgedArm } from '../../src/model/finding.ts';
import {
  makeArm,
  makeArmEvidence,
  makeRecord,
  makeRun,
  makeTrial,
  makeWire,
  PACED,
  type TrialParts,
} from '../helpers/evidence-builder.ts';

function judged(parts: TrialParts & Parameters<typeof makeArmEvidence>[0] = {}): JudgedArm {
  const arm = parts.arm ?? makeArm();
  return {
    arm,
    evidence: makeArmEvidence({ ...PACED, ...parts, arm }),
    findings: [],
    probe: { available: true, path: '/x', version: '4.1.0' },
  };
}

function sideOf(...arms: JudgedArm[]) {
  return buildSide(
    makeRun(
      arms.map(({ arm }) => arm),
      [makeRecord()],
    ),
    arms,
    'run',
  );
}

describe('a side', () => {
  it('has one value per measured round, none of the evidence trial', () => {
    const { arms } = sideOf(judged());
    expect(arms[0]!.samples.requests_per_sec).toEqual({ rounds: [1], values: [2170] });
  });

  it('keeps the reason of a figure that is not there', () => {
    const { arms } = sideOf(judged());
    expect(arms[0]!.samples.gap_us_p50).toEqual({ absent: 'the tool cannot see gap_us_p50' });
    expect(arms[0]!.samples.bytes_received).toBeUndefined();
  });

  it('does not bring back a figure that was withdrawn from the row', () => {
    const arm = makeArm({ tool: 'hey' });
    const trial = makeTrial({ arm, metrics: { requests_per_sec: 900 } });
    const contradicted = makeTrial({ arm, record: { kind: 'evidence', round: 0 }, extra: {} });
    contradicted.contradiction = { by: 'the server reset 3 connections on the wire', share: 0.1 };
    const evidence = buildArmEvidence(arm, [trial, contradicted]);
    const side = sideOf({ arm, evidence, findings: [], probe: undefined });
    expect(side.arms[0]!.samples.requests_per_sec).toMatchObject({
      absent: expect.stringMatching(/^withdrawn/),
    });
  });

  it('knows whether its trials could be looked into while they ran', () => {
    const arm = judged();
    const of = (overrides: Parameters<typeof makeRun>[2]) =>
      buildSide(makeRun([arm.arm], [makeRecord()], overrides), [arm], 'run').key;
    expect(of({ live: 'during-trials' }).watched).toBe(true);
    expect(of({})).not.toHaveProperty('watched');
  });

  it('knows which target answered, and that it was a fallback', () => {
    const { arm, ...rest } = judged();
    const of = (...targets: Parameters<typeof makeRecord>[0][]) =>
      buildSide(makeRun([arm], targets.map(makeRecord)), [{ arm, ...rest }], 'run').key.targets;
    const target = { name: 'node-http', version: 'v20.19.0', isolated: true };
    expect(of({ armId: arm.id, target })).toEqual({
      [arm.id]: { name: 'node-http', version: 'v20.19.0', isFallback: false },
    });
    expect(
      of({ armId: arm.id, target }, { armId: arm.id, target: { ...target, fallbackReason: 'no Go' } }),
    ).toMatchObject({ [arm.id]: { isFallback: true } });
  });

  it('carries what limits it, where that is known', () => {
    const finding = { code: 'slow-handler', outcome: 'found', rank: 1, sentence: 'It waits.' } as const;
    const [limited, plain] = sideOf(
      { ...judged(), findings: [{ ...finding, because: [], against: [] }] },
      judged(),
    ).arms;
    expect(limited!.finding).toEqual({ code: 'slow-handler', sentence: 'It waits.' });
    expect(limited!.findings).toEqual([{ code: 'slow-handler', sentence: 'It waits.' }]);
    expect(plain).not.toHaveProperty('finding');
  });

  it('names rows without their variant when it is one variant', () => {
    const arms = ['main', 'next'].map((variant) =>
      judged({ arm: makeArm({ id: `wrk@${variant}`, variant }) }),
    );
    const run = makeRun(
      arms.map(({ arm }) => arm),
      [makeRecord()],
    );
    expect(buildSide(run, arms, 'run', 'next')).toMatchObject({
      label: 'run@next',
      arms: [{ id: 'wrk@next', name: 'wrk' }],
    });
    expect(buildSide(run, arms, 'run').arms.map(({ name }) => name)).toEqual(['wrk@main', 'wrk@next']);
  });

  it('pools rates of streams as counts', () => {
    const { arms } = sideOf(
      judged({ metrics: { timeout_rate: 0.01 }, outcomes: { attempted: 2000, completed: 1980 } }),
    );
    expect(arms[0]!.shares.timeout_rate).toEqual({ hits: 20, total: 2000 });
  });
});

describe('what no noise excuses, counted over measured and evidence trials', () => {
  it.each<[string, Parameters<typeof judged>[0], object]>([
    ['events that never came', { extra: { sequence: { gaps: 2 } } }, { name: 'lost-events', by: 'wrk' }],
    [
      'events that never came among those that did',
      { extra: { sequence: { gaps: 2 }, eventsTotal: 1000 } },
      { name: 'lost-events', count: 4, total: 2000 },
    ],
    [
      'events that came twice',
      { extra: { sequence: { duplicates: 1 } } },
      { name: 'duplicate-events', count: 2 },
    ],
    [
      'events out of order',
      { extra: { sequence: { reordered: 1, rolledBack: 1 } } },
      { name: 'event-order', count: 4 },
    ],
    [
      'resets that the target counted',
      { truth: { streamsReset: 5 } },
      { name: 'server-resets', by: 'the target' },
    ],
    [
      'resets on the wire',
      { wire: makeWire({ rst_by_server: 1 }) },
      { name: 'server-resets', by: 'the wire' },
    ],
    [
      'resets that the tool met',
      { outcomes: { reset: 4, attempted: 9 } },
      { name: 'server-resets', count: 4, total: 9 },
    ],
    ['bytes that are no HTTP', { outcomes: { 'protocol-error': 1 } }, { name: 'protocol-errors' }],
  ])('%s', (_, parts, expected) => {
    expect(sideOf(judged(parts)).arms[0]!.invariants).toEqual([expect.objectContaining(expected)]);
  });

  it('has no total where nobody counted one', () => {
    const [lost] = sideOf(judged({ extra: { sequence: { gaps: 2 } } })).arms[0]!.invariants;
    expect(lost).not.toHaveProperty('total');
  });

  it('is not there in a good run', () => {
    expect(sideOf(judged()).arms[0]!.invariants).toEqual([]);
  });
});

describe('a row is not valid', () => {
  it.each<[string, Parameters<typeof judged>[0], RegExp]>([
    ['when packets were dropped', { wire: makeWire({ dropped_by_kernel: 7 }) }, /dropped 7 packets/],
    [
      'when connections were not begun',
      { wire: makeWire({ connections_opened: 60 }) },
      /only 60 of 100 connections/,
    ],
    ['when streams were not begun', { outcomes: { attempted: 40 } }, /only 40 of 100 connections/],
    ['when the hypervisor took CPU', { process: { steal: 0.06 } }, /the hypervisor took 6 %/],
    ['when others took CPU', { process: { unaccounted: 0.21 } }, /other programs used 21 %/],
    [
      'when rate and time do not make up the connections',
      { metrics: { requests_per_sec: 1000, stream_us_mean: 46_000 } },
      /54 % less than 100 connections \(Little's law\)/,
    ],
  ])('%s', (_, parts, reason) => {
    expect(sideOf(judged(parts)).arms[0]!.invalid).toEqual([expect.stringMatching(reason)]);
  });

  it('just inside every limit it is valid', () => {
    const parts = {
      wire: makeWire({ connections_opened: 99, probe_connections: 1, dropped_by_kernel: 0 }),
      process: { steal: 0.05, unaccounted: 0.2 },
      metrics: { requests_per_sec: 1960, stream_us_mean: 46_000 },
    };
    expect(sideOf(judged(parts)).arms[0]!.invalid).toEqual([]);
  });

  it('a limited rate and failing streams leave time over without any fault of the measurement', () => {
    const metrics = { requests_per_sec: 100, stream_us_mean: 46_000 };
    expect(sideOf(judged({ metrics, arm: makeArm({ ratePerConnection: 1 }) })).arms[0]!.invalid).toEqual([]);
    expect(sideOf(judged({ metrics: { ...metrics, failure_rate: 0.5 } })).arms[0]!.invalid).toEqual([]);
  });
});
