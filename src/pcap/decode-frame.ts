import type { TcpPacket } from './tcp-packet.ts';

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const PROTOCOL_TCP = 6;
const NOT_IP = -1;

/** Link types this decoder reads, by their registered numbers. */
export const LINK_TYPES: ReadonlySet<number> = new Set([0, 1, 12, 14, 101, 108, 113, 228, 229, 276]);

/**
 * Read one captured frame down to its TCP header into `packet`. False when it is not a TCP segment, is a later
 * IP fragment, or was cut before the end of the fixed TCP header. Never throws; never reads outside
 * `start`..`start + captured`.
 *
 * @param captured bytes of the frame that are in the file
 * @param length bytes the frame had on the wire
 */
export function decodeFrame(
  linkType: number,
  bytes: Uint8Array,
  start: number,
  captured: number,
  length: number,
  packet: TcpPacket,
): boolean {
  const end = start + captured;
  const ip = findIp(linkType, bytes, start, end);
  if (ip === NOT_IP || ip >= end) return false;
  const version = bytes[ip]! >> 4;
  const wireEnd = start + Math.max(length, captured);
  if (version === 4) return decodeIpv4(bytes, ip, end, wireEnd, packet);
  if (version === 6) return decodeIpv6(bytes, ip, end, wireEnd, packet);
  return false;
}

/** Offset of the IP header, or NOT_IP. */
function findIp(linkType: number, bytes: Uint8Array, start: number, end: number): number {
  switch (linkType) {
    case 1:
      return end - start < 14 ? NOT_IP : skipVlanTags(u16(bytes, start + 12), bytes, start + 14, end);
    case 0:
    case 108:
      // Four bytes of address family in the byte order of whoever captured; the IP version says the rest.
      return start + 4;
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return start;
    case 113:
      return end - start < 16 ? NOT_IP : skipVlanTags(u16(bytes, start + 14), bytes, start + 16, end);
    case 276:
      // Its protocol stands in front of the header's other fields, what follows a tag behind them.
      return end - start < 20 ? NOT_IP : skipVlanTags(u16(bytes, start), bytes, start + 20, end);
    default:
      return NOT_IP;
  }
}

/** From what an EtherType announces at `offset`, over any number of 802.1Q and 802.1ad tags, to the IP header. */
function skipVlanTags(etherType: number, bytes: Uint8Array, offset: number, end: number): number {
  let type = etherType;
  let at = offset;
  while (type === 0x8100 || type === 0x88a8 || type === 0x9100) {
    if (at + 4 > end) return NOT_IP;
    type = u16(bytes, at + 2);
    at += 4;
  }
  return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6 ? at : NOT_IP;
}

function decodeIpv4(bytes: Uint8Array, ip: number, end: number, wireEnd: number, packet: TcpPacket): boolean {
  if (ip + 20 > end) return false;
  const headerLength = (bytes[ip]! & 15) * 4;
  if (headerLength < 20 || bytes[ip + 9] !== PROTOCOL_TCP) return false;
  // A later fragment has no TCP header.
  if ((u16(bytes, ip + 6) & 0x1fff) !== 0) return false;
  const totalLength = u16(bytes, ip + 2);
  // Segmentation offload leaves 0 where the length does not fit: then the frame's own length is the truth.
  const ipEnd = totalLength === 0 ? wireEnd : ip + totalLength;
  packet.source0 = 0;
  packet.source1 = 0;
  packet.source2 = 0xffff;
  packet.source3 = i32(bytes, ip + 12);
  packet.destination0 = 0;
  packet.destination1 = 0;
  packet.destination2 = 0xffff;
  packet.destination3 = i32(bytes, ip + 16);
  return decodeTcp(bytes, ip + headerLength, end, ipEnd, packet);
}

function decodeIpv6(bytes: Uint8Array, ip: number, end: number, wireEnd: number, packet: TcpPacket): boolean {
  if (ip + 40 > end) return false;
  const payloadLength = u16(bytes, ip + 4);
  // 0 is a jumbogram (BIG TCP).
  const ipEnd = payloadLength === 0 ? wireEnd : ip + 40 + payloadLength;
  let next = bytes[ip + 6]!;
  let at = ip + 40;
  while (next !== PROTOCOL_TCP) {
    if (at + 8 > end) return false;
    switch (next) {
      case 0: // hop-by-hop
      case 43: // routing
      case 60: // destination options
      case 135: // mobility
        next = bytes[at]!;
        at += (bytes[at + 1]! + 1) * 8;
        break;
      case 51: // authentication header: its length counts 4-byte words less two
        next = bytes[at]!;
        at += (bytes[at + 1]! + 2) * 4;
        break;
      case 44: // fragment: only the first one has the TCP header
        if ((u16(bytes, at + 2) & 0xfff8) !== 0) return false;
        next = bytes[at]!;
        at += 8;
        break;
      default:
        return false;
    }
  }
  packet.source0 = i32(bytes, ip + 8);
  packet.source1 = i32(bytes, ip + 12);
  packet.source2 = i32(bytes, ip + 16);
  packet.source3 = i32(bytes, ip + 20);
  packet.destination0 = i32(bytes, ip + 24);
  packet.destination1 = i32(bytes, ip + 28);
  packet.destination2 = i32(bytes, ip + 32);
  packet.destination3 = i32(bytes, ip + 36);
  return decodeTcp(bytes, at, end, ipEnd, packet);
}

function decodeTcp(bytes: Uint8Array, tcp: number, end: number, ipEnd: number, packet: TcpPacket): boolean {
  if (tcp + 20 > end) return false;
  const headerLength = (bytes[tcp + 12]! >> 4) * 4;
  const payloadStart = tcp + headerLength;
  if (headerLength < 20 || payloadStart > ipEnd) return false;
  packet.sourcePort = u16(bytes, tcp);
  packet.destinationPort = u16(bytes, tcp + 2);
  packet.seq = i32(bytes, tcp + 4);
  packet.flags = bytes[tcp + 13]!;
  packet.window = u16(bytes, tcp + 14);
  packet.payloadLength = ipEnd - payloadStart;
  // Ethernet pads short frames, so the captured part is bounded by the IP length as well.
  packet.payloadCaptured = Math.max(0, Math.min(packet.payloadLength, end - payloadStart));
  packet.payloadStart = payloadStart;
  packet.bytes = bytes;
  return true;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
