import { closeSync, openSync, writeSync } from 'node:fs';

/** Little-endian pcap in microseconds, Ethernet. */
const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const FRAME_HEAD_BYTES = 14 + 20 + 20;
const SNAP_BYTES = 182;
const PIECE_BYTES = 1 << 20;
export const CAPTURE_PORT = 8080;
const FIRST_CLIENT_PORT = 20_000;
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
  const fd = openSync(path, 'w');
  const piece = Buffer.alloc(PIECE_BYTES);
  const clientSeq = new Uint32Array(CONNECTIONS).fill(1000);
  const serverSeq = new Uint32Array(CONNECTIONS).fill(5000);
  let at = writeFileHeader(piece);
  let bytes = at;
  let packets = 0;
  let timeUs = 0;

  const put = (connection: number, byClient: boolean, flags: number, payload: Buffer): void => {
    const own = byClient ? clientSeq : serverSeq;
    const other = byClient ? serverSeq : clientSeq;
    if (at + RECORD_HEADER_BYTES + SNAP_BYTES > PIECE_BYTES) {
      writeSync(fd, piece, 0, at);
      at = 0;
    }
    const length = FRAME_HEAD_BYTES + payload.length;
    const kept = Math.min(SNAP_BYTES, length);
    timeUs += 2;
    piece.writeUInt32LE(1_700_000_000 + Math.floor(timeUs / 1e6), at);
    piece.writeUInt32LE(timeUs % 1e6, at + 4);
    piece.writeUInt32LE(kept, at + 8);
    piece.writeUInt32LE(length, at + 12);
    const frame = at + RECORD_HEADER_BYTES;
    piece.fill(0, frame, frame + FRAME_HEAD_BYTES);
    piece.writeUInt16BE(0x0800, frame + 12);
    const ip = frame + 14;
    piece.writeUInt8(0x45, ip);
    piece.writeUInt16BE(length - 14, ip + 2);
    piece.writeUInt8(64, ip + 8);
    piece.writeUInt8(6, ip + 9);
    piece.writeUInt32BE(0x7f000001, ip + 12);
    piece.writeUInt32BE(0x7f000001, ip + 16);
    const tcp = ip + 20;
    const client = FIRST_CLIENT_PORT + connection;
    piece.writeUInt16BE(byClient ? client : CAPTURE_PORT, tcp);
    piece.writeUInt16BE(byClient ? CAPTURE_PORT : client, tcp + 2);
    piece.writeUInt32BE(own[connection]!, tcp + 4);
    piece.writeUInt32BE(other[connection]!, tcp + 8);
    piece.writeUInt8(0x50, tcp + 12);
    piece.writeUInt8(flags, tcp + 13);
    piece.writeUInt16BE(0xffff, tcp + 14);
    payload.copy(piece, tcp + 20, 0, kept - FRAME_HEAD_BYTES);
    own[connection] = own[connection]! + payload.length + (flags & 0x02 ? 1 : 0);
    at += RECORD_HEADER_BYTES + kept;
    bytes += RECORD_HEADER_BYTES + kept;
    packets++;
  };
  const [syn, ack, push, none] = [0x02, 0x10, 0x18, Buffer.alloc(0)] as const;
  const each = (visit: (connection: number) => void): void => {
    for (let connection = 0; connection < CONNECTIONS; connection++) visit(connection);
  };
  const answer = (payload: Buffer): void =>
    each((connection) => {
      put(connection, false, push, payload);
      put(connection, true, ack, none);
    });
  try {
    each((connection) => {
      put(connection, true, syn, none);
      put(connection, false, syn | ack, none);
      put(connection, true, ack, none);
    });
    while (bytes < leastBytes) {
      each((connection) => put(connection, true, push, REQUEST));
      answer(HEAD);
      for (let event = 0; event < EVENTS_PER_RESPONSE; event++) answer(EVENT);
      answer(LAST);
    }
    writeSync(fd, piece, 0, at);
  } finally {
    closeSync(fd);
  }
  return { packets, bytes };
}

function writeFileHeader(piece: Buffer): number {
  piece.writeUInt32LE(0xa1b2c3d4, 0);
  piece.writeUInt16LE(2, 4);
  piece.writeUInt16LE(4, 6);
  piece.writeUInt32LE(SNAP_BYTES, 16);
  piece.writeUInt32LE(1, 20);
  return FILE_HEADER_BYTES;
}
