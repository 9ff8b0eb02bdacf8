import { expect, test } from 'vitest';
import { judgeArm } from '../../src/findings/rank-findings.ts';
import { type VerdictArm, writeVerdict } from '../../src/findings/verdict.ts';
import type { Arm } from '../../src/model/plan.ts';
import type { RunRecord } from '../../src/model/run-record.ts';
import {
  makeArm,
  makeArmEvidence,
  makeRecord,
  makeRun,
  PACED,
  type TrialParts,
} from '../helpers/evidence-builder.ts';
import { sampleRun } from '../helpers/sample-comparison.ts';

type Parts = NonNullable<Parameters<typeof makeArmEvidence>[0]>;

function measured(id: string, parts: Parts, arm: Partial<Arm> = {}): VerdictArm {
  const made = makeArm({ id, tool: id, ...arm });
  const evidence = makeArmEvidence({ ...parts, arm: made });
  return { arm: made, evidence, findings: judgeArm(evidence), probe: undefined };
}

function verdictOf(arms: VerdictArm[], overrides: Partial<RunRecord> = {}): string {
  const records = arms.map(({ arm }) => makeRecord({ id: `r1-${arm.id}`, armId: arm.id }));
  return writeVerdict(
    makeRun(
      arms.map(({ arm }) => arm),
      records,
      overrides,
    ),
    arms,
  );
}

const HELD: TrialParts = {
  metrics: { events_per_sec: 1990, gap_us_p50: 50_100, gap_us_mean: 50_250, gap_us_p99: 54_000 },
  outcomes: { attempted: 100, held: 100 },
};

test('paced streams: what is possible at all, who agrees, who is capped and who was skipped', () => {
  const { run, arms } = sampleRun();
  expect(writeVerdict(run, arms)).toBe(
    '100 connections, 30s: the streams last 46 ms because the server paces their events, so about 2,170 requests/s ' +
      'is all any tool can reach; wrk, hey and ssee-tester agree within 0.83 %; hey-q10 is capped by its own limit of ' +
      '1,000 requests/s; curl was skipped (curl is not installed).',
  );
});

test('endless streams: who held them, who has no rate', () => {
  const flowing = { truth: { requests: 100, streamsCompleted: 0, events: 60_000 } };
  const arms = [
    measured('wrk', flowing, { stream: 'endless' }),
    measured('hey', flowing, { stream: 'endless' }),
    measured('ssee-tester', HELD, { stream: 'endless' }),
  ];
  expect(verdictOf(arms)).toBe(
    "100 connections, 30s: ssee-tester held all 100 streams and got 1,990 events/s, which is the server's own pace; " +
      'wrk and hey count finished responses and these never finish, so they have no rate.',
  );
});

test('finite streams that are longer than the run are not said to be endless', () => {
  const flowing = { truth: { requests: 100, streamsCompleted: 0, events: 60_000 } };
  expect(verdictOf([measured('wrk', flowing)])).toBe(
    '100 connections, 30s: wrk counts finished responses and none of these finished within the run, so it has no rate.',
  );
});

test('a load generator without CPU is named before any result', () => {
  const arms = [measured('wrk', PACED), measured('hey', { ...PACED, process: { toolCpuShare: 0.97 } })];
  expect(verdictOf(arms)).toMatch(
    /^100 connections, 30s: hey is limited by its own CPU, so that row describes the load generator; the streams last/,
  );
});

test('a run that was cut off and a fallback target come before everything else', () => {
  const target = { name: 'node-http', fallbackReason: 'go is not installed', isolated: true };
  const arms = [measured('wrk', { ...PACED, record: { target } })];
  expect(verdictOf(arms, { state: 'interrupted' })).toMatch(
    /^100 connections, 30s: the run was interrupted after 1 of 1 trials; measured on the fallback target node-http \(go is not installed\); the streams/,
  );
  expect(verdictOf(arms, { state: 'running' })).toMatch(/cut off in mid-run/);
});

test('a machine that others loaded is named before any result', () => {
  const noisy = measured('wrk', { ...PACED, process: { unaccounted: 0.41 } });
  expect(verdictOf([noisy])).toMatch(
    /^100 connections, 30s: other programs used up to 41 % of the machine's CPU time and disturbed every tool; the streams/,
  );
  expect(verdictOf([noisy, measured('hey', PACED)])).toMatch(/and disturbed wrk; /);
});

test('what is unproven is said to be unproven', () => {
  expect(verdictOf([measured('wrk', { metrics: { requests_per_sec: 10 } })])).toBe(
    '100 connections, 30s: what limits wrk is unproven.',
  );
});

test('a tool that took other answers for streams is told from one that the target contradicts', () => {
  const arms = [measured('wrk', { metrics: { requests_per_sec: 100 } })];
  arms[0]!.evidence!.trials[0]!.contradiction = { by: 'x', share: 1, blindness: 'does not see it' };
  arms[0]!.findings = judgeArm(arms[0]!.evidence!);
  expect(verdictOf(arms)).toContain(
    'what wrk reports contradicts what was seen of the answers to the same request',
  );
});

test('a tool that misreports and a server that resets are said as such', () => {
  const arms = [
    measured('hey', {
      metrics: { requests_per_sec: 100 },
      extra: { bodyIntegrity: 'unverified', claimedResponses: 3000 },
      truth: { requests: 3000, streamsCompleted: 1500, events: 9000 },
    }),
    measured('ssee-tester', { outcomes: { attempted: 100, reset: 25 } }),
  ];
  expect(verdictOf(arms)).toBe(
    '100 connections, 30s: ssee-tester: the server reset 25 % of the streams, by the count of the tool; ' +
      'what hey reports contradicts the target or the wire.',
  );
});

test('the same loss under several tools is said once', () => {
  const lost = { outcomes: { attempted: 100, reset: 25 } };
  expect(verdictOf([measured('curl', lost), measured('ssee-tester', lost)])).toBe(
    '100 connections, 30s: the server resets streams of curl and ssee-tester.',
  );
});

test('nothing measured is said, with every reason', () => {
  const arm = makeArm();
  const failed = makeRecord({ state: 'failed', reason: 'port 4000 is in use;\nstop what listens there.' });
  const run = makeRun([arm], [failed]);
  expect(writeVerdict(run, [{ arm, evidence: undefined, findings: [], probe: undefined }])).toBe(
    '100 connections, 30s: nothing was measured; wrk failed (port 4000 is in use; stop what listens there).',
  );
});
