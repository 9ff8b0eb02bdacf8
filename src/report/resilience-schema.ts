import { z } from 'zod';
import { TIMED_FAULTS } from '../model/fault.ts';
import { GOLDEN_SIGNALS, GRADE_RULE, type Resilience } from '../model/resilience.ts';

const seconds = z.number().describe('s since the start of the tool');

const signal = z.strictObject({
  signal: z
    .enum(GOLDEN_SIGNALS)
    .describe(
      'errors: share of streams that fail, by when they were last well; ttfe: start of a stream to its first event; gap: event to event; throughput: events per second; saturation: CPU used / CPU allowed',
    ),
  unit: z.enum(['ratio', 'us', '1/s']),
  before: z
    .number()
    .nullable()
    .describe('median over the intervals of the phase; of errors, the share of all'),
  during: z.number().nullable(),
  after: z.number().nullable().describe('until the next fault or the end'),
  worst: z.number().nullable().describe('furthest value while it was out of its band'),
  limit: z.number().nullable().describe('the band: throughput must not be below, the others not above'),
  limitFrom: z.enum(['slo', 'before']).nullable(),
  verdict: z.enum(['kept', 'broken', 'unknown']),
  brokeAtS: seconds.nullable(),
  recoveredAtS: seconds.nullable().describe('null: not before the next fault or the end'),
  reason: z.string().nullable().describe('why it is not judged'),
});

const fault = z.strictObject({
  id: z.string(),
  kind: z.enum(TIMED_FAULTS),
  what: z.string(),
  askedAtS: seconds,
  askedForS: z.number(),
  state: z.enum(['waiting', 'active', 'undone', 'skipped', 'failed']),
  reason: z.string().nullable(),
  startedAtS: seconds.nullable().describe('first step of injecting it, as done'),
  endedAtS: seconds.nullable().describe('last step of undoing it, as done'),
  signals: z.array(signal),
  health: z
    .strictObject({ probes: z.int(), green: z.int(), slowestMs: z.number() })
    .nullable()
    .describe('GETs of target.ready.path while the fault was there, past its rules'),
  synRetransmissions: z
    .int()
    .nullable()
    .describe(
      'SYNs and SYN-ACKs sent again in the namespace, by the kernel, from its start to 1.5 s after its end',
    ),
  retransmissions: z.int().nullable().describe('likewise of every segment'),
  wireSynRetransmissions: z.int().nullable().describe('SYNs alone, in the capture of the evidence trial'),
  recoveryS: z.number().nullable().describe('end of the fault to the recovery of the last signal'),
  grade: z.enum(['A', 'B', 'C', 'D', 'F']).nullable().describe(GRADE_RULE),
  sentence: z.string(),
});

/** One entry of `resilience` in comparison.json. */
export const resilienceSchema = z.strictObject({
  arm: z.string(),
  trial: z.string(),
  faults: z.array(fault),
}) satisfies z.ZodType<Resilience>;
