import { z } from 'zod';
import type { GateResult, RunComparison, SloResult } from '../model/gate.ts';
import { METRIC_IDS } from '../model/metrics.ts';

const metric = z.enum(METRIC_IDS);
const unit = z.enum(['1/s', 'ratio', 'us', 'bytes', 's', 'count', 'base64', 'boolean']);
const bounds = z.tuple([z.number(), z.number()]);

const effect = z
  .strictObject({ value: z.number(), interval: bounds.describe('95 %') })
  .describe('positive is a change for the worse');

const side = z.strictObject({
  value: z.number().describe('median over rounds; of rates of streams, the pooled rate'),
  n: z.int().describe('rounds; of rates, streams'),
});

const cell = {
  arm: z.string(),
  metric,
  unit,
  better: z.enum(['higher', 'lower']),
  test: z.enum(['mann-whitney', 'fisher']),
  base: side,
  head: side,
  ratio: z
    .strictObject({ value: z.number(), interval: bounds.nullable() })
    .nullable()
    .describe('head / base; null where base is 0'),
  relative: effect.nullable().describe('as a ratio of base; null where a value is not above 0, and of rates'),
  absolute: effect.describe('in the unit of the metric'),
  p: z.number().describe('two-sided'),
  pAdjusted: z.number().describe('Holm over all cells'),
  verdict: z.enum(['better', 'worse', 'same', 'inconclusive']),
  why: z.string(),
  outliers: z.strictObject({ base: z.array(z.int()), head: z.array(z.int()) }).describe('rounds'),
};

const missing = z
  .array(z.strictObject({ arm: z.string(), metric, why: z.string() }))
  .describe('figures that were to be compared and that one side, or both, do not have');

/** compare.json. */
export const runComparisonSchema = z.strictObject({
  schema: z.literal('ssee-bench/compare/1'),
  verdict: z.string(),
  scenario: z.string(),
  base: z.string(),
  head: z.string(),
  alpha: z.number(),
  warnings: z.array(z.string()),
  cells: z.array(z.strictObject(cell)),
  missing,
}) satisfies z.ZodType<RunComparison>;

const alarmFinding = z.strictObject({
  code: z.string().describe('unproven where no rule explains the alarm'),
  sentence: z.string().describe("head's"),
  base: z
    .string()
    .nullable()
    .describe('sentence of the same finding in base; null where base does not have it'),
});

const invariant = z.strictObject({
  arm: z.string(),
  name: z.enum([
    'lost-events',
    'duplicate-events',
    'event-order',
    'server-resets',
    'protocol-errors',
    'unaccounted',
  ]),
  count: z.number(),
  total: z.number().exactOptional().describe('events or streams that it was counted among'),
  by: z.string().describe('who counted'),
  baseCount: z.number(),
  finding: alarmFinding,
});

/** gate.json, and `gate` of comparison.json. */
export const gateSchema = z.strictObject({
  schema: z.literal('ssee-bench/gate/1'),
  verdict: z.enum(['passed', 'regression', 'inconclusive', 'failed']),
  exitCode: z.union([z.literal(0), z.literal(1), z.literal(3), z.literal(4)]),
  sentence: z.string(),
  scenario: z.string(),
  base: z.string(),
  head: z.string(),
  control: z.string().nullable().describe('the A/A control'),
  alpha: z.number(),
  problems: z.array(
    z.strictObject({
      kind: z.enum(['harness', 'no-baseline', 'invalid']),
      arm: z.string().nullable(),
      detail: z.string(),
    }),
  ),
  invariants: z.array(invariant).describe('broken ones; zero tolerance'),
  brokenSlos: z.array(z.string()),
  cells: z.array(
    z.strictObject({
      ...cell,
      maxRegression: z.number(),
      minEffect: z.number(),
      floor: z
        .strictObject({
          relative: z.number().nullable(),
          absolute: z.number(),
          from: z.enum(['control', 'rounds', 'nights']),
        })
        .describe('noise floor: a change no larger than this has no cause'),
      finding: alarmFinding.nullable().describe('of an alarm; null where there is none'),
      confirmed: z.boolean().nullable().describe('null where it was not measured again'),
    }),
  ),
  missing,
  findings: z
    .array(
      z.strictObject({
        arm: z.string(),
        base: z.string().nullable(),
        head: z.string(),
        sentence: z.string(),
      }),
    )
    .describe('what limits each gated row'),
}) satisfies z.ZodType<GateResult>;

/** One entry of `slo` of comparison.json. */
export const sloSchema = z.strictObject({
  metric,
  arm: z.string(),
  max: z.number().nullable(),
  min: z.number().nullable(),
  unit,
  value: z.number().nullable(),
  interval: z
    .strictObject({ bounds, of: z.enum(['95 %', 'rounds']) })
    .nullable()
    .describe('95 % of a rate, else lowest and highest round'),
  absence: z.enum(['not-observable', 'no-samples', 'not-collected']).nullable(),
  verdict: z.enum(['met', 'broken', 'unknown']),
  sentence: z.string(),
  file: z.string(),
  line: z.int(),
  column: z.int(),
}) satisfies z.ZodType<SloResult>;

/** The schemas as published under schema/, JSON Schema draft 7. */
export const runComparisonJsonSchema: Record<string, unknown> = {
  ...z.toJSONSchema(runComparisonSchema, { target: 'draft-7' }),
  title: 'ssee-bench compare',
};

export const gateJsonSchema: Record<string, unknown> = {
  ...z.toJSONSchema(gateSchema, { target: 'draft-7' }),
  title: 'ssee-bench gate',
};
