import type { ResponseParser } from '../http/response-parser.ts';

/** Why a head is not that of the event stream that was asked for. */
export function describeRefusedHead(response: ResponseParser): string {
  if (response.status >= 400) return `status ${response.status}`;
  const { status } = response;
  const type = response.field('content-type');
  if (type === undefined) return `status ${status} with no Content-Type, wanted text/event-stream`;
  if (status === 200 && response.mediaTypeIs('text/event-stream')) {
    const coding = response.field('content-encoding') ?? '';
    return `Content-Encoding ${shorten(coding)}, which the request did not ask for`;
  }
  return `status ${status} with Content-Type ${shorten(type)}, wanted text/event-stream`;
}

/** A server may send values of any length. */
function shorten(value: string): string {
  return value.length > 80 ? `${value.slice(0, 80)}...` : value;
}
