import { z } from 'zod';
import { cpus, duration, percent, wholeNumber } from './values.ts';

const isTrue = z.literal(true, { error: 'true' });

/** One disturbance. */
export const fault = z.strictObject(
  {
    at: duration('5s', 0)
      .describe('when it comes, from the start of the tool; with for, makes it part of the timeline')
      .exactOptional(),
    for: duration('1s', 1)
      .describe('how long it stays; of a restart, how long the target is down')
      .exactOptional(),
    loss: percent('2%').describe('share of packets dropped; needs root and nft').exactOptional(),
    pause: z
      .union(
        [
          isTrue,
          z.strictObject(
            {
              after: duration('1s', 0).describe('time from the start of the tool'),
              length: duration('300ms', 1).describe('how long the target is stopped'),
            },
            { error: 'a mapping such as {after: 1s, length: 300ms}' },
          ),
        ],
        { error: 'true beside at and for, or a mapping such as {after: 1s, length: 300ms}' },
      )
      .describe('the target is stopped by a signal and continued')
      .exactOptional(),
    openFiles: z
      .strictObject(
        {
          target: wholeNumber(8, 1_000_000, 64).describe('of the target').exactOptional(),
          tool: wholeNumber(8, 1_000_000, 64).describe('of the tool').exactOptional(),
        },
        { error: 'a mapping such as {target: 64}' },
      )
      .describe('limits of open files')
      .exactOptional(),
    cpuLimit: z
      .strictObject(
        {
          tool: percent('30%').describe('of the tool; not on the timeline').exactOptional(),
          target: percent('20%')
            .describe('of the target; on the timeline alone, target.cpuLimit is the one for all the time')
            .exactOptional(),
        },
        { error: 'a mapping such as {tool: 30%}, or {target: 20%} beside at and for' },
      )
      .describe('CPU quota in percent of one CPU; needs root')
      .exactOptional(),
    ports: wholeNumber(8, 40_000, 200).describe('ports to connect from; needs root').exactOptional(),
    backlog: wholeNumber(1, 65_535, 8).describe('longest accept queue; needs root').exactOptional(),
    burners: wholeNumber(1, 64, 1)
      .describe('busy loops that belong to neither tool nor target')
      .exactOptional(),
    burnerPin: cpus.describe('CPUs that the busy loops may use').exactOptional(),
    captureBuffer: wholeNumber(32, 1_048_576, 64)
      .describe('buffer of the packet capture in KiB')
      .exactOptional(),
    delay: duration('100ms', 1)
      .describe('timeline: data passes so much later in each direction, through a proxy in front')
      .exactOptional(),
    disk: z
      .strictObject(
        {
          writeRate: wholeNumber(1, 1_000_000_000, 512).describe(
            'bytes per second that the target may write',
          ),
        },
        { error: 'a mapping such as {writeRate: 512}' },
      )
      .describe(
        "timeline: writes to the disk of the trial's folder are held back; needs root and a cgroup io controller",
      )
      .exactOptional(),
    dns: isTrue.describe('timeline: packets to port 53 are dropped; needs root and nft').exactOptional(),
    reset: isTrue
      .describe('timeline: connections are reset, and every request is; needs root, nft and ss')
      .exactOptional(),
    restart: z
      .enum(['kill', 'term'], { error: 'kill or term' })
      .describe('timeline: the target is ended by SIGKILL or SIGTERM and started again on the same port')
      .exactOptional(),
  },
  { error: 'a mapping such as {at: 5s, for: 1s, pause: true} or {loss: 2%}' },
);
