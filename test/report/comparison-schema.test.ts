import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { comparisonJsonSchema } from '../../src/report/comparison-schema.ts';
import { REPORTERS } from '../../src/report/index.ts';
import { sampleComparison } from '../helpers/sample-comparison.ts';

const published: unknown = JSON.parse(
  readFileSync(new URL('../../schema/comparison.schema.json', import.meta.url), 'utf8'),
);

/** Compiling is by far the slowest part here. */
const validate = new Ajv({ strict: false }).compile(published as object);

test('the published schema is that of the code: run `npm run schema` after a change', () => {
  expect(published).toEqual(JSON.parse(JSON.stringify(comparisonJsonSchema)));
});

test('a comparison as it is written fits the published schema', () => {
  const valid = validate(JSON.parse(REPORTERS.json(sampleComparison(), {})));
  expect(validate.errors).toBeNull();
  expect(valid).toBe(true);
});

test('a cell that is neither a value nor a reason does not fit', () => {
  const comparison = JSON.parse(REPORTERS.json(sampleComparison(), {}));
  comparison.arms[0].metrics.requests_per_sec = { known: false };
  expect(validate(comparison)).toBe(false);
  comparison.arms[0].metrics.requests_per_sec = null;
  expect(validate(comparison)).toBe(false);
});
