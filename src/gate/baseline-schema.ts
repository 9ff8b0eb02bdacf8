import { z } from 'zod';

const count = z.int().nonnegative();
const text = z.string();
const finding = z.looseObject({ code: text, sentence: text });

const sample = z.union([
  z
    .looseObject({ rounds: z.array(z.int()).min(1), values: z.array(z.number()).min(1) })
    .refine(({ rounds, values }) => rounds.length === values.length, 'as many rounds as values'),
  z.looseObject({ absent: text }),
]);

const arm = z.looseObject({
  id: text,
  name: text,
  variant: text.nullable(),
  tool: text,
  toolVersion: text.nullable(),
  samples: z.record(text, sample),
  shares: z.record(
    text,
    z
      .looseObject({ hits: count, total: count })
      .refine(({ hits, total }) => hits <= total, 'no more hits than streams'),
  ),
  invariants: z.array(
    z.looseObject({ name: text, count: z.number(), total: z.number().exactOptional(), by: text }),
  ),
  invalid: z.array(text),
  failed: z.array(text),
  finding: finding.exactOptional(),
  findings: z.array(finding).exactOptional(),
});

const key = z.looseObject({
  scenario: z.looseObject({ name: text, sha256: text }),
  load: z.looseObject({
    connections: z.number(),
    durationMs: z.number(),
    timeoutMs: z.number(),
    stream: text,
  }),
  machine: z.looseObject({
    cpuModel: text,
    cpus: z.number(),
    kernelMajor: text,
    nodeMajor: text,
    namespaces: z.boolean(),
  }),
  tools: z.record(text, text.nullable()),
  targets: z
    .record(text, z.looseObject({ name: text, version: text.nullable(), isFallback: z.boolean() }))
    .exactOptional(),
  watched: z.literal(true).exactOptional(),
});

const night = z.looseObject({
  label: text,
  startedAt: text,
  state: z.enum(['running', 'done', 'interrupted', 'failed']),
  key,
  arms: z.array(arm),
});

/** What the gate reads of a baseline file. Fields that a newer version has added are kept. */
export const baselineSchema = z.looseObject({
  schema: z.literal('ssee-bench/baseline/1'),
  entries: z.array(z.looseObject({ key, nights: z.array(night).min(1) })),
});
