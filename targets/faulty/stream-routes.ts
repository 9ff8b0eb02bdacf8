import { performance } from 'node:perf_hooks';
import type { StreamEnd } from '../shared/counters.ts';
import { formatData, formatEvent, wallClockUs } from '../shared/event-format.ts';
import { COUNT, type ParameterKind, resumeAfter, SIZE } from '../shared/stream-query.ts';
import type { Exchange } from './exchange.ts';
import { cutInsideCharacters, cutInsideLineEnds } from './split-event.ts';

/** Numbers by parameter name, durations in milliseconds; every parameter of the route is there. */
export type Parameters = Record<string, number>;

/** One way to serve an event stream. `serve` says how the server ended it; ClientGone passes through. */
export interface StreamRoute {
  parameters: Record<string, { kind: ParameterKind; fallback: number }>;
  serve(exchange: Exchange, parameters: Parameters): Promise<StreamEnd>;
}

/** Pause between the pieces of one event, so that they are segments of their own. */
const PIECE_GAP_MS = 1;

const interval = (fallback: number): StreamRoute['parameters'] => ({
  interval: { kind: 'duration', fallback },
});
const after = (fallback: number): StreamRoute['parameters'] => ({ after: { kind: COUNT, fallback } });
const delay = (fallback: number): StreamRoute['parameters'] => ({ delay: { kind: 'duration', fallback } });
const size = (fallback: number): StreamRoute['parameters'] => ({ size: { kind: SIZE, fallback } });
const count = (fallback: number): StreamRoute['parameters'] => ({
  count: { kind: { ...COUNT, min: 1 }, fallback },
});

const finite = { ...count(10), ...interval(10) };
const faultAfter = { ...after(3), ...interval(10) };

/** The misbehaviours by path. */
export const STREAM_ROUTES: Record<string, StreamRoute> = {
  '/endless': {
    parameters: { ...interval(100), ...size(0) },
    async serve(exchange, { interval, size }) {
      await writeHead(exchange);
      await writeEvents(exchange, Number.POSITIVE_INFINITY, interval!, (seq, tsUs) =>
        exchange.writeChunk(formatEvent(seq, tsUs, size!), 1),
      );
      return 'completed';
    },
  },

  '/stall': {
    parameters: { ...after(1), ...interval(10) },
    async serve(exchange, { after, interval }) {
      await writeHead(exchange);
      await writeEvents(exchange, after!, interval!, inOneChunk(exchange));
      await exchange.clientLeaves();
      return 'stalled';
    },
  },

  '/hang': {
    parameters: {},
    async serve(exchange) {
      await exchange.clientLeaves();
      return 'stalled';
    },
  },

  '/fin': {
    parameters: faultAfter,
    async serve(exchange, parameters) {
      await writeUntilFault(exchange, parameters);
      exchange.finish();
      return 'closed-early';
    },
  },

  '/reset': {
    parameters: faultAfter,
    async serve(exchange, parameters) {
      await writeUntilFault(exchange, parameters);
      exchange.reset();
      return 'reset';
    },
  },

  '/truncated': {
    parameters: faultAfter,
    async serve(exchange, parameters) {
      await writeUntilFault(exchange, parameters);
      const event = Buffer.from(formatEvent(parameters.after! + 1, wallClockUs(), 0));
      const half = event.subarray(0, event.length / 2);
      const framed = exchange.frame(event);
      await exchange.write(framed.subarray(0, framed.indexOf(event) + half.length), {
        bodyBytes: half.length,
      });
      exchange.finish();
      return 'closed-early';
    },
  },

  '/eof': {
    parameters: finite,
    async serve(exchange, { count, interval }) {
      await exchange.write(streamHead('Connection: close'));
      await writeEvents(exchange, count!, interval!, (seq, tsUs) => {
        const event = formatEvent(seq, tsUs, 0);
        return exchange.write(event, { events: 1, bodyBytes: event.length });
      });
      exchange.finish();
      return 'completed';
    },
  },

  '/unflushed': {
    parameters: finite,
    async serve(exchange, { count, interval }) {
      const held: Buffer[] = [Buffer.from(chunkedHead(exchange))];
      let bodyBytes = 0;
      await writeEvents(exchange, count!, interval!, async (seq, tsUs) => {
        const event = Buffer.from(formatEvent(seq, tsUs, 0));
        bodyBytes += event.length;
        held.push(exchange.frame(event));
      });
      await exchange.write(Buffer.concat([...held, exchange.lastChunk]), { events: count!, bodyBytes });
      return 'completed';
    },
  },

  '/slow-head': {
    parameters: { ...delay(500), ...finite },
    async serve(exchange, { delay, count, interval }) {
      await exchange.sleepUntil(performance.now() + delay!);
      return writeFiniteStream(exchange, count!, interval!, inOneChunk(exchange));
    },
  },

  '/split-utf8': {
    parameters: finite,
    serve(exchange, { count, interval }) {
      return writeFiniteStream(exchange, count!, interval!, (seq, tsUs) => {
        // Characters of two, three and four bytes.
        const data = `{"seq":${seq},"ts":${tsUs},"text":"é€漢🚀"}`;
        return writePieces(exchange, cutInsideCharacters(Buffer.from(`id: ${seq}\ndata: ${data}\n\n`)));
      });
    },
  },

  '/split-crlf': {
    parameters: finite,
    serve(exchange, { count, interval }) {
      return writeFiniteStream(exchange, count!, interval!, (seq, tsUs) => {
        const event = `id: ${seq}\r\ndata: ${formatData(seq, tsUs, 0)}\r\n\r\n`;
        return writePieces(exchange, cutInsideLineEnds(Buffer.from(event)));
      });
    },
  },

  '/one-byte': {
    parameters: { ...count(3), ...interval(0), ...delay(1) },
    serve(exchange, { count, interval, delay }) {
      exchange.sendByteByByte(delay!);
      return writeFiniteStream(exchange, count!, interval!, inOneChunk(exchange));
    },
  },

  '/huge-line': {
    parameters: size(2 * 1024 * 1024),
    serve(exchange, { size }) {
      return writeFiniteStream(exchange, 1, 0, (seq, tsUs) =>
        exchange.writeChunk(formatEvent(seq, tsUs, size!), 1),
      );
    },
  },
};

type WriteEvent = (seq: number, tsUs: number) => Promise<void>;

function inOneChunk(exchange: Exchange): WriteEvent {
  return (seq, tsUs) => exchange.writeChunk(formatEvent(seq, tsUs, 0), 1);
}

/** Each piece as a chunk and a write of its own. The event counts with its last piece. */
async function writePieces(exchange: Exchange, pieces: Buffer[]): Promise<void> {
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) await exchange.sleep(PIECE_GAP_MS);
    await exchange.writeChunk(piece, i === pieces.length - 1 ? 1 : 0);
  }
}

async function writeFiniteStream(
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
async function writeUntilFault(exchange: Exchange, { after, interval }: Parameters): Promise<void> {
  await writeHead(exchange);
  await writeEvents(exchange, after!, interval!, inOneChunk(exchange));
  await exchange.sleep(interval!);
}

/** Event i at start + i * interval, so that lateness of one does not delay the others. */
async function writeEvents(
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

function writeHead(exchange: Exchange): Promise<void> {
  return exchange.write(chunkedHead(exchange));
}

function chunkedHead(exchange: Exchange): string {
  const { keepAlive, knowsChunks } = exchange.request;
  return streamHead(
    ...(knowsChunks ? ['Transfer-Encoding: chunked'] : []),
    ...(keepAlive ? [] : ['Connection: close']),
  );
}

function streamHead(...framing: string[]): string {
  return [
    'HTTP/1.1 200 OK',
    'Content-Type: text/event-stream',
    'Cache-Control: no-cache',
    'X-Accel-Buffering: no',
    ...framing,
    '\r\n',
  ].join('\r\n');
}
