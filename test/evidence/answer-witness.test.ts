import { describe, expect, test } from 'vitest';
import { applyAnswerWitness, findAnswerWitness } from '../../src/evidence/answer-witness.ts';
import { buildArmEvidence } from '../../src/evidence/build-arm-evidence.ts';
import { toolMisreports } from '../../src/findings/tool-misreports.ts';
import { known } from '../../src/model/cell.ts';
import { makeArm, makeTrial, makeWire } from '../helpers/evidence-builder.ts';

const wrk = makeArm();
const tester = makeArm({ id: 'ssee-tester', tool: 'ssee-tester' });
const curl = makeArm({ id: 'curl', tool: 'curl' });
const FIRST = 'status 302 with no Content-Type, wanted text/event-stream';

const refused = { total: 100, otherwise: 100, isWhole: true, first: FIRST } as const;
const witnessOf = (otherwise: number) =>
  findAnswerWitness(wrk, [
    { arm: tester, trials: [makeTrial({ arm: tester, answers: { ...refused, otherwise } })] },
  ]);
const claiming = (completed: number) =>
  makeTrial({
    metrics: { requests_per_sec: 34.9, bytes_received: 5, stream_us_p50: 900 },
    outcomes: { completed, 'http-error': 0 },
  });

describe('where another tool saw answers that are no event stream', () => {
  test('what a blind tool took for good is withdrawn with the reason, and its bytes stand', () => {
    const trial = applyAnswerWitness(claiming(1047), 'wrk', witnessOf(100));
    const reason = {
      known: false,
      why: 'not-observable',
      detail: `withdrawn: wrk does not see whether an answer is an event stream, and ssee-tester saw that 100 % of the answers to the same request were none (the first: ${FIRST})`,
    };
    expect(trial.outcomes.completed).toEqual(reason);
    expect(trial.outcomes['http-error']).toEqual(reason);
    expect(trial.metrics.requests_per_sec).toEqual(reason);
    expect(trial.metrics.stream_us_p50).toEqual(reason);
    expect(trial.metrics.bytes_received).toEqual(known(5));
  });

  test('the tool is said to misreport, by its count and by the witness', () => {
    const trial = applyAnswerWitness(claiming(1047), 'wrk', witnessOf(100));
    expect(toolMisreports.evaluate(buildArmEvidence(wrk, [trial]))).toMatchObject({
      outcome: 'found',
      sentence: expect.stringMatching(/takes 1,?047 answers for good streams, ssee-tester saw that 100 %/),
    });
  });

  test('one round that took answers for good takes the rate of the others with it', () => {
    const none = makeTrial({ metrics: { requests_per_sec: 0 }, outcomes: { completed: 0 } });
    const trials = [claiming(10), none].map((trial) => applyAnswerWitness(trial, 'wrk', witnessOf(100)));
    expect(trials[1]).toBe(none);
    expect(buildArmEvidence(wrk, trials).metrics.requests_per_sec).toMatchObject({
      known: false,
      detail: expect.stringContaining('event stream'),
    });
  });

  test('a tool that saw the same stands, and so does one that looks at the whole head', () => {
    const seen = makeTrial({ outcomes: { completed: 1 }, answers: { total: 100, otherwise: 100 } });
    expect(applyAnswerWitness(seen, 'hey', witnessOf(100))).toBe(seen);
    const whole = makeTrial({
      outcomes: { completed: 1 },
      answers: { total: 100, otherwise: 0, isWhole: true },
    });
    expect(applyAnswerWitness(whole, 'ssee-tester', witnessOf(100))).toBe(whole);
  });

  test('a tool that saw a part of it alone does not stand', () => {
    const half = makeTrial({ outcomes: { completed: 50 }, answers: { total: 100, otherwise: 50 } });
    expect(applyAnswerWitness(half, 'hey', witnessOf(100)).contradiction).toMatchObject({ share: 0.5 });
  });

  test('an error status that is known to be 0 goes where the tool claims no stream', () => {
    const endless = makeTrial({ outcomes: { 'http-error': 0 } });
    const trial = applyAnswerWitness(endless, 'wrk', witnessOf(100));
    expect(trial.outcomes['http-error']).toMatchObject({ known: false });
    expect(trial.contradiction).toBeUndefined();
  });
});

test("without a tool that looks at the whole head the arm's own capture is a witness, where it is complete", () => {
  const trace = { otherStatuses: { count: 90, of: 100, first: 302 } };
  const record = { id: 'evidence-wrk' };
  const trials = [makeTrial({ record, trace, wire: makeWire({ http_errors: 0 }) })];
  expect(findAnswerWitness(wrk, [{ arm: wrk, trials }])).toEqual({
    whoSaw: 'the capture of evidence-wrk shows',
    share: 0.9,
    first: 'status 302',
  });
  expect(
    findAnswerWitness(wrk, [{ arm: wrk, trials: [makeTrial({ trace, wire: makeWire() })] }]),
  ).toBeUndefined();
  const good = makeTrial({ answers: { total: 100, otherwise: 0, isWhole: true } });
  expect(
    findAnswerWitness(wrk, [
      { arm: wrk, trials },
      { arm: tester, trials: [good] },
    ]),
  ).toBeUndefined();
});

describe('nothing is withdrawn', () => {
  test('for one in a hundred', () => {
    const trial = claiming(1000);
    expect(applyAnswerWitness(trial, 'wrk', witnessOf(1))).toBe(trial);
    expect(witnessOf(0)).toBeUndefined();
  });

  test('for another request, or what the arm itself saw', () => {
    const request = { ...wrk.request, path: '/other' };
    const trials = [makeTrial({ answers: refused })];
    expect(findAnswerWitness(wrk, [{ arm: { ...tester, request }, trials }])).toBeUndefined();
    expect(findAnswerWitness(wrk, [{ arm: wrk, trials }])).toBeUndefined();
  });

  test('by or from arms that replay a request, to which the server may answer otherwise', () => {
    const trials = [makeTrial({ answers: refused })];
    const replays = [{ replay: 'wrk' }, { replay: 'wrk', bare: true }, { ablate: 'headers' }] as const;
    for (const other of replays) {
      expect(findAnswerWitness(wrk, [{ arm: { ...tester, ...other }, trials }])).toBeUndefined();
      expect(findAnswerWitness(makeArm(other), [{ arm: tester, trials }])).toBeUndefined();
    }
    const own = [
      makeTrial({
        trace: { otherStatuses: { count: 9, of: 10, first: 302 } },
        wire: makeWire({ http_errors: 0 }),
      }),
    ];
    const replaying = makeArm({ replay: 'hey' });
    expect(findAnswerWitness(replaying, [{ arm: replaying, trials: own }])).toMatchObject({ share: 0.9 });
  });

  test('from a tool that counts at least as many answers as errors, redirects included', () => {
    const counting = (claimedResponses: number, rejectedResponses: number) =>
      makeTrial({
        metrics: { requests_per_sec: 30 },
        outcomes: { 'http-error': rejectedResponses },
        extra: { claimedResponses, rejectedResponses },
      });
    const half = counting(500, 500);
    expect(applyAnswerWitness(half, 'ab', witnessOf(50))).toBe(half);
    expect(applyAnswerWitness(counting(900, 100), 'ab', witnessOf(50)).contradiction).toMatchObject({
      share: expect.closeTo(0.4),
    });
    expect(
      findAnswerWitness(wrk, [{ arm: makeArm({ id: 'ab', tool: 'ab' }), trials: [half] }]),
    ).toBeUndefined();
  });

  test('where a tool that looks at the whole head saw streams, whatever one that does not saw', () => {
    const good = makeTrial({ answers: { total: 100, otherwise: 0, isWhole: true } });
    const bad = makeTrial({ answers: { total: 3, otherwise: 3 } });
    const trials = [
      { arm: curl, trials: [bad] },
      { arm: tester, trials: [good] },
    ];
    expect(findAnswerWitness(wrk, trials)).toBeUndefined();
    expect(findAnswerWitness(wrk, trials.slice(0, 1))).toMatchObject({ whoSaw: 'curl saw', share: 1 });
  });
});
