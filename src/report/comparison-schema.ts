import { z } from 'zod';
import {
  OUTCOME_DEFINITIONS,
  PROCESS_DEFINITIONS,
  TRUTH_DEFINITIONS,
  WIRE_DEFINITIONS,
} from '../evidence/definitions.ts';
import { PROFILE_DEFINITIONS } from '../evidence/profile/definitions.ts';
import type { Comparison } from '../model/comparison.ts';
import { METRICS } from '../model/metrics.ts';
import { PROFILE_KINDS } from '../model/profile.ts';
import { claimSchema, probeSchema } from './claim-schema.ts';
import { gateSchema, sloSchema } from './gate-schema.ts';
import { resilienceSchema } from './resilience-schema.ts';

const bounds = z.tuple([z.number(), z.number()]);

const knownCell = z.strictObject({
  known: z.literal(true),
  value: z
    .union([z.number(), z.string(), z.boolean()])
    .describe('median over the measured rounds, or their sum'),
  unit: z.enum(['1/s', 'ratio', 'us', 'bytes', 's', 'count', 'base64', 'boolean']),
  interval: bounds
    .exactOptional()
    .describe('95 % interval: Clopper-Pearson of rates, lowest and highest round of an ablation'),
  range: bounds.exactOptional().describe('lowest and highest round; sums have none'),
  rounds: z.int().min(1).exactOptional().describe('rounds the value rests on'),
  definition: z.string().describe('definition id; its number rises when the meaning changes'),
  note: z.string().exactOptional(),
});

const unknownCell = z.strictObject({
  known: z.literal(false),
  why: z.enum(['not-observable', 'no-samples', 'not-collected']),
  detail: z.string(),
});

const cell = z
  .discriminatedUnion('known', [knownCell, unknownCell])
  .meta({ id: 'Cell', description: 'a measured value, or the reason why there is none' });

/** An object with one cell per id, all of them required. */
function cellsOf<Id extends string>(
  definitions: Record<Id, unknown>,
): z.ZodObject<Record<Id, typeof cell>, z.core.$strict> {
  const shape = {} as Record<Id, typeof cell>;
  for (const id of Object.keys(definitions) as Id[]) shape[id] = cell;
  return z.strictObject(shape);
}

/** The same with none of them required. */
function partialCellsOf<Id extends string>(
  definitions: Record<Id, unknown>,
): z.ZodObject<Record<Id, z.ZodExactOptional<typeof cell>>, z.core.$strict> {
  const shape = {} as Record<Id, z.ZodExactOptional<typeof cell>>;
  for (const id of Object.keys(definitions) as Id[]) shape[id] = cell.exactOptional();
  return z.strictObject(shape);
}

const finding = z.strictObject({
  code: z.string(),
  outcome: z.enum(['found', 'unproven']),
  rank: z.int().min(1).describe('1 is the bottleneck named in the table'),
  sentence: z.string(),
  because: z.array(z.string()),
  against: z.array(z.string()),
});

const trial = z.strictObject({
  id: z.string(),
  kind: z.enum(['measured', 'evidence', 'ablation', 'profile']),
  round: z.int().min(0).describe('0 for all but measured trials'),
  state: z.enum(['done', 'skipped', 'failed', 'interrupted']),
  reason: z.string().nullable(),
  argv: z.array(z.string()).nullable(),
  metrics: partialCellsOf(METRICS).describe('the known metrics of this trial'),
});

const functionShares = z
  .array(z.strictObject({ name: z.string(), self: z.number(), cumulative: z.number() }))
  .describe('shares of the whole profile, 0..1');

const profileDetail = z.strictObject({
  trial: z.string().describe('id of the profile trial'),
  source: z.enum(['pprof', 'inspector']),
  files: z.array(
    z.strictObject({
      kind: z.enum(PROFILE_KINDS),
      file: z.string().nullable().describe('relative to the run folder'),
      flameGraph: z.string().nullable().describe('HTML file in the run folder'),
      reason: z.string().nullable().describe('why there is no file'),
    }),
  ),
  hot: z.array(
    z.strictObject({
      kind: z.enum(['cpu', 'block', 'mutex', 'goroutine']),
      total: z.number().describe('CPU seconds, seconds waited, or goroutines'),
      unit: z.enum(['s', 'count']),
      bySelf: functionShares,
      byCumulative: functionShares,
    }),
  ),
});

const ablation = z.strictObject({
  trial: z.string().describe('id of the ablation trial'),
  rounds: z.int().min(1),
  sliceMs: z.int().min(1).describe('measured time of each request in each round'),
  metric: z.enum(['events_per_sec', 'requests_per_sec']).describe('which rate `rate` is'),
  sentence: z.string(),
  rows: z.array(
    z.strictObject({
      change: z
        .enum(['whole', 'without', 'bare', 'with'])
        .describe('with: the bare request and one header more'),
      header: z.string().nullable().describe('the header left out or added'),
      bytes: z.int().describe('length of the request'),
      rate: cell,
      rate_ratio: cell.exactOptional().describe('to bare for with, else to whole'),
      ttfb_us_p50: cell,
      header_parse_us_p50: cell.describe("by the target's own histogram"),
      header_parse_us_mean: cell,
    }),
  ),
});

const headerQuestion = z.strictObject({
  variant: z.string().nullable(),
  follows: z.enum(['bytes', 'client', 'both', 'neither', 'unknown']).describe('what rates follow'),
  sentence: z.string(),
  requests: z.array(
    z.strictObject({
      arm: z.string(),
      client: z.string(),
      request: z
        .string()
        .describe('arm whose request bytes these are; bare: little more than its line is left'),
      rate: cell,
      bytes: z.int().nullable(),
      header_parse_us_mean: cell,
      header_parse_us_p50: cell,
    }),
  ),
});

const arm = z.strictObject({
  id: z.string(),
  tool: z.string(),
  toolVersion: z.string().nullable(),
  variant: z.string().nullable(),
  replay: z.string().exactOptional().describe('id of the arm whose captured request this one replays'),
  bare: z
    .literal(true)
    .exactOptional()
    .describe('of the replayed request, only what it cannot do without is sent'),
  durationMs: z
    .number()
    .exactOptional()
    .describe('of a row whose measured trials are not as long as those of the first'),
  target: z.strictObject({
    name: z.string(),
    version: z.string().nullable(),
    fallbackReason: z.string().nullable(),
  }),
  trials: z.array(trial),
  metrics: cellsOf(METRICS),
  outcomes: cellsOf(OUTCOME_DEFINITIONS).describe('sums over the measured rounds'),
  wire: cellsOf(WIRE_DEFINITIONS).describe('from the capture of the evidence trial'),
  process: cellsOf(PROCESS_DEFINITIONS),
  truth: cellsOf(TRUTH_DEFINITIONS).describe("the target's own counters, summed over the measured rounds"),
  profile: cellsOf(PROFILE_DEFINITIONS)
    .exactOptional()
    .describe("from the target's profiles; absent where none were asked for"),
  profileDetail: profileDetail.exactOptional().describe('functions and files behind `profile`'),
  ablation: ablation.exactOptional().describe('what each header of the replayed request does'),
  findings: z.array(finding),
  caveats: z.array(z.string()),
});

/** comparison.json as it is written and published. */
export const comparisonSchema = z.strictObject({
  schema: z.literal('ssee-bench/comparison/1'),
  verdict: z.string().describe('first sentence of every report'),
  scenario: z.strictObject({
    name: z.string(),
    path: z.string(),
    sha256: z.string(),
    description: z.string().exactOptional(),
  }),
  startedAt: z.string(),
  state: z.enum(['running', 'done', 'interrupted', 'failed']),
  harnessVersion: z.string(),
  environment: z.strictObject({
    cpuModel: z.string(),
    cpus: z.int(),
    memoryBytes: z.number(),
    kernel: z.string(),
    os: z.string(),
    node: z.string(),
    openFiles: z.number().nullable(),
    portRange: z.tuple([z.number(), z.number()]).nullable(),
    namespaces: z.boolean(),
    user: z.string(),
  }),
  load: z.strictObject({
    connections: z.int(),
    durationMs: z.number(),
    timeoutMs: z.number(),
    rounds: z.int(),
    stream: z.string(),
  }),
  problems: z.array(z.string()),
  arms: z.array(arm),
  headers: z.array(headerQuestion).exactOptional().describe('one per variant in which requests are replayed'),
  claims: z.array(claimSchema).describe('sentences of the scenario, judged'),
  probes: z
    .record(z.string(), probeSchema)
    .exactOptional()
    .describe('what the probes of the scenario printed'),
  slo: z.array(sloSchema).describe('promises of the scenario, one entry per row that each binds'),
  resilience: z
    .array(resilienceSchema)
    .exactOptional()
    .describe(
      'what faults on a timeline did, one entry per measured trial; absent where the scenario has none',
    ),
  gate: z
    .union([gateSchema, z.strictObject({})])
    .describe('the verdict over two variants of this run; empty without'),
}) satisfies z.ZodType<Comparison>;

/** The schema as published under schema/comparison.schema.json, JSON Schema draft 7. */
export const comparisonJsonSchema: Record<string, unknown> = {
  ...z.toJSONSchema(comparisonSchema, { target: 'draft-7' }),
  title: 'ssee-bench comparison',
};
