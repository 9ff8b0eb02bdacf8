import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { planTrials } from '../../src/scenario/plan-trials.ts';
import { scenarioJsonSchema } from '../../src/scenario/schema.ts';
import { parseValid, readFixtureText, readScenarioText, SCENARIO_FILES } from './scenario-texts.ts';

const published = readFileSync(new URL('../../schema/scenario.schema.json', import.meta.url), 'utf8');

/** Compiling is by far the slowest part here. */
const validate = new Ajv({ strict: false }).compile(JSON.parse(published));

test('the published schema is that of the code: run `npm run schema` after a change', () => {
  expect(published).toBe(`${JSON.stringify(scenarioJsonSchema, null, 2)}\n`);
});

test('the published schema is draft 7, which YAML editors read', () => {
  expect(JSON.parse(published).$schema).toBe('http://json-schema.org/draft-07/schema#');
});

test('every key of the published schema is described', () => {
  const missing: string[] = [];
  const visit = (schema: Record<string, unknown>, path: string): void => {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      if (!('description' in property)) missing.push(`${path}/${key}`);
      visit(property, `${path}/${key}`);
    }
    for (const key of ['items', 'additionalProperties']) {
      if (typeof schema[key] === 'object') visit(schema[key] as Record<string, unknown>, `${path}/*`);
    }
    for (const member of (schema.anyOf as Record<string, unknown>[] | undefined) ?? []) visit(member, path);
  };
  visit(JSON.parse(published), '');
  expect(missing).toEqual([]);
});

describe.each(SCENARIO_FILES)('scenarios/%s', (file) => {
  const text = readScenarioText(file);

  it('is valid and carries its own name', () => {
    expect(parseValid(text).name).toBe(file.replace(/\.yaml$/, ''));
  });

  it('is accepted by the published schema', () => {
    validate(parse(text));
    expect(validate.errors).toBeNull();
  });

  it('points editors to the published schema in its first line', () => {
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schema/scenario.schema.json');
  });

  it('measures for less than six minutes', () => {
    const { trials, warmupMs } = planTrials(parseValid(text), { scenarioDir: '/x' });
    // Launch, probe, drain and stop take some 2 s per trial.
    const totalMs = trials.reduce((sum, { durationMs }) => sum + durationMs + warmupMs + 2000, 0);
    expect(totalMs).toBeLessThan(6 * 60_000);
  });
});

test('the scenarios that come with the harness are these', () => {
  expect(SCENARIO_FILES).toEqual(
    expect.arrayContaining(['node-100c.yaml', 'quick.yaml', 'sse-100c.yaml', 'sse-endless-100c.yaml']),
  );
});

test.each([
  'misspelt-key',
  'missing-connections',
  'two-targets',
  'wrong-type',
  'duration',
  'unsupported-key',
])('an editor with the published schema marks broken-%s.yaml', (name) => {
  expect(validate(parse(readFixtureText(`broken-${name}.yaml`)))).toBe(false);
});
