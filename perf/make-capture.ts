import { createCaptureWriter, FLAGS } from './write-capture.ts';

const SNAP_BYTES = 182;
const STARTED_US = 1_700_000_000_000_000;
export const CAPTURE_PORT = 8080;
const CONNECTIONS = 100;
const EVENTS_PER_RESPONSE = 10;

const REQUEST = Buffer.from(
  'GET /events?count=10&interval=5ms HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: text/event-stream\r\n\r\n',
);
const HEAD = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n',
);
const EVENT = Buffer.from('37\r\nid: 1\ndata: {"n":1,"sent":1700000000000000,"text":"abcdef"}\n\n\r\n');
const LAST = Buffer.from('0\r\n\r\n');

/**
 * Write a capture as an evidence trial makes it: a hundred connections, each asking for ten events again and again, every
 * payload acknowledged, frames cut as `capture: headers` cuts them.
 * @returns packets and bytes written, the latter the first size above `leastBytes`
 */
export function makeCapture(path: string, leastBytes: number): { packets: number; bytes: number } {
  const capture = createCaptureWriter(path, {
    snapBytes: SNAP_BYTES,
    connections: CONNECTIONS,
    serverPort: CAPTURE_PORT,
  });
  let timeUs = STARTED_US;
  const put = (connection: number, byClient: boolean, flags: number, payload: Buffer): void => {
    timeUs += 2;
    capture.put(timeUs, connection, byClient, flags, payload);
  };
  const { syn, ack } = FLAGS;
  const push = FLAGS.push | ack;
  const none = Buffer.alloc(0);
  const each = (visit: (connection: number) => void): void => {
    for (let connection = 0; connection < CONNECTIONS; connection++) visit(connection);
  };
  const answer = (payload: Buffer): void =>
    each((connection) => {
      put(connection, false, push, payload);
      put(connection, true, ack, none);
    });
  let written: { packets: number; bytes: number };
  try {
    each((connection) => {
      put(connection, true, syn, none);
      put(connection, false, syn | ack, none);
      put(connection, true, ack, none);
    });
    while (capture.size() < leastBytes) {
      each((connection) => put(connection, true, push, REQUEST));
      answer(HEAD);
      for (let event = 0; event < EVENTS_PER_RESPONSE; event++) answer(EVENT);
      answer(LAST);
    }
  } finally {
    written = capture.close();
  }
  return written;
}
