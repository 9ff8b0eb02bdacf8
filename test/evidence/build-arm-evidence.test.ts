import { expect, test } from 'vitest';
import { buildArmEvidence } from '../../src/evidence/build-arm-evidence.ts';
import type { GoRuntimeCounters, TrialEvidence } from '../../src/model/evidence.ts';
import { makeArm, makeProcess, makeTrial, makeWire, type TrialParts } from '../helpers/evidence-builder.ts';

const arm = makeArm();

function rounds(...parts: TrialParts[]): TrialEvidence[] {
  return parts.map((part, index) =>
    makeTrial({ ...part, record: { id: `r${index + 1}-wrk`, round: index + 1, ...part.record } }),
  );
}

test('metrics are medians over the rounds, outcomes and counters of the target are sums', () => {
  const trials = rounds(
    { metrics: { requests_per_sec: 10 }, outcomes: { completed: 300 }, truth: { events: 3000 } },
    { metrics: { requests_per_sec: 30 }, outcomes: { completed: 900 }, truth: { events: 9000 } },
    { metrics: { requests_per_sec: 11 }, outcomes: { completed: 330 }, truth: { events: 3300 } },
  );
  const evidence = buildArmEvidence(arm, trials);
  expect(evidence.metrics.requests_per_sec).toMatchObject({ value: 11 });
  expect(evidence.outcomes.completed).toMatchObject({ value: 1530 });
  expect(evidence.truth).toEqual({ events: 15_300 });
});

test('what the Go runtime said of its queues is a median over the rounds', () => {
  const runtime = (runQueueMean: number): { goRuntime: GoRuntimeCounters } => ({
    goRuntime: {
      looks: 30,
      procs: 2,
      idleProcsMean: 1,
      threadsMax: 9,
      runQueueMean,
      runQueueMax: 50,
      gcCycles: 4,
      gcPauseMaxUs: 100,
      gcCpuS: 0.1,
    },
  });
  const trials = rounds(
    { truth: { events: 1 }, ...runtime(40) },
    { truth: { events: 1 }, ...runtime(10) },
    { truth: { events: 1 }, ...runtime(11) },
  );
  const evidence = buildArmEvidence(arm, trials);
  expect(evidence.truth).toEqual({ events: 3 });
  expect(evidence).toMatchObject(runtime(11));
});

test('a round that says nothing of collections leaves the arm without a figure of them', () => {
  const base = { looks: 3, procs: 2, idleProcsMean: 1, threadsMax: 9, runQueueMean: 4, runQueueMax: 8 };
  const withGc = { ...base, gcCycles: 4 };
  for (const [a, b] of [
    [base, withGc],
    [withGc, base],
  ]) {
    expect(buildArmEvidence(arm, rounds({ goRuntime: a! }, { goRuntime: b! })).goRuntime).toEqual(base);
  }
  expect(buildArmEvidence(arm, rounds({ goRuntime: base }, {})).goRuntime).toBeUndefined();
});

test('requests of some rounds are not published as those of all: histogram of the heads', () => {
  const headerParse = { count: 10, p50Us: 1, p99Us: 2, meanUs: 1 };
  const seen = { truth: { events: 1, headerParse } };
  expect(buildArmEvidence(arm, rounds(seen, { truth: { events: 1 } })).truth).toEqual({ events: 2 });
  expect(buildArmEvidence(arm, rounds(seen, seen)).truth?.headerParse).toMatchObject({ count: 20 });
});

test('a median of whole numbers stays whole, of broken ones it does not', () => {
  const whole = buildArmEvidence(
    arm,
    rounds({ metrics: { ttfb_us_p50: 10 } }, { metrics: { ttfb_us_p50: 13 } }),
  );
  expect(whole.metrics.ttfb_us_p50).toMatchObject({ value: 12 });
  const broken = buildArmEvidence(
    arm,
    rounds({ metrics: { requests_per_sec: 1.5 } }, { metrics: { requests_per_sec: 2 } }),
  );
  expect(broken.metrics.requests_per_sec).toMatchObject({ value: 1.75 });
});

test('rates are pooled over the streams of all rounds', () => {
  const evidence = buildArmEvidence(
    arm,
    rounds(
      { metrics: { timeout_rate: 0 }, outcomes: { attempted: 900 } },
      { metrics: { timeout_rate: 0.1 }, outcomes: { attempted: 100 } },
    ),
  );
  expect(evidence.metrics.timeout_rate).toMatchObject({
    value: 0.01,
    interval: [expect.closeTo(0.0048, 4), expect.closeTo(0.0183, 4)],
  });
});

test('an outcome that one round cannot tell has no sum', () => {
  const evidence = buildArmEvidence(arm, rounds({ outcomes: { completed: 5 } }, {}));
  expect(evidence.outcomes.completed.known).toBe(false);
});

test('trials that were cut off count only where there is no finished one', () => {
  const done = { metrics: { requests_per_sec: 10 } };
  const cut = { metrics: { requests_per_sec: 2 }, record: { state: 'interrupted' as const } };
  expect(buildArmEvidence(arm, rounds(done, cut)).metrics.requests_per_sec).toMatchObject({ value: 10 });
  expect(buildArmEvidence(arm, rounds(cut)).metrics.requests_per_sec).toMatchObject({ value: 2 });
});

test('the evidence trial gives the wire and what the tool adds, never a headline figure', () => {
  const measured = {
    metrics: { requests_per_sec: 100, ttfb_us_p50: 500 },
    record: { process: makeProcess() },
  };
  const [first] = rounds(measured);
  const evidenceTrial = makeTrial({
    metrics: { requests_per_sec: 90, ttfb_us_p50: 700 },
    wire: makeWire({ wire_ttfb_us_p50: 400 }),
    record: { id: 'evidence-wrk', kind: 'evidence', round: 0 },
  });
  const evidence = buildArmEvidence(arm, [first!, evidenceTrial]);
  expect(evidence.metrics.requests_per_sec).toMatchObject({ value: 100 });
  expect(evidence.metrics.tool_added_ttfb_us).toMatchObject({ value: 300 });
  expect(evidence.wire?.observer_ratio).toMatchObject({ value: 0.9, note: 'of requests/s' });
  const alone = buildArmEvidence(arm, [evidenceTrial]);
  expect(alone.metrics.requests_per_sec).toMatchObject({ known: false, why: 'not-collected' });
});

test('the observer ratio of an endless stream compares events, else bytes, per second', () => {
  const endless = makeArm({ stream: 'endless' });
  const evidence = (
    metrics: TrialParts['metrics'],
    windowMs: number,
    kind: 'measured' | 'evidence',
  ): TrialEvidence =>
    makeTrial({
      arm: endless,
      metrics: metrics ?? {},
      record: { kind, process: makeProcess({ windowMs }) },
      ...(kind === 'evidence' ? { wire: makeWire() } : {}),
    });
  const events = buildArmEvidence(endless, [
    evidence({ events_per_sec: 1000 }, 10_000, 'measured'),
    evidence({ events_per_sec: 950 }, 3000, 'evidence'),
  ]);
  expect(events.wire?.observer_ratio).toMatchObject({ value: 0.95 });
  const bytes = buildArmEvidence(endless, [
    evidence({ bytes_received: 10_000 }, 10_000, 'measured'),
    evidence({ bytes_received: 2700 }, 3000, 'evidence'),
  ]);
  expect(bytes.wire?.observer_ratio).toMatchObject({ value: 0.9, note: 'of bytes/s' });
});

/** The observer ratio of an arm with one measured trial of 30 s and one evidence trial of 3 s. */
function observerRatio(measured: TrialParts, evidence: TrialParts, of = arm): unknown {
  const trials = [
    makeTrial({ ...measured, arm: of, record: { process: makeProcess() } }),
    makeTrial({
      ...evidence,
      arm: of,
      wire: makeWire(),
      record: { kind: 'evidence', durationMs: 3000, process: makeProcess({ windowMs: 3200 }) },
    }),
  ];
  return buildArmEvidence(of, trials).wire?.observer_ratio;
}

test('long streams are compared by events/s, and where the tool has none there is no observer ratio', () => {
  const long = { requests_per_sec: 40, stream_us_p50: 1_900_000 };
  expect(
    observerRatio(
      { metrics: { ...long, events_per_sec: 1000 } },
      { metrics: { requests_per_sec: 20, events_per_sec: 970 } },
    ),
  ).toMatchObject({ value: 0.97, note: 'of events/s' });
  const truth = { requests: 100, streamsCompleted: 90, events: 1000 };
  expect(observerRatio({ metrics: long, truth }, { metrics: { requests_per_sec: 20 }, truth })).toMatchObject(
    { known: false, why: 'no-samples', detail: expect.stringMatching(/last 1.9 s.*of 3s/) },
  );
});

test('streams count as long from a tenth of the evidence trial on', () => {
  const at = (stream_us_p50: number) =>
    observerRatio(
      { metrics: { requests_per_sec: 100, stream_us_p50 } },
      { metrics: { requests_per_sec: 90, stream_us_p50 } },
    );
  expect(at(300_000)).toMatchObject({ value: 0.9 });
  expect(at(300_001)).toMatchObject({ known: false });
});

test('an evidence trial in which nothing was completed gives no observer ratio of 0', () => {
  expect(
    observerRatio({ metrics: { requests_per_sec: 20 } }, { metrics: { requests_per_sec: 0 } }),
  ).toMatchObject({
    known: false,
    why: 'no-samples',
    detail: expect.stringContaining('no stream was completed'),
  });
  const endless = makeArm({ stream: 'endless' });
  expect(
    observerRatio({ metrics: { events_per_sec: 20 } }, { metrics: { events_per_sec: 0 } }, endless),
  ).toMatchObject({ known: false, why: 'no-samples' });
});

test('a tool that runs each stream once has no observer ratio on finite streams, and one on endless ones', () => {
  const truth = { requests: 10, streamsCompleted: 10, events: 100 };
  expect(observerRatio({ oneShot: true, truth }, { oneShot: true, truth })).toMatchObject({
    known: false,
    why: 'no-samples',
  });
  const endless = makeArm({ stream: 'endless' });
  const flow = (events: number) => ({ oneShot: true as const, truth: { events, streamsCompleted: 0 } });
  expect(observerRatio(flow(30_080), flow(3200), endless)).toMatchObject({
    value: 1,
    note: "of the target's events/s",
  });
});

test('what the evidence trial disproves is withdrawn from rounds that nobody witnessed', () => {
  const claim = {
    metrics: { requests_per_sec: 100 },
    extra: { bodyIntegrity: 'unverified', claimedResponses: 3000 },
  };
  const broken = makeTrial({
    ...claim,
    wire: makeWire({ rst_by_server: 700 }),
    record: { id: 'evidence-wrk', kind: 'evidence', round: 0 },
  });
  const unwitnessed = buildArmEvidence(arm, [...rounds(claim), broken]);
  expect(unwitnessed.metrics.requests_per_sec).toMatchObject({
    known: false,
    detail: expect.stringContaining('reset 700'),
  });
  const confirmed = rounds({ ...claim, truth: { requests: 3000, streamsCompleted: 3000, events: 9000 } });
  expect(buildArmEvidence(arm, [...confirmed, broken]).metrics.requests_per_sec).toMatchObject({
    value: 100,
  });
});

test('one contradicted round withdraws the figures of all rounds that rest on whole bodies', () => {
  const claim = {
    metrics: { requests_per_sec: 2000, stream_us_p50: 900, ttfb_us_p50: 300 },
    extra: { bodyIntegrity: 'unverified', claimedResponses: 3000 },
  };
  const good = { requests: 3000, streamsCompleted: 3000, events: 9000 };
  const broken = { requests: 3000, streamsCompleted: 1500, streamsReset: 1500, events: 9000 };
  const { metrics } = buildArmEvidence(
    arm,
    rounds({ ...claim, truth: good }, { ...claim, truth: broken }, { ...claim, truth: good }),
  );
  for (const id of ['requests_per_sec', 'stream_us_p50'] as const) {
    expect(metrics[id]).toMatchObject({ known: false, detail: expect.stringMatching(/in r2-wrk .*1500/) });
  }
  expect(metrics.ttfb_us_p50).toMatchObject({ value: 300 });
});

test('a figure that some rounds lack says how many it rests on', () => {
  const { metrics } = buildArmEvidence(
    arm,
    rounds(
      { metrics: { requests_per_sec: 10, stream_us_p99: 70 } },
      { metrics: { requests_per_sec: 20 } },
      { metrics: { requests_per_sec: 30, timeout_rate: 0 }, outcomes: { attempted: 100 } },
    ),
  );
  expect(metrics.requests_per_sec).toEqual({ known: true, value: 20 });
  expect(metrics.stream_us_p99).toEqual({ known: true, value: 70, note: '1 of 3 rounds' });
  expect(metrics.timeout_rate).toMatchObject({ value: 0, note: '1 of 3 rounds' });
});
