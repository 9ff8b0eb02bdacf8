/** TCP header flag bits. */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const ACK = 0x10;

/**
 * One TCP segment as captured. The decoder fills the same object again for every packet: a visitor copies
 * what it wants to keep. Addresses are four signed 32-bit words, IPv4 as `::ffff:a.b.c.d`; sequence numbers
 * are signed 32-bit too, so that `(a - b) | 0` orders them across the wrap.
 */
export interface TcpPacket {
  /** 1-based position in the file: Wireshark's frame number. */
  number: number;
  /** Microseconds since the epoch, with fraction; NaN where the format stores no time (simple packet blocks). */
  timeUs: number;
  source0: number;
  source1: number;
  source2: number;
  source3: number;
  destination0: number;
  destination1: number;
  destination2: number;
  destination3: number;
  sourcePort: number;
  destinationPort: number;
  seq: number;
  flags: number;
  /** Window field as sent, not scaled. */
  window: number;
  /** Payload bytes the segment had on the wire. */
  payloadLength: number;
  /** Where the payload starts in `bytes`. */
  payloadStart: number;
  /** Payload bytes that were captured: at most `payloadLength`. */
  payloadCaptured: number;
  /** The buffer the packet lies in, valid during the visit only. */
  bytes: Uint8Array;
}

/** A packet object to decode into. */
export function createTcpPacket(): TcpPacket {
  return {
    number: 0,
    timeUs: Number.NaN,
    source0: 0,
    source1: 0,
    source2: 0,
    source3: 0,
    destination0: 0,
    destination1: 0,
    destination2: 0,
    destination3: 0,
    sourcePort: 0,
    destinationPort: 0,
    seq: 0,
    flags: 0,
    window: 0,
    payloadLength: 0,
    payloadStart: 0,
    payloadCaptured: 0,
    bytes: new Uint8Array(0),
  };
}
