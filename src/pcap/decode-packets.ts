import { decodeFrame, LINK_TYPES } from './decode-frame.ts';
import { createTcpPacket, type TcpPacket } from './tcp-packet.ts';

/** How reading a capture ended. */
export interface DecodeSummary {
  /** Packet records in the file, TCP or not. */
  packets: number;
  /** Those handed to the visitor. */
  tcpPackets: number;
  /** The file ends inside a record, or was given up at `problem`: later packets are missing. */
  truncated: boolean;
  /** One sentence when bytes made no sense; decoding stopped there. */
  problem?: string;
}

export interface PacketDecoder {
  push(chunk: Uint8Array): void;
  /** No more bytes come. Call once. */
  end(): DecodeSummary;
}

/**
 * No frame is longer: loopback segments are at most 64 KB and BIG TCP 512 KB. A greater length is garbage,
 * and believing it would mean to buffer up to 4 GB.
 */
const MAX_RECORD_BYTES = 2 * 1024 * 1024;
const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const BLOCK_HEADER_BYTES = 12;
const PCAPNG_SECTION = 0x0a0d0d0a;
const INTERFACE_BLOCK = 1;
const SIMPLE_PACKET_BLOCK = 3;
const ENHANCED_PACKET_BLOCK = 6;
const OPTION_END = 0;
const OPTION_TIME_RESOLUTION = 9;
const OPTION_TIME_OFFSET = 14;

interface CaptureInterface {
  linkType: number;
  snapLength: number;
  unitsPerUs: number;
  offsetUs: number;
}

type Format = 'undecided' | 'pcap' | 'pcapng' | 'given-up';

/**
 * Decode a capture given in pieces of any size: classic pcap (either byte order, microseconds or nanoseconds)
 * and pcapng. `visit` gets one reused object per TCP packet. Never throws, whatever the bytes; memory is
 * bounded by one record. The result does not depend on where the pieces are split.
 */
export function createPacketDecoder(visit: (packet: TcpPacket) => void): PacketDecoder {
  const packet = createTcpPacket();
  const summary: DecodeSummary = { packets: 0, tcpPackets: 0, truncated: false };
  let format: Format = 'undecided';
  let little = true;
  let fractionsPerUs = 1;
  let linkType = 0;
  let interfaces: CaptureInterface[] = [];
  // Start of a record whose end has not come yet. Filled only up to that record's end.
  let carry = new Uint8Array(4096);
  let carried = 0;

  function push(chunk: Uint8Array): void {
    let at = 0;
    while (carried > 0 && at < chunk.length) {
      const wanted = unitLength(carry, 0, carried);
      if (hasGivenUp()) return;
      const take = Math.min(wanted - carried, chunk.length - at);
      appendToCarry(chunk, at, take);
      at += take;
      // The unit's header may only now be complete: its true length is asked for again.
      if (carried === wanted && unitLength(carry, 0, carried) === carried) {
        readUnit(carry, 0, carried);
        carried = 0;
      }
    }
    while (at < chunk.length && !hasGivenUp()) {
      const length = unitLength(chunk, at, chunk.length - at);
      if (hasGivenUp()) return;
      if (length > chunk.length - at) {
        appendToCarry(chunk, at, chunk.length - at);
        return;
      }
      readUnit(chunk, at, length);
      at += length;
    }
  }

  function appendToCarry(chunk: Uint8Array, at: number, length: number): void {
    if (carried + length > carry.length) {
      const larger = new Uint8Array(Math.max(carried + length, carry.length * 2));
      larger.set(carry.subarray(0, carried));
      carry = larger;
    }
    carry.set(chunk.subarray(at, at + length), carried);
    carried += length;
  }

  function end(): DecodeSummary {
    if (format === 'undecided' && summary.problem === undefined) {
      summary.problem = carried === 0 ? 'the file is empty' : 'the file ends inside its header';
    }
    summary.truncated = carried > 0 || summary.problem !== undefined;
    return summary;
  }

  function giveUp(problem: string): void {
    summary.problem = problem;
    format = 'given-up';
    carried = 0;
  }

  function hasGivenUp(): boolean {
    return format === 'given-up';
  }

  /** Bytes of the unit at `at` (file header, record or block); more than `available` where that is all one can say yet. */
  function unitLength(bytes: Uint8Array, at: number, available: number): number {
    if (format === 'undecided') return fileHeaderLength(bytes, at, available);
    if (format === 'pcap') {
      if (available < RECORD_HEADER_BYTES) return RECORD_HEADER_BYTES;
      const captured = u32(bytes, at + 8);
      if (captured > MAX_RECORD_BYTES) giveUp(`record ${summary.packets + 1} claims ${captured} bytes`);
      return RECORD_HEADER_BYTES + captured;
    }
    if (available < BLOCK_HEADER_BYTES) return BLOCK_HEADER_BYTES;
    if (u32(bytes, at) === PCAPNG_SECTION) readByteOrder(bytes, at);
    const length = u32(bytes, at + 4);
    if (length < BLOCK_HEADER_BYTES || length % 4 !== 0 || length > MAX_RECORD_BYTES) {
      giveUp(`the block after packet ${summary.packets} claims ${length} bytes`);
    }
    return length;
  }

  function fileHeaderLength(bytes: Uint8Array, at: number, available: number): number {
    if (available < 4) return 4;
    little = false;
    const magic = u32(bytes, at);
    if (magic !== PCAPNG_SECTION) return FILE_HEADER_BYTES;
    format = 'pcapng';
    return unitLength(bytes, at, available);
  }

  /** The byte order is the section's own, so it must be known before its length can be read. */
  function readByteOrder(bytes: Uint8Array, at: number): void {
    little = bytes[at + 8] === 0x4d;
  }

  function readUnit(bytes: Uint8Array, at: number, length: number): void {
    if (format === 'undecided') readFileHeader(bytes, at);
    else if (format === 'pcap') readRecord(bytes, at, length);
    else readBlock(bytes, at, length);
  }

  function readFileHeader(bytes: Uint8Array, at: number): void {
    const magic =
      ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
    little = magic === 0xd4c3b2a1 || magic === 0x4d3cb2a1;
    const micro = magic === 0xd4c3b2a1 || magic === 0xa1b2c3d4;
    if (!micro && magic !== 0x4d3cb2a1 && magic !== 0xa1b23c4d) {
      giveUp('the file is neither pcap nor pcapng');
      return;
    }
    fractionsPerUs = micro ? 1 : 1000;
    // The upper bits tell about frame check sequences.
    linkType = u32(bytes, at + 20) & 0xffff;
    format = 'pcap';
    if (!LINK_TYPES.has(linkType)) giveUp(`link type ${linkType} is not supported`);
  }

  function readRecord(bytes: Uint8Array, at: number, length: number): void {
    packet.timeUs = u32(bytes, at) * 1e6 + u32(bytes, at + 4) / fractionsPerUs;
    const captured = length - RECORD_HEADER_BYTES;
    readFrame(linkType, bytes, at + RECORD_HEADER_BYTES, captured, u32(bytes, at + 12));
  }

  function readBlock(bytes: Uint8Array, at: number, length: number): void {
    const type = u32(bytes, at);
    const bodyEnd = at + length - 4;
    if (type === PCAPNG_SECTION) {
      const magic = u32(bytes, at + 8);
      if (magic === 0x1a2b3c4d) interfaces = [];
      else giveUp('a section header has no byte-order mark');
    } else if (type === INTERFACE_BLOCK && length >= 20) {
      interfaces.push(readInterface(bytes, at, bodyEnd));
    } else if (type === ENHANCED_PACKET_BLOCK && length >= 32) {
      const from = interfaces[u32(bytes, at + 8)];
      const captured = Math.min(u32(bytes, at + 20), bodyEnd - (at + 28));
      if (!from) {
        giveUp(`packet ${summary.packets + 1} names an interface that was not described`);
        return;
      }
      // Multiplied apart: 64 bits of nanoseconds do not fit a double, microseconds do.
      packet.timeUs =
        from.offsetUs +
        u32(bytes, at + 12) * (4294967296 / from.unitsPerUs) +
        u32(bytes, at + 16) / from.unitsPerUs;
      readFrame(from.linkType, bytes, at + 28, captured, u32(bytes, at + 24));
    } else if (type === SIMPLE_PACKET_BLOCK && length >= 16) {
      const from = interfaces[0];
      if (!from) {
        giveUp(`packet ${summary.packets + 1} stands before the description of its interface`);
        return;
      }
      const original = u32(bytes, at + 8);
      const limit = from.snapLength === 0 ? original : Math.min(original, from.snapLength);
      packet.timeUs = Number.NaN;
      readFrame(from.linkType, bytes, at + 12, Math.min(limit, bodyEnd - (at + 12)), original);
    }
  }

  function readInterface(bytes: Uint8Array, at: number, bodyEnd: number): CaptureInterface {
    const found: CaptureInterface = {
      linkType: u16(bytes, at + 8),
      snapLength: u32(bytes, at + 12),
      unitsPerUs: 1,
      offsetUs: 0,
    };
    let option = at + 16;
    while (option + 4 <= bodyEnd) {
      const code = u16(bytes, option);
      const length = u16(bytes, option + 2);
      if (code === OPTION_END || option + 4 + length > bodyEnd) break;
      if (code === OPTION_TIME_RESOLUTION && length >= 1) {
        const resolution = bytes[option + 4]!;
        const exponent = resolution & 0x7f;
        found.unitsPerUs = (resolution & 0x80 ? 2 ** exponent : 10 ** exponent) / 1e6;
      } else if (code === OPTION_TIME_OFFSET && length >= 8) {
        const low = u32(bytes, option + (little ? 4 : 8));
        const high = u32(bytes, option + (little ? 8 : 4)) | 0;
        found.offsetUs = (high * 4294967296 + low) * 1e6;
      }
      option += 4 + length + ((4 - (length % 4)) % 4);
    }
    return found;
  }

  function readFrame(
    frameLinkType: number,
    bytes: Uint8Array,
    at: number,
    captured: number,
    length: number,
  ): void {
    summary.packets++;
    packet.number = summary.packets;
    if (decodeFrame(frameLinkType, bytes, at, captured, length, packet)) {
      summary.tcpPackets++;
      visit(packet);
    }
  }

  function u16(bytes: Uint8Array, at: number): number {
    return little ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;
  }

  function u32(bytes: Uint8Array, at: number): number {
    return little
      ? (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
      : ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }

  return { push, end };
}

/** Decode a whole capture; see createPacketDecoder. */
export function decodePackets(
  chunks: Iterable<Uint8Array>,
  visit: (packet: TcpPacket) => void,
): DecodeSummary {
  const decoder = createPacketDecoder(visit);
  for (const chunk of chunks) decoder.push(chunk);
  return decoder.end();
}
