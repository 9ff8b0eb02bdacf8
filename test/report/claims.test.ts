import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { renderClaims } from '../../src/report/html/claims.ts';
import { REPORTERS } from '../../src/report/index.ts';
import { buildSections } from '../../src/report/sections.ts';
import { sampleClaims, sampleProbes } from '../helpers/sample-claims.ts';
import { sampleComparison } from '../helpers/sample-comparison.ts';

const withClaims = { ...sampleComparison(), claims: sampleClaims(), probes: sampleProbes() };

test('the section of a report about claims', async () => {
  const section = buildSections(withClaims).find(({ title }) => title === 'Claims');
  const lines = section!.items.flatMap(({ text, details }) => [text, ...details.map((line) => `  ${line}`)]);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('golden/claims.txt');
});

test('the section of the page about claims', async () => {
  await expect(renderClaims(sampleClaims()).text).toMatchFileSnapshot('golden/claims-page.txt');
});

test.each(['terminal', 'md'] as const)('%s has every verdict', (format) => {
  const text = REPORTERS[format](withClaims, {});
  for (const verdict of ['confirmed', 'refuted', 'unproven']) expect(text).toContain(`${verdict}: `);
});

test('a report without claims has no such section', () => {
  expect(buildSections(sampleComparison()).map(({ title }) => title)).not.toContain('Claims');
});

test('claims and probes fit the published schema', () => {
  const published = JSON.parse(readFileSync('schema/comparison.schema.json', 'utf8')) as object;
  const validate = new Ajv({ strict: false }).compile(published);
  validate(JSON.parse(REPORTERS.json(withClaims, {})));
  expect(validate.errors).toBeNull();
});
