import { z } from 'zod';
import { headerName } from './request.ts';
import { duration } from './values.ts';

/** A proxy in front of the target. */
export const proxy = z
  .strictObject(
    {
      use: z
        .enum(['nginx', 'delay'], { error: 'one of nginx, delay' })
        .describe('nginx: the one of the system; delay: passes every piece of data on later'),
      buffering: z
        .boolean({ error: 'true or false' })
        .describe('nginx collects responses before it passes them on; default: false')
        .exactOptional(),
      obeyTarget: z
        .boolean({ error: 'true or false' })
        .describe('nginx buffers unless the target answers X-Accel-Buffering: no; default: false')
        .exactOptional(),
      passHeaders: z
        .array(headerName, { error: 'a list of header names, such as [Accept]' })
        .describe('nginx passes these request headers on and no others')
        .exactOptional(),
      delay: duration('20ms', 1).describe('delay in each direction; default: 20ms').exactOptional(),
    },
    { error: 'a mapping such as {use: nginx, buffering: true}' },
  )
  .describe('a real proxy between tools and target');
