import { performance } from 'node:perf_hooks';
import { formatData, formatEvent, wallClockUs } from '../shared/event-format.ts';
import { CLIENT_ROUTES } from './client-routes.ts';
import { cutInsideCharacters, cutInsideLineEnds } from './split-event.ts';
import { after, count, delay, faultAfter, finite, interval, type StreamRoute, size } from './stream-route.ts';
import {
  chunkedHead,
  inOneChunk,
  streamHead,
  writeEvents,
  writeFiniteStream,
  writeHead,
  writePieces,
  writeUntilFault,
} from './stream-writing.ts';

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

  '/cut': {
    parameters: {
      ...interval(100),
      age: { kind: 'duration', fallback: 1000 },
      spread: { kind: 'duration', fallback: 0 },
    },
    async serve(exchange, { interval, age, spread }) {
      const endMs = performance.now() + age! + Math.random() * spread!;
      await writeHead(exchange);
      const startMs = performance.now();
      for (let i = 0; startMs + i * interval! < endMs; i++) {
        await exchange.sleepUntil(startMs + i * interval!);
        await exchange.writeChunk(formatEvent(i + 1, wallClockUs(), 0), 1);
      }
      await exchange.sleepUntil(endMs);
      exchange.finish();
      return 'closed-early';
    },
  },

  '/leak': {
    parameters: finite,
    async serve(exchange, { count, interval }) {
      await exchange.write(streamHead('Transfer-Encoding: chunked', 'Connection: close'));
      await writeEvents(exchange, count!, interval!, inOneChunk(exchange));
      // Before the last bytes: the client may close as soon as it has them.
      exchange.leak();
      await exchange.write(exchange.lastChunk);
      return 'completed';
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

  ...CLIENT_ROUTES,
};
