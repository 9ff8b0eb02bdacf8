import { expect, test } from 'vitest';
import { listChecks } from '../../src/report/list-checks.ts';
import { gatedComparison } from '../helpers/gated-comparison.ts';
import { sampleComparison } from '../helpers/sample-comparison.ts';

test('a trial that was done passes, one that was not says why', () => {
  const checks = listChecks(sampleComparison());
  expect(checks.find(({ name }) => name === 'r1-wrk')).toMatchObject({ state: 'passed', group: 'wrk' });
  expect(checks.find(({ name }) => name === 'r1-wrk')!.seconds).toBeCloseTo(30.08, 6);
  expect(checks.find(({ name }) => name === 'r1-curl')).toMatchObject({
    state: 'unknown',
    message: expect.stringMatching(/curl is not installed/),
  });
});

test('streams that are in no outcome are a failure, and not to know is none', () => {
  const comparison = sampleComparison();
  const tester = comparison.arms.find(({ id }) => id === 'ssee-tester')!;
  tester.outcomes.unaccounted = { known: true, value: 3, unit: 'count', definition: 'unaccounted/1' };
  const laws = listChecks(comparison).filter(({ name }) => name === 'every stream is accounted for');
  expect(laws.find(({ group }) => group === 'ssee-tester')).toMatchObject({
    state: 'failed',
    message: '3 of 65,120 streams are in no outcome',
  });
  expect(laws.find(({ group }) => group === 'wrk')?.state).toBe('unknown');
});

test('promises and the gate are checks with their verdicts and places', () => {
  const checks = listChecks(gatedComparison());
  const states = (start: string): string[] =>
    checks.filter(({ name }) => name.startsWith(start)).map(({ name, state }) => `${name}: ${state}`);
  expect(states('promise')).toEqual([
    'promise at line 31: ttfe_us_p99: passed',
    'promise at line 32: ttfe_us_p50: failed',
    'promise at line 33: ttfe_us_p99: unknown',
  ]);
  expect(states('gate')).toEqual([
    'gate: invalid: unknown',
    'gate: no lost-events: failed',
    'gate: ttfe_us_p99: failed',
    'gate: ttfe_us_p50: unknown',
    'gate: ttfb_us_p50: passed',
    'gate: ttfb_us_p99: passed',
    'gate: ttfe_us_p99: unknown',
  ]);
  expect(checks.find(({ type }) => type === 'slo')?.place).toEqual({
    file: 'scenarios/x.yaml',
    line: 31,
    column: 5,
  });
});

test('what passed has no message, everything else has one', () => {
  for (const { state, message, name } of listChecks(gatedComparison())) {
    expect(message !== '', name).toBe(state !== 'passed');
  }
});
