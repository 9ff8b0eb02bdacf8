import { expect, test } from 'vitest';
import { RULES } from '../../src/findings/index.ts';
import { judgeArm } from '../../src/findings/rank-findings.ts';
import { makeArm, makeArmEvidence, makeWire, PACED } from '../helpers/evidence-builder.ts';

test('paced streams are the only finding on a healthy paced target', () => {
  const findings = judgeArm(makeArmEvidence(PACED));
  expect(findings.map(({ code, rank, outcome }) => [rank, code, outcome])).toEqual([
    [1, 'stream-paced', 'found'],
  ]);
});

test('what happened outranks what was busy, whatever the share', () => {
  const findings = judgeArm(
    makeArmEvidence({
      ...PACED,
      outcomes: { attempted: 1000, reset: 20 },
      process: { targetCpuShare: 0.99 },
    }),
  );
  expect(findings.map(({ code }) => code)).toEqual(['server-resets', 'server-cpu-saturated']);
  expect(findings.map(({ rank }) => rank)).toEqual([1, 2]);
});

test('within a class the larger share comes first', () => {
  const findings = judgeArm(makeArmEvidence({ process: { toolCpuShare: 0.9, targetCpuShare: 0.99 } }));
  expect(findings.map(({ code }) => code)).toEqual(['server-cpu-saturated', 'client-cpu-saturated']);
});

test('what the CPU is used for comes before that it is used up, as surely as it is known', () => {
  const codesAt = (json: number): string[] =>
    judgeArm(
      makeArmEvidence({
        process: { targetCpuShare: 0.95, targetCpuS: 57, toolCpuS: 3, idle: 0.02 },
        profile: { json_share: json },
      }),
    ).map(({ code }) => code);
  expect(codesAt(0.5)).toEqual(['serialization-cost', 'server-cpu-saturated']);
  expect(codesAt(0.2)).toEqual(['server-cpu-saturated', 'serialization-cost']);
  expect(codesAt(0.1)).toEqual(['server-cpu-saturated']);
});

test('a lock that is proven is the only reason why connections wait', () => {
  const wire = makeWire({
    segments_per_response: 6,
    events_per_segment: 1,
    server_wait_share: 0.98,
    transfer_share: 0.01,
    client_turn_share: 0.01,
    wire_ttfb_us_p50: 40_000,
  });
  const profile = { block_lock_ratio: 97, mutex_ratio: 1 };
  expect(judgeArm(makeArmEvidence({ wire })).map(({ code }) => code)).toEqual(['slow-handler']);
  expect(judgeArm(makeArmEvidence({ wire, profile })).map(({ code }) => code)).toEqual(['lock-contention']);
});

test('connections explain a full server as surely as their share of its CPUs, without a jump at a tenth', () => {
  const codesAt = (perSecond: number): string[] =>
    judgeArm(
      makeArmEvidence({
        record: { durationMs: 1000 },
        process: { targetCpuShare: 0.95, targetCpuS: 57, toolCpuS: 3, idle: 0.02 },
        wire: makeWire({
          requests_per_connection: 1,
          connections_opened: perSecond,
          server_wait_share: 0.9,
          transfer_share: 0.05,
          client_turn_share: 0.05,
        }),
      }),
    ).map(({ code }) => code);
  expect(codesAt(2400)).toEqual(['server-cpu-saturated']);
  expect(codesAt(2600)).toEqual(['server-cpu-saturated', 'connection-churn']);
  expect(codesAt(11_000)).toEqual(['connection-churn', 'server-cpu-saturated']);
});

test('a quota that stops the server now and then does not hide a slow handler', () => {
  const codesAt = (stopped: number): string[] =>
    judgeArm(
      makeArmEvidence({
        process: { targetThrottled: stopped },
        wire: makeWire({
          segments_per_response: 1,
          events_per_segment: 1,
          server_wait_share: 0.95,
          transfer_share: 0.02,
          client_turn_share: 0.03,
          wire_ttfb_us_p50: 45_000,
        }),
      }),
    ).map(({ code }) => code);
  expect(codesAt(0.09)).toEqual(['slow-handler']);
  expect(codesAt(0.11)).toEqual(['slow-handler', 'server-cpu-throttled']);
  expect(codesAt(0.24)).toEqual(['server-cpu-throttled', 'slow-handler']);
  expect(codesAt(0.32)).toEqual(['server-cpu-throttled']);
  expect(codesAt(0.5)).toEqual(['server-cpu-throttled']);
});

test('a tool that counts endless streams as good is explained by the endless stream first', () => {
  const findings = judgeArm(
    makeArmEvidence({
      arm: makeArm({ stream: 'endless' }),
      outcomes: { attempted: 100 },
      extra: { bodyIntegrity: 'unverified', claimedResponses: 100 },
      truth: { requests: 100, streamsCompleted: 0, streamsClientClosed: 100, events: 60_000 },
    }),
  );
  expect(findings.map(({ code }) => code)).toEqual(['endless-response', 'tool-misreports']);
});

test('finite streams that are longer than the run are waited for, which explains less than what happened', () => {
  const findings = judgeArm(
    makeArmEvidence({
      outcomes: { attempted: 100, refused: 20 },
      truth: { requests: 80, streamsCompleted: 0, events: 60_000 },
    }),
  );
  expect(findings.map(({ code }) => code)).toEqual(['refused', 'endless-response']);
  expect(findings[1]!.sentence).not.toMatch(/never/);
});

test('reset streams are not taken for endless ones', () => {
  const findings = judgeArm(
    makeArmEvidence({
      metrics: { requests_per_sec: 900 },
      extra: { bodyIntegrity: 'unverified', claimedResponses: 900 },
      truth: { requests: 900, streamsCompleted: 0, streamsReset: 900, streamsClosedEarly: 0, events: 2700 },
    }),
  );
  expect(findings.map(({ code }) => code)).toEqual(['server-resets', 'tool-misreports']);
});

const TESTER = makeArm({ id: 'ssee-tester', tool: 'ssee-tester' });
const RARE = { attempted: 10_000, completed: 9950, reset: 50 };

test('what is rare does not displace what limits the row', () => {
  const findings = judgeArm(
    makeArmEvidence({
      ...PACED,
      arm: TESTER,
      outcomes: { attempted: 65_200, completed: 65_100, reset: 300 },
      truth: { ...PACED.truth!, streamsReset: 300 },
      extra: { eventsTotal: 651_900, sequence: { gaps: 600 } },
    }),
  );
  expect(findings.map(({ rank, code }) => [rank, code])).toEqual([
    [1, 'stream-paced'],
    [2, 'server-resets'],
    [3, 'events-lost'],
  ]);
});

test('where nothing limits the row but what is rare, its limit is unproven', () => {
  const findings = judgeArm(makeArmEvidence({ process: {}, arm: TESTER, outcomes: RARE }));
  expect(findings.map(({ rank, code, outcome }) => [rank, code, outcome])).toEqual([
    [1, 'unproven', 'unproven'],
    [2, 'server-resets', 'found'],
  ]);
  expect(findings[0]!.because.join('\n')).not.toContain('server-resets');
});

test('nothing found is unproven: one finding that lists what every rule looked at', () => {
  const findings = judgeArm(makeArmEvidence({ process: {} }));
  expect(findings).toHaveLength(1);
  const [finding] = findings;
  expect(finding).toMatchObject({ code: 'unproven', outcome: 'unproven', rank: 1, against: [] });
  expect(finding!.sentence).toMatch(/ruled out: .*client-cpu-saturated/);
  expect(finding!.sentence).toMatch(/not enough data for .*stream-paced/);
  for (const rule of RULES) expect(finding!.because.join('\n')).toContain(`${rule.code}: `);
});
