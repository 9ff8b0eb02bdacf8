import type { Outcome } from '../../model/outcome.ts';
import type { RequestSpec } from '../../model/plan.ts';
import { asksForEvents } from '../asks-for-events.ts';
import type { CurlTransfer } from './parse-transfers.ts';

/**
 * `open` is what curl cannot tell apart: at its deadline an answered stream may be healthy or stalled.
 * `connect-timeout` is a refused outcome with a timeout of its own; `other` fits no outcome.
 */
export type TransferEnd = Outcome | 'connect-timeout' | 'open' | 'other';

/** Libcurl's exit codes, https://curl.se/libcurl/c/libcurl-errors.html. */
const EXIT = {
  unsupportedProtocol: 1,
  noProxyHost: 5,
  noHost: 6,
  noConnection: 7,
  weirdReply: 8,
  partialFile: 18,
  timeout: 28,
  emptyReply: 52,
  sendError: 55,
  receiveError: 56,
  badEncoding: 61,
} as const;

/** How one transfer ended. A status decides before the way its body ended does. */
export function classifyTransfer(
  transfer: CurlTransfer,
  request: RequestSpec,
  timeoutMs: number,
): TransferEnd {
  const { exitCode, httpCode, error } = transfer;
  if (httpCode >= 400) return 'http-error';
  if (httpCode > 0 && asksForEvents(request)) {
    if (httpCode !== 200 || !isEventStream(transfer.contentType)) return 'http-error';
  }
  switch (exitCode) {
    case 0:
      return httpCode > 0 ? 'completed' : 'other';
    case EXIT.noProxyHost:
    case EXIT.noHost:
    case EXIT.noConnection:
      return 'refused';
    case EXIT.partialFile:
    case EXIT.emptyReply:
      return 'closed-early';
    case EXIT.unsupportedProtocol:
    case EXIT.weirdReply:
    case EXIT.badEncoding:
      return 'protocol-error';
    case EXIT.sendError:
    case EXIT.receiveError:
      if (/reset|broken pipe/i.test(error)) return 'reset';
      return /malformed|chunk|illegal|header/i.test(error) ? 'protocol-error' : 'other';
    case EXIT.timeout:
      return classifyTimeout(transfer, timeoutMs);
    default:
      return 'other';
  }
}

/** Without a head the stream either never connected, or waited long enough to be called unanswered, or neither. */
function classifyTimeout(transfer: CurlTransfer, timeoutMs: number): TransferEnd {
  if (transfer.httpCode > 0) return 'open';
  if (transfer.connectUs === undefined) return 'connect-timeout';
  const waitedUs = transfer.totalUs - transfer.sentUs;
  return waitedUs >= timeoutMs * 1000 ? 'no-headers' : 'open';
}

/** Whether a Content-Type is that of an event stream. */
export function isEventStream(contentType: string | undefined): boolean {
  return /^text\/event-stream\s*(;|$)/i.test(contentType ?? '');
}
