import { createHash } from 'node:crypto';
import type { ResponseLimits } from '../../src/http/response-limits.ts';
import { ResponseParser, type ResponseVisitor } from '../../src/http/response-parser.ts';
import { type EventLimits, EventParser, type EventVisitor } from '../../src/sse/event-parser.ts';
import { scannableReadBuffer } from '../../src/sse/line-scanner.ts';

/** All that a client learns from the bytes of a response; how they were cut must not matter. */
export interface ReadPieces {
  /** Status and fields of the final response; undefined without one. */
  head: string | undefined;
  keepAlive: boolean;
  bodyBytes: number;
  bodyHash: string;
  /** Calls of the event parser in order, with their bytes. */
  calls: string[];
  /** Kind of the error that ended it, of either parser. */
  error: string | undefined;
  /** What the FIN after the last piece means, where nothing failed before it. */
  finish: string | undefined;
  /** Bytes behind the response. */
  rest: number;
}

/** Puts the pieces, of at most 64 KiB each, through both parsers as a connection of the tester does, a FIN last. */
export function readPieces(
  pieces: readonly Uint8Array[],
  limits: { response?: Partial<ResponseLimits>; events?: Partial<EventLimits> } = {},
): ReadPieces {
  const calls: string[] = [];
  const hash = createHash('sha256');
  let bodyBytes = 0;
  let head: string | undefined;
  let isEventStream = false;
  const take = (name: string) => (buf: Buffer, start: number, end: number) => {
    calls.push(`${name} ${buf.toString('latin1', start, end)}`);
  };
  const events: EventVisitor = {
    onData: take('data'),
    onId: take('id'),
    onEventType: take('type'),
    onComment: take('comment'),
    onRetry: (retryMs) => calls.push(`retry ${retryMs}`),
    onBadRetry: () => calls.push('bad retry'),
    onDispatch: () => calls.push('dispatch'),
    onDiscard: () => calls.push('discard'),
  };
  const eventParser = new EventParser(events, limits.events);
  const visitor: ResponseVisitor = {
    onHead(parser) {
      const fields = Array.from(
        { length: parser.fieldCount },
        (_, index) => `${parser.fieldName(index)}: ${parser.fieldValue(index)}`,
      );
      head = [`${parser.minorVersion} ${parser.status} ${parser.isEncoded}`, ...fields].join('\n');
      isEventStream = parser.status === 200 && !parser.isEncoded && parser.mediaTypeIs('text/event-stream');
    },
    onBody(buf, start, end) {
      bodyBytes += end - start;
      hash.update(buf.subarray(start, end));
      if (isEventStream && !eventParser.push(buf, start, end)) parser.stop();
    },
    onEnd() {},
  };
  const parser = new ResponseParser(visitor, limits.response ? { limits: limits.response } : {});
  let rest = 0;
  let isOver = false;
  for (const piece of pieces) {
    // Where the tester reads too; what an earlier read has left in the buffer stands behind it.
    const buf = scannableReadBuffer();
    buf.set(piece);
    const stop = isOver ? 0 : parser.push(buf, 0, piece.length);
    isOver = parser.done || parser.error !== null || eventParser.error !== null;
    if (isOver) rest += piece.length - stop;
  }
  const error = parser.error?.kind ?? eventParser.error?.kind;
  return {
    head,
    keepAlive: parser.keepAlive,
    bodyBytes: error === undefined ? bodyBytes : 0,
    bodyHash: error === undefined ? hash.digest('hex') : '',
    calls,
    error,
    finish: error === undefined ? parser.finish() : undefined,
    rest: error === undefined ? rest : 0,
  };
}

/** The bytes cut at these places; any numbers will do. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
}

export function cutEverywhere(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
}
