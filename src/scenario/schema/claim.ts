import { z } from 'zod';
import { headerName } from './request.ts';
import { line, metric, safeName, wholeNumber } from './values.ts';

const row = z.string({ error: 'the name of a row, such as ssee-tester' });

/** Figure that a condition is about: `{metric: ttfe_us_p99, arm: ssee-tester}`. */
const subject = {
  metric: metric.describe('id of a metric of the row').exactOptional(),
  outcome: z.string({ error: 'an outcome, such as completed' }).describe('count of streams').exactOptional(),
  wire: z
    .string({ error: 'a figure of the wire, such as rst_by_client' })
    .describe('a figure of the capture')
    .exactOptional(),
  process: z
    .string({ error: 'a figure of the processes, such as target_cpu_share' })
    .describe('a figure of the processes of tool and target')
    .exactOptional(),
  truth: z
    .string({ error: 'a counter of the target, such as header_parse_us_p50' })
    .describe("a figure of the target's own counters")
    .exactOptional(),
  profile: z
    .string({ error: 'a figure of the profile, such as json_share' })
    .describe("a figure of the target's profile")
    .exactOptional(),
  request: z.literal('length', { error: 'length' }).describe('bytes of the first request').exactOptional(),
  probe: z
    .string({ error: 'the name of a probe of this scenario' })
    .describe('take "figure" from the output of this probe')
    .exactOptional(),
  figure: z
    .string({ error: 'the id of a figure that the probe prints' })
    .describe('id of the figure of the probe')
    .exactOptional(),
  arm: row.describe('the row, by name, or by name@variant where there are variants').exactOptional(),
};

const COMPARED = 'an amount in the unit of the figure, or another figure such as {arm: hey, times: 2}';
const operand = z.union(
  [
    z.string(),
    z.number(),
    z.boolean(),
    z.strictObject(
      {
        ...subject,
        times: z
          .number({ error: 'a number above 0, such as 2' })
          .positive('a number above 0, such as 2')
          .describe('factor on this other figure; default: 1')
          .exactOptional(),
      },
      { error: COMPARED },
    ),
  ],
  { error: COMPARED },
);

type WrittenOperand = z.output<typeof operand>;
type Exact<T> = { [K in keyof T]: T[K] };

const conditions = z
  .array(
    z.lazy(() => condition),
    { error: 'a list of conditions' },
  )
  .min(1, 'a list of at least one condition');

/** A condition of a claim as written. Named, because it contains others. */
export interface WrittenCondition extends Exact<z.output<z.ZodObject<typeof subject>>> {
  above?: WrittenOperand;
  below?: WrittenOperand;
  atLeast?: WrittenOperand;
  atMost?: WrittenOperand;
  equals?: WrittenOperand;
  within?: string | number;
  header?: string;
  sent?: boolean;
  finding?: string;
  present?: boolean;
  rank?: number;
  all?: WrittenCondition[];
  any?: WrittenCondition[];
  not?: WrittenCondition;
}

/** One mapping for all kinds: check-claims.ts says what belongs together, in better words than a union could. */
const condition: z.ZodType<WrittenCondition, WrittenCondition> = z
  .strictObject(
    {
      ...subject,
      above: operand.exactOptional(),
      below: operand.exactOptional(),
      atLeast: operand.exactOptional(),
      atMost: operand.exactOptional(),
      equals: operand.exactOptional(),
      within: z
        .union([z.string(), z.number()], { error: 'a share, such as 10%' })
        .describe('relative tolerance of "equals", such as 10%')
        .exactOptional(),
      header: headerName.describe('a header of the first request that the row sent').exactOptional(),
      sent: z.boolean({ error: 'true or false' }).describe('whether it is there').exactOptional(),
      finding: z.string({ error: 'the code of a finding, such as stream-paced' }).exactOptional(),
      present: z
        .boolean({ error: 'true or false' })
        .describe('whether it is found; default: true')
        .exactOptional(),
      rank: wholeNumber(1, 99, 1).describe('found at this rank or before').exactOptional(),
      all: conditions.exactOptional(),
      any: conditions.exactOptional(),
      not: z.lazy(() => condition).exactOptional(),
    },
    { error: 'a mapping such as {metric: requests_per_sec, arm: wrk, above: 1000}' },
  )
  .meta({ id: 'ClaimCondition', description: 'what evidence would have to say' });

/** One sentence and the evidence that would decide it. */
export const claim = z.strictObject(
  {
    id: safeName('wrk-times-out').describe('name of the claim, once in the file'),
    says: line('one line that says what is claimed', 300).describe('the claim in your words'),
    quote: line('one line, quoted', 600).describe('the sentence as it was written').exactOptional(),
    section: z
      .string({ error: 'text, such as "3.1" in quotes' })
      .describe('where it was written')
      .exactOptional(),
    published: line('the figure as text, such as "41.6 %" in quotes', 60)
      .describe('the figure that was printed with it, for a table of it beside the one measured')
      .exactOptional(),
    note: line('one line for the reader', 600)
      .describe('what a reader should know beside it')
      .exactOptional(),
    confirm: condition.describe('what would confirm it').exactOptional(),
    refute: z
      .union([condition, z.literal('never')], { error: 'a condition, or never' })
      .describe(
        'what would refute it, or never where nothing measured here could; without, it is refuted where it is certainly not confirmed',
      )
      .exactOptional(),
    because: line('one line that says why nothing measured here can refute it', 600)
      .describe('why nothing can refute it; belongs to refute: never')
      .exactOptional(),
    beside: z
      .strictObject(subject, { error: 'a figure, such as {metric: requests_per_sec, arm: wrk}' })
      .describe('the figure to show beside what was published; belongs to refute: never')
      .exactOptional(),
  },
  { error: 'a mapping such as {id: ..., says: ..., confirm: {...}}' },
);
