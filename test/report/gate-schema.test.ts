import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { gateJsonSchema, runComparisonJsonSchema } from '../../src/report/gate-schema.ts';

test.each([
  ['compare', runComparisonJsonSchema],
  ['gate', gateJsonSchema],
])('schema/%s.schema.json is that of the code: run `npm run schema` after a change', (name, schema) => {
  const published = readFileSync(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8');
  expect(published).toBe(`${JSON.stringify(schema, null, 2)}\n`);
});
