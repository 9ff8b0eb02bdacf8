import { z } from 'zod';
import type { ClaimResult, ProbeResult } from '../model/claim.ts';

const value = z.union([z.number(), z.string(), z.boolean()]);

const evidence = z.strictObject({
  sentence: z.string().describe('the figure and what it was held against'),
  holds: z.boolean().nullable().describe('null where it cannot be said, or nothing is asked'),
  figure: z
    .strictObject({ source: z.string(), value, unit: z.string() })
    .nullable()
    .describe('null where there is no single figure'),
  stated: value.nullable().describe('the constant it was held against'),
  trials: z.array(z.string()).describe('ids of trials, or `probe NAME`'),
  shown: z.literal(true).exactOptional().describe('there where nothing is asked of the figure'),
});

/** One entry of `claims`. */
export const claimSchema = z.strictObject({
  id: z.string(),
  text: z.string().describe("what is claimed, in the scenario author's words"),
  quote: z.string().nullable().describe('the sentence as it was written'),
  section: z.string().nullable().describe('where it was written'),
  published: z.string().nullable().describe('the figure that was printed with it'),
  note: z.string().nullable(),
  verdict: z.enum(['confirmed', 'refuted', 'unproven']),
  evidence: z.array(evidence),
  missing: z.array(z.string()).describe('what a verdict would need; empty where there is one'),
  trials: z.array(z.string()),
  reproduce: z.string().describe('the command that measures it again'),
  file: z.string(),
  line: z.int(),
  column: z.int(),
}) satisfies z.ZodType<ClaimResult>;

/** One entry of `probes`. */
export const probeSchema = z.strictObject({
  state: z.enum(['done', 'skipped', 'failed']),
  reason: z.string().nullable(),
  figures: z.record(z.string(), z.strictObject({ value, unit: z.string() })),
}) satisfies z.ZodType<ProbeResult>;
