import { Ajv } from 'ajv';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { planTrials } from '../../src/scenario/plan-trials.ts';
import { scenarioJsonSchema } from '../../src/scenario/schema.ts';
import { errorsIn, parseValid, scenarioText } from './scenario-texts.ts';

const tools = '[wrk, ssee-tester]';
const variants = '{main: {}, again: {}, next: {}}';

describe('slo', () => {
  it('is read in the unit of its metric, with its place', () => {
    const text = `${scenarioText({ tools })}slo:
  - {metric: ttfe_us_p99, arm: ssee-tester, max: 50ms}
  - metric: timeout_rate
    max: 1%
  - {metric: requests_per_sec, min: 1500, max: 2000/s}
`;
    expect(parseValid(text).slo).toEqual([
      { metric: 'ttfe_us_p99', arm: 'ssee-tester', max: 50_000, line: 8, column: 5 },
      { metric: 'timeout_rate', max: 0.01, line: 9, column: 5 },
      { metric: 'requests_per_sec', min: 1500, max: 2000, line: 11, column: 5 },
    ]);
  });

  it('binds a row of one variant too', () => {
    const slo = '[{metric: ttfe_us_p99, arm: wrk@next, max: 50ms}]';
    expect(parseValid(scenarioText({ tools, variants, slo })).slo[0]!.arm).toBe('wrk@next');
  });
});

describe('gate', () => {
  it('gets every default', () => {
    const { gate } = parseValid(scenarioText({ tools, gate: '{}' }));
    expect(gate!.alpha).toBe(0.05);
    expect(gate!.metrics).toContainEqual({ metric: 'ttfe_us_p99', maxRegression: 0.1, minEffect: 200 });
    expect(gate!.metrics).toContainEqual({ metric: 'timeout_rate', maxRegression: 0.1, minEffect: 0.01 });
    expect(gate).not.toHaveProperty('base');
  });

  it('keeps what is written', () => {
    const gate =
      '{base: main, head: next, control: again, arms: [wrk], maxRegression: 15%, alpha: 0.01, metrics: [requests_per_sec, {metric: ttfe_us_p99, maxRegression: 0.3, minEffect: 1ms}]}';
    expect(parseValid(scenarioText({ tools, variants, gate })).gate).toEqual({
      base: 'main',
      head: 'next',
      control: 'again',
      arms: ['wrk'],
      alpha: 0.01,
      metricsAreNamed: true,
      metrics: [
        { metric: 'requests_per_sec', maxRegression: 0.15, minEffect: 0 },
        { metric: 'ttfe_us_p99', maxRegression: 0.3, minEffect: 1000 },
      ],
    });
  });
});

test('both are in the plan, so that a stored run knows what it was to keep', () => {
  const slo = '[{metric: timeout_rate, max: 1%}]';
  const plan = planTrials(parseValid(scenarioText({ tools, slo, gate: '{}' })), { scenarioDir: '/x' });
  expect(plan.slo).toHaveLength(1);
  expect(plan.gate!.alpha).toBe(0.05);
  expect(planTrials(parseValid(scenarioText({ tools })), { scenarioDir: '/x' })).not.toHaveProperty('slo');
});

const ONE_ERROR: [what: string, parts: Partial<Record<string, string>>, error: RegExp][] = [
  [
    'no limit',
    { slo: '[{metric: timeout_rate}]' },
    /^7:7: slo\[0\] has no limit; add max or min, such as max: 50ms$/,
  ],
  [
    'a latency without unit',
    { slo: '[{metric: ttfe_us_p99, max: 50}]' },
    /^7:34: "max" of ttfe_us_p99 must be a time with its unit, such as 50ms .*, not 50$/,
  ],
  [
    'a rate as a time',
    { slo: '[{metric: timeout_rate, max: 5ms}]' },
    /^7:35: "max" of timeout_rate must be a share, such as 1% or 0.01, not "5ms"$/,
  ],
  [
    'a share above 1',
    { slo: '[{metric: timeout_rate, max: 5}]' },
    /must be a share, such as 1% or 0.01, not 5$/,
  ],
  [
    'limits that nothing meets',
    { slo: '[{metric: ttfe_us_p99, max: 5ms, min: 6ms}]' },
    /^7:44: "min" is above "max", which nothing can meet; swap them$/,
  ],
  [
    'a misspelt metric',
    { slo: '[{metric: ttfe_us_p98, max: 5ms}]' },
    /^7:16: "metric" must be a metric, such as ttfe_us_p99, not "ttfe_us_p98"; did you mean "ttfe_us_p\d+"\?$/,
  ],
  [
    'a row that is not there',
    { slo: '[{metric: timeout_rate, arm: autocannon, max: 1%}]' },
    /^7:35: no row here is called "autocannon"; name one of wrk, ssee-tester$/,
  ],
  [
    'a misspelt row',
    { slo: '[{metric: timeout_rate, arm: sse-tester, max: 1%}]' },
    /^7:35: no row here is called "sse-tester"; did you mean "ssee-tester"\?$/,
  ],
  [
    'a misspelt key',
    { slo: '[{metric: timeout_rate, maximum: 1%, max: 1%}]' },
    /^7:30: unknown key "maximum"/,
  ],
  ['a list where a mapping is meant', { slo: '[timeout_rate]' }, /^7:7: slo\[0\] must be a mapping such as/],
  ['a gate that is a list', { gate: '[]' }, /^7:7: "gate" must be a mapping such as/],
  [
    'a variant that is not there',
    { variants, gate: '{base: main, head: nxt}' },
    /^8:26: no variant is called "nxt"; did you mean "next"\?$/,
  ],
  [
    'base without head',
    { variants, gate: '{base: main}' },
    /^8:8: "base" needs "head" beside it; name that variant too$/,
  ],
  [
    'control without base',
    { variants, gate: '{control: main}' },
    /^8:8: "control" repeats "base"; name the variants/,
  ],
  [
    'head that is base',
    { variants, gate: '{base: main, head: main}' },
    /^8:26: "main" is "base" already; name another variant/,
  ],
  [
    'a metric twice',
    { gate: '{metrics: [timeout_rate, timeout_rate]}' },
    /^7:32: "timeout_rate" is gated already; remove one of the two$/,
  ],
  [
    'a metric without a better side',
    { gate: '{metrics: [bytes_received]}' },
    /^7:18: "bytes_received" is neither better high nor low, so it cannot get worse; remove it$/,
  ],
  [
    'a threshold of nothing',
    { gate: '{maxRegression: 0%}' },
    /^7:23: "maxRegression" must be a share above 0, such as 10%, not "0%"$/,
  ],
  [
    'an effect in the wrong unit',
    { gate: '{metrics: [{metric: ttfe_us_p99, minEffect: 1%}]}' },
    /"minEffect" of ttfe_us_p99 must be a time with its unit/,
  ],
  [
    'a tool that is not there',
    { gate: '{arms: [hey]}' },
    /^7:15: no tool here is called "hey"; name one of wrk, ssee-tester$/,
  ],
  [
    'an alpha of one',
    { gate: '{alpha: 1}' },
    /^7:15: "alpha" must be a chance up to 0.2, such as 0.05, not 1$/,
  ],
];

describe('one mistake is one error', () => {
  it.each(ONE_ERROR)('%s', (_, parts, error) => {
    const errors = errorsIn(scenarioText({ tools, ...parts }));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(error);
  });
});

test('variants named by a gate of a scenario without variants are refused with the other way', () => {
  expect(errorsIn(scenarioText({ tools, gate: '{base: a, head: b}' }))[0]).toMatch(
    /no variant is called "a"; add variants, or leave it out and give two runs to ssee-bench gate$/,
  );
});

test('what the parser accepts, the published schema accepts', () => {
  const validate = new Ajv({ strict: false }).compile(scenarioJsonSchema);
  const text = scenarioText({
    tools,
    variants,
    slo: '[{metric: ttfe_us_p99, max: 50ms}, {metric: requests_per_sec, min: 10}]',
    gate: '{base: main, head: next, metrics: [timeout_rate, {metric: ttfe_us_p99, minEffect: 1ms}]}',
  });
  parseValid(text);
  validate(parse(text));
  expect(validate.errors).toBeNull();
});
