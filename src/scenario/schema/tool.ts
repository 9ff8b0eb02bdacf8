import { z } from 'zod';
import { duration, safeName, wholeNumber } from './values.ts';

/** Adapter names that a scenario may use. */
export const TOOL_NAMES = ['wrk', 'hey', 'curl', 'autocannon', 'ab', 'ssee-tester'] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

const toolUse = z.enum(TOOL_NAMES, { error: `one of ${TOOL_NAMES.join(', ')}` });

/** One load generator, by its name alone or with its own settings. */
export const tool = z.union(
  [
    toolUse,
    z.strictObject(
      {
        use: toolUse.describe('the load generator'),
        name: safeName('hey-q10').describe('name of its rows; default: the tool').exactOptional(),
        rate: z
          .number({ error: 'a number of requests per second and connection, such as 10' })
          .positive('a number above 0, such as 10')
          .max(1_000_000, 'a number up to 1000000, such as 10')
          .describe('most requests per second and connection; hey and ssee-tester only')
          .exactOptional(),
        readRate: wholeNumber(1, 1_000_000_000, 20_000)
          .describe('bytes per second that each connection reads at most; ssee-tester only')
          .exactOptional(),
        replay: z
          .string({ error: 'the name of another tool in this list' })
          .describe('send the exact request bytes of this other tool, by its name; ssee-tester only')
          .exactOptional(),
        bare: z
          .literal(true, { error: 'true, or leave it out' })
          .describe('of the replayed request, send only its line, Host and what frames its body')
          .exactOptional(),
        ablate: z
          .literal('headers', { error: 'headers' })
          .describe(
            'one further trial that sends the replayed request without each of its headers in turn, and bare with each of them',
          )
          .exactOptional(),
        duration: duration('5s', 1)
          .describe('measured time of one trial of this row instead of that of load; replays only')
          .exactOptional(),
      },
      { error: 'a tool or a mapping such as {use: hey, rate: 10}' },
    ),
  ],
  { error: `one of ${TOOL_NAMES.join(', ')}, or a mapping such as {use: hey, rate: 10}` },
);
