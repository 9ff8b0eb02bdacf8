import { describe, expect, test } from 'vitest';
import { buildTrialEvidence } from '../../src/evidence/build-trial-evidence.ts';
import { unknown } from '../../src/model/cell.ts';
import { METRIC_IDS } from '../../src/model/metrics.ts';
import { OUTCOMES } from '../../src/model/outcome.ts';
import {
  makeArm,
  makeProcess,
  makeRecord,
  makeSight,
  makeTrial,
  makeWire,
} from '../helpers/evidence-builder.ts';

const ALL_ZERO = Object.fromEntries(OUTCOMES.map((row) => [row, 0]));

test('every metric has a reading, and what the tool cannot see says why in its own words', () => {
  const trial = makeTrial({ metrics: { requests_per_sec: 10 } });
  for (const id of METRIC_IDS) expect(trial.metrics[id], id).toBeDefined();
  expect(trial.metrics.ttfe_us_p50).toEqual(unknown('not-observable', 'the tool cannot see ttfe_us_p50'));
});

test('what the tool could see and did not is no sample, a tool without output is not collected', () => {
  const sight = makeSight();
  const input = { arm: makeArm(), record: makeRecord(), tool: sight };
  const empty = buildTrialEvidence({ ...input, result: { metrics: {}, outcomes: {}, caveats: [] } });
  expect(empty.metrics.requests_per_sec).toMatchObject({ known: false, why: 'no-samples' });
  const silent = buildTrialEvidence({
    ...input,
    result: { metrics: {}, outcomes: {}, caveats: [], problem: 'wrk said nothing' },
  });
  expect(silent.metrics.requests_per_sec).toEqual(unknown('not-collected', 'wrk said nothing'));
  expect(silent.outcomes.completed).toEqual(unknown('not-collected', 'wrk said nothing'));
  expect(buildTrialEvidence({ ...input, result: undefined }).metrics.ttfb_us_p50).toMatchObject({
    why: 'not-collected',
  });
});

test('overrun and CPU come from the record, never from the tool', () => {
  const trial = makeTrial({
    record: { process: makeProcess({ toolCpuS: 6.5 }) },
    outcomes: { completed: 65_000 },
  });
  expect(trial.metrics.overrun_s).toMatchObject({ value: 0.08 });
  expect(trial.metrics.tool_cpu_s).toMatchObject({ value: 6.5 });
  expect(trial.metrics.tool_cpu_us_per_request).toMatchObject({ value: 100 });
  const blind = makeTrial({});
  expect(blind.metrics.tool_cpu_s).toMatchObject({ known: false, why: 'not-collected' });
  expect(blind.metrics.tool_cpu_us_per_request).toMatchObject({ known: false, why: 'not-collected' });
});

test('a tool that ended before its time did not overrun', () => {
  const exit = { ...makeRecord().exit!, wallMs: 1300 };
  expect(makeTrial({ record: { exit } }).metrics.overrun_s).toMatchObject({ value: 0 });
});

test('CPU per event of a tool that is blind to events rests on the target and says so', () => {
  const process = makeProcess({ toolCpuS: 1 });
  const trial = makeTrial({ record: { process }, truth: { events: 1000 } });
  expect(trial.metrics.tool_cpu_us_per_event).toMatchObject({
    value: 1000,
    note: expect.stringContaining('target'),
  });
  const own = makeTrial({ record: { process }, truth: { events: 1000 }, events: 500 });
  expect(own.metrics.tool_cpu_us_per_event).toMatchObject({ value: 2000 });
  expect(makeTrial({ record: { process }, events: 0 }).metrics.tool_cpu_us_per_event).toMatchObject({
    why: 'no-samples',
  });
});

describe('the conservation law', () => {
  test('unaccounted is what no outcome explains', () => {
    const trial = makeTrial({ outcomes: { attempted: 100, ...ALL_ZERO, completed: 90, reset: 7 } });
    expect(trial.outcomes.unaccounted).toMatchObject({ known: true, value: 3 });
  });

  test('one outcome that cannot be told makes it unknown', () => {
    const outcomes: Record<string, number> = { attempted: 100, ...ALL_ZERO, completed: 100 };
    delete outcomes.reset;
    const trial = makeTrial({ outcomes });
    expect(trial.outcomes.unaccounted).toMatchObject({
      known: false,
      detail: expect.stringContaining('reset'),
    });
  });

  test('without the streams attempted it is unknown, whatever the target counted', () => {
    const trial = makeTrial({ outcomes: { ...ALL_ZERO }, truth: { requests: 10 } });
    expect(trial.outcomes.attempted.known).toBe(false);
    expect(trial.outcomes.unaccounted.known).toBe(false);
  });
});

describe('rates of streams', () => {
  test('0 of 100 is at most 3.6 %', () => {
    const trial = makeTrial({ outcomes: { attempted: 100, ...ALL_ZERO, completed: 100 } });
    expect(trial.metrics.timeout_rate).toMatchObject({ value: 0 });
    expect(trial.metrics.timeout_rate.known && trial.metrics.timeout_rate.interval?.[1]).toBeCloseTo(
      0.0362,
      4,
    );
  });

  test('failures are streams neither completed nor held; those the end of the run cut are named', () => {
    const trial = makeTrial({
      outcomes: { attempted: 10, ...ALL_ZERO, completed: 6, reset: 1, 'client-aborted': 3 },
    });
    expect(trial.metrics.failure_rate).toMatchObject({ value: 0.4, note: expect.stringMatching(/^3 /) });
  });

  test('a rate that the tool gives keeps its value and gets an interval', () => {
    const trial = makeTrial({ metrics: { timeout_rate: 0.5 }, outcomes: { attempted: 10 } });
    expect(trial.metrics.timeout_rate).toMatchObject({
      value: 0.5,
      interval: [expect.closeTo(0.187, 3), expect.closeTo(0.813, 3)],
    });
  });

  test('no stream attempted is no rate', () => {
    const trial = makeTrial({ outcomes: { attempted: 0, ...ALL_ZERO } });
    expect(trial.metrics.failure_rate).toMatchObject({ known: false, why: 'no-samples' });
  });
});

describe('a tool that does not check bodies', () => {
  const claim = {
    metrics: { requests_per_sec: 100, stream_us_p50: 5000, ttfb_us_p50: 700 },
    extra: { bodyIntegrity: 'unverified', claimedResponses: 3000 },
  };

  test('is believed where the target counted the same', () => {
    const trial = makeTrial({ ...claim, truth: { requests: 3000, streamsCompleted: 2980, events: 30_000 } });
    expect(trial.metrics.requests_per_sec).toMatchObject({
      value: 100,
      note: "confirmed by the target's counters",
    });
    expect(trial.contradiction).toBeUndefined();
  });

  test('loses its rate and durations where the target completed more than 1 % fewer', () => {
    const trial = makeTrial({
      ...claim,
      truth: { requests: 3000, streamsCompleted: 2900, streamsReset: 100, events: 30_000 },
    });
    for (const id of ['requests_per_sec', 'stream_us_p50'] as const) {
      expect(trial.metrics[id]).toMatchObject({
        known: false,
        why: 'not-observable',
        detail: expect.stringMatching(/3000.*2900/),
      });
    }
    expect(trial.metrics.ttfb_us_p50).toMatchObject({ value: 700 });
    expect(trial.contradiction?.share).toBeCloseTo(100 / 3000, 6);
  });

  test('loses them where nobody but the wire can tell and it shows more than 1 % broken', () => {
    for (const id of ['server_closed_mid_response', 'rst_by_server'] as const) {
      const wire = (breaks: number) =>
        makeWire({ server_closed_mid_response: 0, rst_by_server: 0, [id]: breaks });
      const broken = makeTrial({ ...claim, wire: wire(300) });
      expect(broken.metrics.requests_per_sec).toMatchObject({
        known: false,
        detail: expect.stringContaining('300'),
      });
      expect(broken.contradiction?.share).toBeCloseTo(0.1, 6);
      expect(makeTrial({ ...claim, wire: wire(30) }).metrics.requests_per_sec).toMatchObject({
        value: 100,
        note: 'confirmed by the wire',
      });
    }
  });

  test('is believed where the target counted the same, whatever the wire shows beside it', () => {
    const truth = { requests: 3300, streamsCompleted: 3000, streamsClosedEarly: 300, events: 30_000 };
    const wire = makeWire({ server_closed_mid_response: 300, rst_by_server: 300 });
    const trial = makeTrial({ ...claim, truth, wire });
    expect(trial.metrics.requests_per_sec).toMatchObject({
      value: 100,
      note: "confirmed by the target's counters",
    });
    expect(trial.contradiction).toBeUndefined();
  });

  test('is not blamed on the wire for breaks that it reports itself', () => {
    const wire = makeWire({ server_closed_mid_response: 300, rst_by_server: 100 });
    const reporting = (errors: Record<string, number>) =>
      makeTrial({ ...claim, extra: { ...claim.extra, errors }, wire });
    expect(reporting({ reset: 100, closed: 200 }).metrics.requests_per_sec).toMatchObject({
      note: 'confirmed by the wire',
    });
    expect(reporting({ reset: 100, closed: 100, refused: 100 }).contradiction?.share).toBeCloseTo(
      100 / 3000,
      6,
    );
  });

  test('keeps them with a warning where nobody witnessed it', () => {
    expect(makeTrial(claim).metrics.requests_per_sec).toMatchObject({
      value: 100,
      note: expect.stringContaining('nothing else witnessed'),
    });
  });

  test('is held against plain requests on a route without streams', () => {
    const truth = { requests: 3000, streamsCompleted: 0, events: 0 };
    expect(makeTrial({ ...claim, truth }).metrics.requests_per_sec).toMatchObject({ known: true });
  });

  test('has its count worked out from the rate where it gives none, with more room', () => {
    const extra = { bodyIntegrity: 'unverified' };
    const near = makeTrial({ ...claim, extra, truth: { requests: 3000, streamsCompleted: 2960, events: 1 } });
    expect(near.metrics.requests_per_sec.known).toBe(true);
    const far = makeTrial({ ...claim, extra, truth: { requests: 3000, streamsCompleted: 2000, events: 1 } });
    expect(far.metrics.requests_per_sec.known).toBe(false);
  });

  test('a tool that does check them is left alone', () => {
    const trial = makeTrial({
      metrics: claim.metrics,
      truth: { requests: 3000, streamsCompleted: 1, events: 1 },
    });
    expect(trial.metrics.requests_per_sec).toEqual({ known: true, value: 100 });
  });
});

describe('an endless stream', () => {
  const arm = makeArm({ stream: 'endless' });

  test('gives a tool that counts responses no rate, not even the 0 or the cut-off ones that it reports', () => {
    for (const rate of [0, 3.3]) {
      const trial = makeTrial({ arm, metrics: { requests_per_sec: rate } });
      expect(trial.metrics.requests_per_sec).toMatchObject({
        known: false,
        why: 'not-observable',
        detail: expect.stringMatching(/endless/),
      });
    }
  });

  test('leaves standing what a tool says of it itself, and what a tool cannot see on any stream', () => {
    const result = {
      metrics: { requests_per_sec: unknown('not-observable', 'killed at the deadline') },
      outcomes: {},
      caveats: [],
    };
    const said = buildTrialEvidence({
      arm,
      record: makeRecord(),
      result,
      tool: makeSight(['requests_per_sec']),
    });
    expect(said.metrics.requests_per_sec).toEqual(unknown('not-observable', 'killed at the deadline'));
    expect(makeTrial({ arm, observes: [] }).metrics.requests_per_sec).toMatchObject({
      detail: 'the tool cannot see requests_per_sec',
    });
  });

  test('is the reason where a tool was killed before it said anything', () => {
    const result = { metrics: {}, outcomes: {}, caveats: [], problem: 'killed' };
    const silent = buildTrialEvidence({
      arm,
      record: makeRecord(),
      result,
      tool: makeSight(['requests_per_sec']),
    });
    expect(silent.metrics.requests_per_sec).toMatchObject({ detail: expect.stringMatching(/endless/) });
  });

  test('that the target completes after all is not endless: the figure stands', () => {
    const trial = makeTrial({ arm, metrics: { requests_per_sec: 5 }, truth: { streamsCompleted: 12 } });
    expect(trial.metrics.requests_per_sec).toMatchObject({ value: 5 });
  });
});

test('what a tool adds to the first byte needs the evidence trial', () => {
  const wire = makeWire({ wire_ttfb_us_p50: 300 });
  const metrics = { ttfb_us_p50: 650 };
  expect(makeTrial({ metrics, wire, record: { kind: 'evidence' } }).metrics.tool_added_ttfb_us).toMatchObject(
    { value: 350 },
  );
  expect(makeTrial({ metrics, record: { kind: 'evidence' } }).metrics.tool_added_ttfb_us).toMatchObject({
    why: 'not-collected',
  });
  expect(makeTrial({ metrics }).metrics.tool_added_ttfb_us).toMatchObject({ why: 'not-collected' });
});
