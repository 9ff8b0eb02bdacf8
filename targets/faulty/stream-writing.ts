import { performance } from 'node:perf_hooks';
import type { StreamEnd } from '../shared/counters.ts';
import { formatEvent, wallClockUs } from '../shared/event-format.ts';
import { resumeAfter } from '../shared/stream-query.ts';
import type { Exchange } from './exchange.ts';

/** Pause between the pieces of one event, so that they are segments of their own. */
const PIECE_GAP_MS = 1;

export type WriteEvent = (seq: number, tsUs: number) => Promise<void>;

export function inOneChunk(exchange: Exchange): WriteEvent {
  return (seq, tsUs) => exchange.writeChunk(formatEvent(seq, tsUs, 0), 1);
}

/** Each piece as a chunk and a write of its own. The event counts with its last piece. */
export async function writePieces(exchange: Exchange, pieces: Buffer[]): Promise<void> {
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) await exchange.sleep(PIECE_GAP_MS);
    await exchange.writeChunk(piece, i === pieces.length - 1 ? 1 : 0);
  }
}

export async function writeFiniteStream(
  exchange: Exchange,
  count: number,
  intervalMs: number,
  writeEvent: WriteEvent,
): Promise<StreamEnd> {
  await writeHead(exchange);
  await writeEvents(exchange, count, intervalMs, writeEvent);
  await exchange.write(exchange.lastChunk);
  return 'completed';
}

/** Head and `after` events; returns when the next event would be due, which is when the fault happens. */
export async function writeUntilFault(
  exchange: Exchange,
  { after, interval }: Record<string, number>,
): Promise<void> {
  await writeHead(exchange);
  await writeEvents(exchange, after!, interval!, inOneChunk(exchange));
  await exchange.sleep(interval!);
}

/** Event i at start + i * interval, so that lateness of one does not delay the others. */
export async function writeEvents(
  exchange: Exchange,
  count: number,
  intervalMs: number,
  writeEvent: WriteEvent,
): Promise<void> {
  const startMs = performance.now();
  const seen = resumeAfter(exchange.request.headers.get('last-event-id'));
  for (let i = 0; i < count; i++) {
    await exchange.sleepUntil(startMs + i * intervalMs);
    await writeEvent(seen + i + 1, wallClockUs());
  }
}

export function writeHead(exchange: Exchange): Promise<void> {
  return exchange.write(chunkedHead(exchange));
}

export function chunkedHead(exchange: Exchange): string {
  const { keepAlive, knowsChunks } = exchange.request;
  return streamHead(
    ...(knowsChunks ? ['Transfer-Encoding: chunked'] : []),
    ...(keepAlive ? [] : ['Connection: close']),
  );
}

export function streamHead(...framing: string[]): string {
  return [
    'HTTP/1.1 200 OK',
    'Content-Type: text/event-stream',
    'Cache-Control: no-cache',
    'X-Accel-Buffering: no',
    ...framing,
    '\r\n',
  ].join('\r\n');
}
