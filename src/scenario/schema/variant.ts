import { z } from 'zod';
import { proxy } from './proxy.ts';
import { body, headers, method, path } from './request.ts';
import { args, env } from './target.ts';

/** What one variant changes of target and request. */
export const variant = z.strictObject(
  {
    target: z
      .strictObject(
        { env: env.exactOptional(), args: args.exactOptional(), proxy: proxy.exactOptional() },
        { error: 'a mapping with env, args or proxy, such as {env: {GOMAXPROCS: "1"}}' },
      )
      .describe('env is merged into that of the target; args and proxy replace its own')
      .exactOptional(),
    request: z
      .strictObject(
        {
          method: method.exactOptional(),
          path: path.exactOptional(),
          headers: headers.exactOptional(),
          body: body.exactOptional(),
        },
        { error: 'a mapping with method, path, headers or body' },
      )
      .describe('headers are merged into those of the request; the rest replaces')
      .exactOptional(),
  },
  { error: 'a mapping with target or request ({} changes nothing)' },
);
