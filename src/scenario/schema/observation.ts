import { z } from 'zod';
import { PROFILE_KINDS } from '../../model/profile.ts';
import { parseWholeMs } from '../durations.ts';
import { duration } from './values.ts';

const captureMode = z
  .enum(['off', 'flags', 'headers', 'full'], { error: 'one of off, flags, headers, full' })
  .describe(
    'what the evidence trial keeps of each packet: flags (TCP header), headers (and 128 bytes), full, or off for no evidence trial',
  );

/** Packet capture, by its mode alone or in a mapping. */
export const capture = z
  .union(
    [captureMode, z.strictObject({ mode: captureMode }, { error: 'a mapping such as {mode: headers}' })],
    { error: 'one of off, flags, headers, full, or a mapping such as {mode: headers}' },
  )
  .describe('packet capture in the evidence trial that follows the measured ones')
  .default('headers');

/** What is sampled beside the tools. */
export const observe = z
  .strictObject(
    {
      every: duration('100ms', 1)
        .refine((text) => (parseWholeMs(text) ?? 10) >= 10, {
          error: 'must be at least 10ms, the resolution of the CPU accounting; write for example 100ms',
        })
        .describe('interval of CPU and memory samples')
        .default('100ms'),
      profile: z
        .array(z.enum(PROFILE_KINDS, { error: `one of ${PROFILE_KINDS.join(', ')}` }), {
          error: `a list of ${PROFILE_KINDS.join(', ')}`,
        })
        .min(1, 'a list with at least one profile, such as [cpu]')
        .describe('profiles of the target, taken in one further short trial per row; Node has cpu alone')
        .exactOptional(),
    },
    { error: 'a mapping such as {every: 100ms}' },
  )
  .describe('what is sampled beside the tools')
  .prefault({});
