import { z } from 'zod';
import { argument, QUOTED, urlPath } from './values.ts';

/** RFC 9110 section 5.6.2: what a field name may consist of. */
export const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a header name: letters, digits and hyphens alone');

const headerValue = z
  .string({ error: `text, ${QUOTED}` })
  // RFC 9110 section 5.5; tools disagree about what they do with bytes above 126.
  .regex(/^[\t\x20-\x7e]*$/, 'text of printable ASCII characters on one line');

/** Headers of a request, in the order they are sent. */
export const headers = z
  .record(headerName, headerValue, {
    error: 'a mapping of header names to text, such as {Accept: text/event-stream}',
  })
  .describe('headers that every tool sends, in this order; Host is added by each tool');

/** Request method. */
export const method = z
  .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], { error: 'one of GET, POST, PUT, PATCH, DELETE' })
  .describe('request method');

/** Path and query of the request. */
export const path = urlPath('/events?count=10').describe('path and query, starting with /');

/** Request body. */
export const body = argument.describe('request body, sent as UTF-8');

/** What every tool asks for. */
export const request = z
  .strictObject(
    {
      method: method.default('GET'),
      path,
      headers: headers.default({}),
      body: body.exactOptional(),
    },
    { error: 'a mapping such as {path: /events}' },
  )
  .describe('what every tool asks for');
