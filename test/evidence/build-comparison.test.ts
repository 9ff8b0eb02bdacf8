import { expect, test } from 'vitest';
import { buildArmEvidence } from '../../src/evidence/build-arm-evidence.ts';
import { buildComparison } from '../../src/evidence/build-comparison.ts';
import { METRIC_IDS } from '../../src/model/metrics.ts';
import { makeArm, makeProcess, makeRecord, makeRun, makeTrial } from '../helpers/evidence-builder.ts';
import { sampleComparison } from '../helpers/sample-comparison.ts';

test('a skipped arm is a row whose every cell says why', () => {
  const curl = sampleComparison().arms.find((arm) => arm.id === 'curl')!;
  expect(curl.toolVersion).toBeNull();
  expect(curl.trials[0]).toMatchObject({ state: 'skipped' });
  for (const cells of [curl.metrics, curl.outcomes, curl.wire, curl.process, curl.truth]) {
    for (const [id, cell] of Object.entries(cells)) {
      expect(cell, id).toMatchObject({
        known: false,
        why: 'not-collected',
        detail: expect.stringContaining('not installed'),
      });
    }
  }
  expect(curl.findings).toEqual([expect.objectContaining({ code: 'unproven', rank: 1 })]);
});

test('cells carry unit, definition, rounds and the lowest and highest round', () => {
  const arm = makeArm();
  const trials = [10.123456789, 20, 30].map((rate, index) =>
    makeTrial({ metrics: { requests_per_sec: rate }, record: { id: `r${index + 1}-wrk`, round: index + 1 } }),
  );
  const records = trials.map(({ trialId, round }) => makeRecord({ id: trialId, round }));
  const run = makeRun([arm], records);
  const judged = { arm, evidence: buildArmEvidence(arm, trials), findings: [], probe: run.tools.wrk };
  const [row] = buildComparison(run, [judged], 'A verdict.').arms;
  expect(row!.metrics.requests_per_sec).toEqual({
    known: true,
    value: 20,
    unit: '1/s',
    range: [10.1235, 30],
    rounds: 3,
    definition: 'rps/1',
  });
  expect(row!.trials[0]!.metrics.requests_per_sec).toMatchObject({ value: 10.1235 });
  expect(Object.keys(row!.metrics)).toEqual(METRIC_IDS);
});

test('sums over rounds carry the number of rounds and no range, which would not contain them', () => {
  const arm = makeArm();
  const parse = { count: 100, p50Us: 4, p99Us: 90, meanUs: 9 };
  const trials = [100, 300].map((completed, index) =>
    makeTrial({
      outcomes: { completed },
      truth: { events: 10 * completed, headerParse: { ...parse, p50Us: 4 + index } },
      record: { id: `r${index + 1}-wrk`, round: index + 1 },
    }),
  );
  const records = trials.map(({ trialId, round }) => makeRecord({ id: trialId, round }));
  const run = makeRun([arm], records);
  const judged = { arm, evidence: buildArmEvidence(arm, trials), findings: [], probe: run.tools.wrk };
  const [row] = buildComparison(run, [judged], 'A verdict.').arms;
  expect(row!.outcomes.completed).toEqual({
    known: true,
    value: 400,
    unit: 'count',
    rounds: 2,
    definition: 'completed/1',
  });
  expect(row!.truth.events).toMatchObject({ value: 4000, rounds: 2 });
  expect(row!.truth.events).not.toHaveProperty('range');
  expect(row!.truth.header_parse_us_p50).toMatchObject({ value: 4.5, range: [4, 5], rounds: 2 });
});

test('an arm without capture says what stood in its way', () => {
  const arm = makeArm();
  const measured = makeRecord();
  const evidence = makeRecord({
    id: 'evidence-wrk',
    kind: 'evidence',
    round: 0,
    capture: { state: 'failed', reason: 'no rights; setcap cap_net_raw=ep tcpdump' },
  });
  const run = makeRun([arm], [measured, evidence]);
  const judged = { arm, evidence: buildArmEvidence(arm, [makeTrial()]), findings: [], probe: undefined };
  const [row] = buildComparison(run, [judged], 'A verdict.').arms;
  expect(row!.wire.requests_sent).toMatchObject({ known: false, detail: expect.stringContaining('setcap') });
});

test('the target named is the one that ran, with the reason of a fallback', () => {
  const arm = makeArm();
  const target = { name: 'node-http', version: 'v20', fallbackReason: 'go is not installed', isolated: true };
  const run = makeRun([arm], [makeRecord({ target })]);
  const [row] = buildComparison(
    run,
    [{ arm, evidence: buildArmEvidence(arm, [makeTrial()]), findings: [], probe: undefined }],
    'x',
  ).arms;
  expect(row!.target).toEqual({ name: 'node-http', version: 'v20', fallbackReason: 'go is not installed' });
});

/** Cells of an arm of trials with these parts. */
function cellsOf(...parts: Parameters<typeof makeTrial>[0][]) {
  const arm = makeArm();
  const trials = parts.map((part, index) =>
    makeTrial({ ...part, record: { ...part?.record, id: `r${index + 1}-wrk`, round: index + 1 } }),
  );
  const run = makeRun(
    [arm],
    trials.map(({ trialId, round }) => makeRecord({ id: trialId, round })),
  );
  const judged = { arm, evidence: buildArmEvidence(arm, trials), findings: [], probe: run.tools.wrk };
  return buildComparison(run, [judged], 'A verdict.').arms[0]!;
}

test.each([
  [{}, 'not observed in this trial', 'not observed in this trial'],
  [{ targetCloseWait: 3 }, 'fewer than ten looks', 'fewer than ten looks'],
  [{ targetCloseWait: 3, targetCloseWaitPerSec: 0 }, undefined, 'their number never changed'],
])('the growth in CLOSE_WAIT is absent with its reason: %j', (seen, noSlope, noFit) => {
  const { process } = cellsOf({ record: { process: makeProcess(seen) } });
  if (noSlope) expect(process.target_close_wait_per_s).toMatchObject({ known: false, detail: noSlope });
  expect(process.target_close_wait_fit).toMatchObject({ known: false, detail: noFit });
});

test('a figure of the target that some rounds lack says how many have it', () => {
  const headerParse = { count: 10, p50Us: 1, p99Us: 2, meanUs: 1 };
  const { truth } = cellsOf({ truth: { events: 1, headerParse } }, { truth: { events: 1 } });
  expect(truth.header_parse_us_p50).toMatchObject({ known: false, detail: 'only 1 of 2 rounds have it' });
  expect(truth.requests).toMatchObject({ detail: 'the target exports no such counter' });
});
