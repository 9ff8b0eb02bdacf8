import { z } from 'zod';
import { cpus, duration, wholeNumber } from './values.ts';

/** Most rounds of one run. */
export const MAX_ROUNDS = 1000;

/** One client address has 64 Ki ports at most. */
export const MAX_CONNECTIONS = 65_000;

/** The load, the same for every tool. */
export const load = z
  .strictObject(
    {
      connections: wholeNumber(1, MAX_CONNECTIONS, 100).describe('connections that each tool holds'),
      duration: duration('30s', 1).describe('measured time of one trial; wrk and ab take whole seconds only'),
      timeout: duration('5s', 1)
        .describe('longest silence of one stream: for connect, head and event each')
        .default('5s'),
      warmup: duration('2s', 0)
        .describe('load on the fresh target before each trial, not measured')
        .default('0s'),
      rounds: wholeNumber(1, MAX_ROUNDS, 3)
        .describe('how often every arm runs; the order rotates from round to round')
        .default(1),
      pin: cpus.exactOptional(),
    },
    { error: 'a mapping such as {connections: 100, duration: 30s}' },
  )
  .describe('the same for every tool');
