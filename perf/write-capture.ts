import { closeSync, openSync, writeSync } from 'node:fs';

/** Bits of the TCP header. */
export const FLAGS = { fin: 1, syn: 2, reset: 4, push: 8, ack: 16 };

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const ETHERNET_BYTES = 14;
const IP_BYTES = 20;
const FRAME_HEAD_BYTES = ETHERNET_BYTES + IP_BYTES + 20;
const PIECE_BYTES = 1 << 20;
const FIRST_CLIENT_PORT = 20_000;
const LOOPBACK = 0x7f000001;

export interface CaptureWriterOptions {
  /** Bytes kept of each frame. */
  snapBytes: number;
  connections: number;
  serverPort: number;
}

export interface CaptureWriter {
  /** One segment, of microseconds since the epoch. */
  put(timeUs: number, connection: number, byClient: boolean, flags: number, payload: Buffer): void;
  /** Size of the file with everything that has been put so far. */
  size(): number;
  /** @returns what is in the file */
  close(): { packets: number; bytes: number };
}

/**
 * A capture file in little-endian pcap with microseconds, Ethernet and IPv4, written in pieces. Sequence numbers are kept
 * per connection; whoever writes gives the segments in the order of time.
 */
export function createCaptureWriter(path: string, options: CaptureWriterOptions): CaptureWriter {
  const { snapBytes, connections, serverPort } = options;
  const fd = openSync(path, 'w');
  const piece = Buffer.alloc(PIECE_BYTES);
  const clientSeq = new Uint32Array(connections).fill(1000);
  const serverSeq = new Uint32Array(connections).fill(5000);
  let at = writeFileHeader(piece, snapBytes);
  let flushedBytes = 0;
  let packets = 0;

  function flush(): void {
    writeSync(fd, piece, 0, at);
    flushedBytes += at;
    at = 0;
  }

  return {
    put(timeUs, connection, byClient, flags, payload) {
      const own = byClient ? clientSeq : serverSeq;
      const other = byClient ? serverSeq : clientSeq;
      const client = FIRST_CLIENT_PORT + connection;
      const length = FRAME_HEAD_BYTES + payload.length;
      const kept = Math.min(snapBytes, length);
      if (at + RECORD_HEADER_BYTES + kept > PIECE_BYTES) flush();
      piece.writeUInt32LE(Math.floor(timeUs / 1e6), at);
      piece.writeUInt32LE(timeUs % 1e6, at + 4);
      piece.writeUInt32LE(kept, at + 8);
      piece.writeUInt32LE(length, at + 12);
      const frame = at + RECORD_HEADER_BYTES;
      piece.fill(0, frame, frame + FRAME_HEAD_BYTES);
      piece.writeUInt16BE(0x0800, frame + 12);
      const ip = frame + ETHERNET_BYTES;
      piece.writeUInt8(0x45, ip);
      piece.writeUInt16BE(length - ETHERNET_BYTES, ip + 2);
      piece.writeUInt8(64, ip + 8);
      piece.writeUInt8(6, ip + 9);
      piece.writeUInt32BE(LOOPBACK, ip + 12);
      piece.writeUInt32BE(LOOPBACK, ip + 16);
      const tcp = ip + IP_BYTES;
      piece.writeUInt16BE(byClient ? client : serverPort, tcp);
      piece.writeUInt16BE(byClient ? serverPort : client, tcp + 2);
      piece.writeUInt32BE(own[connection]!, tcp + 4);
      piece.writeUInt32BE(flags & FLAGS.ack ? other[connection]! : 0, tcp + 8);
      piece.writeUInt8(0x50, tcp + 12);
      piece.writeUInt8(flags, tcp + 13);
      piece.writeUInt16BE(0xffff, tcp + 14);
      payload.copy(piece, tcp + 20, 0, kept - FRAME_HEAD_BYTES);
      own[connection] = own[connection]! + payload.length + (flags & (FLAGS.syn | FLAGS.fin) ? 1 : 0);
      at += RECORD_HEADER_BYTES + kept;
      packets++;
    },
    size: () => flushedBytes + at,
    close() {
      try {
        flush();
      } finally {
        closeSync(fd);
      }
      return { packets, bytes: flushedBytes };
    },
  };
}

function writeFileHeader(piece: Buffer, snapBytes: number): number {
  piece.writeUInt32LE(0xa1b2c3d4, 0);
  piece.writeUInt16LE(2, 4);
  piece.writeUInt16LE(4, 6);
  piece.writeUInt32LE(snapBytes, 16);
  piece.writeUInt32LE(1, 20);
  return FILE_HEADER_BYTES;
}
