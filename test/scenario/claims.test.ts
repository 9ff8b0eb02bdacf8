import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { planTrials } from '../../src/scenario/plan-trials.ts';
import { scenarioJsonSchema } from '../../src/scenario/schema.ts';
import { errorsIn, parseValid, scenarioText } from './scenario-texts.ts';

const tools = '[wrk, ssee-tester]';

/** A scenario with one claim that is confirmed by `condition`, in line 7. */
function withCondition(condition: string, parts: Record<string, string> = {}): string {
  return `${scenarioText({ tools, ...parts })}claims:\n  - {id: c, says: s, confirm: ${condition}}\n`;
}

function conditionOf(text: string): unknown {
  return parseValid(text).claims[0]!.confirm;
}

describe('claims', () => {
  it('are read with their place', () => {
    const text = `${scenarioText({ tools })}claims:
  - id: wrk-rate
    section: "1"
    published: 792 QPS
    quote: "| wrk | 792 |"
    says: wrk reaches 792 requests per second
    note: n
    confirm: {metric: requests_per_sec, arm: wrk, equals: 792, within: 10%}
    refute: {metric: requests_per_sec, arm: wrk, above: {arm: ssee-tester, times: 0.5}}
`;
    const figure = { from: 'metric', arm: 'wrk', id: 'requests_per_sec' };
    expect(parseValid(text).claims).toEqual([
      {
        id: 'wrk-rate',
        section: '1',
        published: '792 QPS',
        quote: '| wrk | 792 |',
        text: 'wrk reaches 792 requests per second',
        note: 'n',
        confirm: { kind: 'compare', figure, operator: 'equals', operand: { value: 792 }, within: 0.1 },
        refute: {
          kind: 'compare',
          figure,
          operator: 'above',
          operand: { figure: { ...figure, arm: 'ssee-tester' }, times: 0.5 },
        },
        line: 8,
        column: 5,
      },
    ]);
  });

  it.each([
    ['{metric: ttfe_us_p99, arm: wrk, below: 50ms}', { value: 50_000 }],
    ['{metric: timeout_rate, arm: wrk, above: 41.6%}', { value: 0.416 }],
    ['{wire: rst_by_client, arm: wrk, above: 3}', { value: 3 }],
    ['{wire: capture_complete, arm: wrk, equals: true}', { value: true }],
    ['{request: length, arm: wrk, atMost: 60}', { value: 60 }],
  ])('%s in the unit of its figure', (condition, operand) => {
    expect(conditionOf(withCondition(condition))).toMatchObject({ operand });
  });

  it('of headers, findings and probes, joined', () => {
    const condition =
      '{all: [{header: Connection, arm: wrk, sent: false}, {any: [{finding: stream-paced, arm: wrk, rank: 1}, {not: {probe: p, figure: x, below: {figure: y}}}]}]}';
    expect(conditionOf(withCondition(condition, { probes: '{p: {command: [node, p.mjs]}}' }))).toEqual({
      kind: 'all',
      of: [
        { kind: 'header', arm: 'wrk', name: 'Connection', sent: false },
        {
          kind: 'any',
          of: [
            { kind: 'finding', arm: 'wrk', code: 'stream-paced', present: true, rank: 1 },
            {
              kind: 'not',
              of: {
                kind: 'compare',
                figure: { from: 'probe', probe: 'p', id: 'x' },
                operator: 'below',
                operand: { figure: { from: 'probe', probe: 'p', id: 'y' }, times: 1 },
              },
            },
          ],
        },
      ],
    });
  });

  it('and probes are in the plan, with the folder they run in', () => {
    const text = withCondition('{probe: p, figure: x, above: 1}', {
      probes: '{p: {command: [go, test], cwd: bench, reads: go-bench, within: 2m}}',
    });
    const plan = planTrials(parseValid(text), { scenarioDir: '/seed' });
    expect(plan.claims).toHaveLength(1);
    expect(plan.probes).toEqual([
      { name: 'p', command: ['go', 'test'], cwd: '/seed/bench', reads: 'go-bench', withinMs: 120_000 },
    ]);
  });
});

test.each([
  [
    '{}',
    '8:31: this condition is about nothing; write for example {metric: requests_per_sec, arm: wrk, above: 1000}',
  ],
  [
    '{metric: requests_per_sec, arm: wrk}',
    '8:31: held against what? add one of above, below, atLeast, atMost, equals, such as above: 1000',
  ],
  [
    '{metric: requests_per_sec, above: 1}',
    '8:31: "metric" needs the row it is taken from; add arm, such as arm: wrk',
  ],
  [
    '{metric: requests_per_sec, arm: wrkk, above: 1}',
    '8:63: no row here is called "wrkk"; did you mean "wrk"?',
  ],
  [
    '{wire: rst_by_clients, arm: wrk, above: 1}',
    '8:38: no figure of wire is called "rst_by_clients"; did you mean "rst_by_client"?',
  ],
  [
    '{finding: stream-pace, arm: wrk}',
    '8:41: no finding is called "stream-pace"; did you mean "stream-paced"?',
  ],
  [
    '{probe: bench, figure: x, above: 1}',
    '8:39: no probe is called "bench"; it must be one of none, so add it',
  ],
  [
    '{metric: ttfe_us_p99, arm: wrk, above: 5}',
    '8:70: "above" must be a time with its unit, such as 50ms (units: us, ms, s, m), not 5',
  ],
  [
    '{metric: requests_per_sec, arm: wrk, above: 1, below: 2}',
    '8:78: "below" cannot stand beside "above"; join two conditions by all: [...] or any: [...]',
  ],
  [
    '{metric: requests_per_sec, arm: wrk, above: 1, within: 5%}',
    '8:78: "within" is the tolerance of "equals"; remove it, or give "above" times: 1.1',
  ],
  [
    '{metric: requests_per_sec, wire: refused, arm: wrk, above: 1}',
    '8:58: "wire" cannot stand beside "metric"; join two conditions by all: [...] or any: [...]',
  ],
  [
    '{profile: json_share, arm: wrk, above: 40%}',
    '8:32: there is no profile without observe.profile; add observe: {profile: [cpu]}',
  ],
  [
    '{metric: requests_per_sec, arm: wrk, above: 1, sent: true}',
    '8:78: "sent" belongs to "header" and not to "metric"; remove it',
  ],
  [
    '{header: Accept, arm: wrk, above: 1}',
    '8:58: a header is sent or not; remove "above", or write equals with its value in quotes',
  ],
  [
    '{all: [{metric: requests_per_sec, arm: wrk, abov: 1}]}',
    '8:75: unknown key "abov"; did you mean "above"?',
  ],
])('%s is an error at its place, with the remedy', (condition, error) => {
  expect(errorsIn(withCondition(condition))).toContain(error);
});

test('a claim without conditions and a second one of the same name are errors', () => {
  const text = `${scenarioText({ tools })}claims:
  - {id: a, says: s}
  - {id: a, says: s, refute: {metric: requests_per_sec, arm: wrk, above: 1}}
`;
  expect(errorsIn(text)).toEqual([
    '8:5: claims[0] cannot be judged; add "confirm" or "refute", such as confirm: {metric: requests_per_sec, arm: wrk, above: 1000}',
    '9:10: there is a claim "a" already; give this one another id',
  ]);
});

test('refute: never has a reason and may name a figure to show', () => {
  const text = `${scenarioText({ tools })}claims:
  - {id: a, says: s, refute: never, because: another machine, beside: {metric: ttfe_us_p99, arm: wrk}}
  - {id: b, says: s, confirm: {metric: requests_per_sec, arm: wrk, above: 1}, refute: never, because: r}
`;
  const [first, second] = parseValid(text).claims;
  expect(first).toMatchObject({
    irrefutable: { because: 'another machine', beside: { from: 'metric', arm: 'wrk', id: 'ttfe_us_p99' } },
  });
  expect(first).not.toHaveProperty('refute');
  expect(second).toMatchObject({ confirm: { kind: 'compare' }, irrefutable: { because: 'r' } });
});

test.each([
  ['refute: never', '8:30: why can nothing refute it? add because: with the reason in one line'],
  ['refute: nevr, because: r', '8:30: "refute" must be a condition, or never, not "nevr"'],
  [
    'refute: never, because: r, beside: {}',
    '8:57: this names no figure; write for example {metric: requests_per_sec, arm: wrk}',
  ],
  [
    'refute: never, because: r, beside: {wire: refusd, arm: wrk}',
    '8:64: no figure of wire is called "refusd"; did you mean "refused"?',
  ],
  [
    'refute: never, because: r, beside: {wire: refused, arm: wr}',
    '8:78: no row here is called "wr"; did you mean "wrk"?',
  ],
  [
    'confirm: {metric: requests_per_sec, arm: wrk, above: 1}, because: r',
    '8:79: "because" belongs to refute: never; remove it',
  ],
  [
    'confirm: never',
    '8:31: "confirm" must be a mapping such as {metric: requests_per_sec, arm: wrk, above: 1000}, not "never"',
  ],
])('%s is an error at its place', (parts, error) => {
  expect(errorsIn(`${scenarioText({ tools })}claims:\n  - {id: a, says: s, ${parts}}\n`)).toEqual([error]);
});

test('what needs a capture is an error without one', () => {
  const text = withCondition('{wire: refused, arm: wrk, above: 1}', { capture: 'off' });
  expect(errorsIn(text)).toEqual([
    '9:32: "wire" is read from a capture, which is off; write capture: headers',
  ]);
});

test('with variants a row has both names', () => {
  const parts = { variants: '{a: {}, b: {}}' };
  expect(errorsIn(withCondition('{metric: requests_per_sec, arm: wrk@a, above: 1}', parts))).toEqual([]);
  expect(errorsIn(withCondition('{metric: requests_per_sec, arm: wrk, above: 1}', parts))).toEqual([
    '9:63: no row here is called "wrk"; name one of wrk@a, wrk@b, ssee-tester@a, ssee-tester@b',
  ]);
});

test('any condition is accepted or refused with a place and a remedy, and never throws', () => {
  const keys = fc.constantFrom(
    'metric',
    'wire',
    'arm',
    'above',
    'equals',
    'within',
    'header',
    'all',
    'not',
    'probe',
  );
  const leaf = fc.oneof(
    fc.constantFrom('requests_per_sec', 'wrk', 'refused', '10%', true, 3, null),
    fc.string(),
  );
  const condition = fc.dictionary(
    keys,
    fc.oneof(leaf, fc.dictionary(keys, leaf), fc.array(fc.dictionary(keys, leaf))),
  );
  fc.assert(
    fc.property(condition, (written) => {
      const text = withCondition(JSON.stringify(written));
      for (const error of errorsIn(text)) expect(error).toMatch(/^\d+:\d+: ./);
      if (errorsIn(text).length === 0) expect(parseValid(text).claims).toHaveLength(1);
    }),
    { numRuns: 300 },
  );
});

describe('the scenarios of the article', () => {
  const folder = 'scenarios/seed';
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  const texts = files.map((file) => readFileSync(`${folder}/${file}`, 'utf8'));
  const validate = new Ajv({ strict: false }).compile(scenarioJsonSchema);

  it.each(files)('%s is valid, named after its file, and fits the published schema', (file) => {
    const text = readFileSync(`${folder}/${file}`, 'utf8');
    expect(errorsIn(text)).toEqual([]);
    expect(parseValid(text).name).toBe(`seed-${file.replace(/\.yaml$/, '')}`);
    validate(parse(text));
    expect(validate.errors).toBeNull();
  });

  it('quote at least 25 sentences with their sections, each under a name of its own', () => {
    const claims = texts.flatMap((text) => parseValid(text).claims);
    expect(claims.length).toBeGreaterThanOrEqual(25);
    expect(new Set(claims.map(({ id }) => id)).size).toBe(claims.length);
    // What the article does not say has neither: the same idea in Node.
    for (const claim of claims.filter(({ id }) => id !== 'node-pooled-throughput'))
      expect(claim, claim.id).toMatchObject({
        quote: expect.stringMatching(/./),
        section: expect.stringMatching(/^\d/),
      });
  });

  it('measure for less than 20 minutes together', () => {
    const totalMs = texts
      .map((text) => planTrials(parseValid(text), { scenarioDir: '/x' }))
      .flatMap(({ trials, warmupMs }) => trials.map(({ durationMs }) => durationMs + warmupMs + 2000))
      .reduce((sum, ms) => sum + ms, 0);
    expect(totalMs).toBeLessThan(16 * 60_000);
  });
});
