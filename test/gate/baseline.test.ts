import { expect, test } from 'vitest';
import { addNight, EMPTY_BASELINE, findNights, parseBaseline } from '../../src/gate/baseline.ts';
import { around, makeKey, makeSide, makeSideArm } from '../helpers/sides.ts';

const night = (label: string, key = makeKey()) =>
  makeSide(label, [makeSideArm({ ttfe_us_p50: around(6000, 0.02) })], { key });

test('nights of one key are kept together, the last ten of them', () => {
  let baseline = EMPTY_BASELINE;
  for (let index = 1; index <= 12; index++) baseline = addNight(baseline, night(`night ${index}`), false);
  const found = findNights(baseline, makeKey());
  expect('nights' in found && found.nights.map(({ label }) => label)).toEqual(
    Array.from({ length: 10 }, (_, index) => `night ${index + 3}`),
  );
});

test('a baseline begun anew forgets the nights of its key alone', () => {
  const other = makeKey({ scenario: { name: 'other', sha256: '0' } });
  const baseline = addNight(
    addNight(addNight(EMPTY_BASELINE, night('a'), false), night('b', other), false),
    night('c'),
    true,
  );
  const labels = (key: typeof other) => {
    const found = findNights(baseline, key);
    return 'nights' in found ? found.nights.map(({ label }) => label) : found.reasons;
  };
  expect(labels(makeKey())).toEqual(['c']);
  expect(labels(other)).toEqual(['b']);
});

test('what differs from the nearest stored key is named', () => {
  const far = makeKey({
    load: { connections: 10, durationMs: 1000, timeoutMs: 1, stream: 'endless' },
    tools: { hey: '1' },
  });
  const near = makeKey({ tools: { wrk: '4.2.0' } });
  const baseline = addNight(addNight(EMPTY_BASELINE, night('far', far), false), night('near', near), false);
  expect(findNights(baseline, makeKey())).toEqual({
    reasons: ['the version of wrk is 4.1.0, 4.2.0 in the baseline'],
  });
});

test.each<[string, (baseline: any) => void]>([
  ['no load', ({ entries }) => (entries[0].key.load = null)],
  ['no tools', ({ entries }) => (entries[0].key.tools = null)],
  ['no machine', ({ entries }) => (entries[0].key.machine = null)],
  ['no nights', ({ entries }) => (entries[0].nights = [])],
  ['a row of nothing', ({ entries }) => (entries[0].nights[0].arms = [{}])],
  ['a row that is null', ({ entries }) => (entries[0].nights[0].arms = [null])],
  ['a sample without values', ({ entries }) => (entries[0].nights[0].arms[0].samples.ttfe_us_p50.values = [])],
  ['a value that is none', ({ entries }) => (entries[0].nights[0].arms[0].samples.ttfe_us_p50.values[0] = null)],
  ['more hits than streams', ({ entries }) => (entries[0].nights[0].arms[0].shares.timeout_rate = { hits: 2, total: 1 })],
])('a baseline damaged by %s is refused in one line', (_, damage) => {
  const baseline = JSON.parse(JSON.stringify(addNight(EMPTY_BASELINE, night('a'), false)));
  damage(baseline);
  expect(() => parseBaseline(JSON.stringify(baseline))).toThrow(/^it is damaged at entries\.0\..+ \(.+\)$/);
});

test('what a newer version has added to a baseline is kept', () => {
  const baseline = { ...addNight(EMPTY_BASELINE, night('a'), false), note: 1 };
  expect(parseBaseline(JSON.stringify(baseline))).toEqual(baseline);
});

test('a written baseline is read back, anything else is refused', () => {
  const baseline = addNight(EMPTY_BASELINE, night('a'), false);
  expect(parseBaseline(JSON.stringify(baseline))).toEqual(baseline);
  for (const text of [
    '',
    'null',
    '[]',
    '{"schema":"ssee-bench/baseline/1"}',
    '{"schema":"x","entries":[]}',
    '{"schema":"ssee-bench/baseline/1","entries":[{}]}',
    '{"schema":"ssee-bench/baseline/1","entries":[null]}',
  ]) {
    expect(() => parseBaseline(text), text).toThrow();
  }
});
