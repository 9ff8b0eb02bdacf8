import { buildComparison, type JudgedArm } from '../../src/evidence/build-comparison.ts';
import { judgeArm } from '../../src/findings/rank-findings.ts';
import { writeVerdict } from '../../src/findings/verdict.ts';
import type { Comparison } from '../../src/model/comparison.ts';
import type { Arm } from '../../src/model/plan.ts';
import type { RunRecord, TrialRecord } from '../../src/model/run-record.ts';
import {
  makeArm,
  makeArmEvidence,
  makeRecord,
  makeRun,
  makeWire,
  PACED,
  type TrialParts,
} from './evidence-builder.ts';

/** A finished run of wrk, hey, a rate-limited hey and ssee-tester on paced finite streams; curl is not installed. */
export function sampleRun(overrides: Partial<RunRecord> = {}): { run: RunRecord; arms: JudgedArm[] } {
  const arms = [
    judged(makeArm(), {
      ...PACED,
      metrics: { ...PACED.metrics, bytes_received: 72_114_560 },
      observes: ['requests_per_sec', 'bytes_received', 'completed'],
      caveats: ['read errors of wrk are reconnects, not failed requests'],
    }),
    judged(makeArm({ id: 'hey', tool: 'hey' }), {
      ...PACED,
      metrics: { ...PACED.metrics, requests_per_sec: 2152, ttfb_us_p50: 640, ttfb_us_p99: 4100 },
      outcomes: { attempted: 65_090, refused: 0, 'no-headers': 0, 'http-error': 0 },
      observes: [],
      extra: { bodyIntegrity: 'unverified', claimedResponses: 65_090 },
    }),
    judged(makeArm({ id: 'hey-q10', tool: 'hey', ratePerConnection: 10 }), {
      ...PACED,
      metrics: { ...PACED.metrics, requests_per_sec: 995 },
      outcomes: { attempted: 29_900, refused: 0, 'no-headers': 0, 'http-error': 0 },
      truth: {
        ...PACED.truth,
        requests: 29_900,
        streamsCompleted: 29_900,
        streamsClientClosed: 0,
        events: 299_000,
      },
      wire: {
        ...PACED.wire!,
        ...makeWire({
          requests_sent: 3000,
          transfer_share: 0.45,
          server_wait_share: 0.01,
          client_turn_share: 0.54,
        }),
      },
      observes: [],
      extra: { bodyIntegrity: 'unverified', claimedResponses: 29_900 },
    }),
    judged(makeArm({ id: 'ssee-tester', tool: 'ssee-tester' }), {
      ...PACED,
      metrics: {
        ...PACED.metrics,
        requests_per_sec: 2165,
        events_per_sec: 21_655,
        ttfe_us_p50: 620,
        ttfe_us_p99: 3900,
        gap_us_p50: 5060,
        timeout_rate: 0,
      },
      outcomes: {
        attempted: 65_120,
        completed: 65_120,
        held: 0,
        stalled: 0,
        'no-headers': 0,
        'closed-early': 0,
        reset: 0,
        refused: 0,
        'http-error': 0,
        'protocol-error': 0,
        'client-aborted': 0,
      },
      truth: {
        ...PACED.truth,
        requests: 65_120,
        streamsCompleted: 65_120,
        streamsClientClosed: 0,
        events: 651_200,
      },
      events: 651_200,
    }),
  ];
  const curl = makeArm({ id: 'curl', tool: 'curl' });
  const skipped = makeRecord({
    id: 'r1-curl',
    armId: 'curl',
    state: 'skipped',
    reason: 'curl is not installed; apt-get install curl',
  });
  for (const key of ['exit', 'argv', 'target'] as const) delete skipped[key];
  const records = [...arms.flatMap(({ records }) => records), skipped];
  const run = makeRun([...arms.map(({ arm }) => arm), curl], records, overrides);
  run.tools.curl = { available: false, reason: 'curl is not installed', remedy: 'apt-get install curl' };
  return {
    run,
    arms: [
      ...arms.map(({ arm, evidence, findings }) => ({ arm, evidence, findings, probe: run.tools[arm.tool] })),
      { arm: curl, evidence: undefined, findings: [], probe: run.tools.curl },
    ],
  };
}

function judged(arm: Arm, parts: TrialParts): Omit<JudgedArm, 'probe'> & { records: TrialRecord[] } {
  const evidence = makeArmEvidence({ ...parts, arm });
  const records = evidence.trials.map(({ trialId, kind, round }) =>
    makeRecord({
      id: trialId,
      armId: arm.id,
      kind,
      round,
      argv: [arm.tool, '-c', '100', 'http://127.0.0.1:40000/events?count=10&interval=5ms'],
    }),
  );
  return { arm, evidence, findings: judgeArm(evidence), records };
}

/** The comparison of `sampleRun`. */
export function sampleComparison(overrides: Partial<RunRecord> = {}): Comparison {
  const { run, arms } = sampleRun(overrides);
  return buildComparison(run, arms, writeVerdict(run, arms));
}
