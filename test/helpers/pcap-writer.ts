/** Builds capture files packet by packet, for tests of the decoder and of everything above it. */

export const LINK = { null: 0, ethernet: 1, raw: 101, linuxSll: 113, linuxSll2: 276 } as const;

export interface TestSegment {
  timeUs: number;
  from: { address: string; port: number };
  to: { address: string; port: number };
  seq: number;
  ack?: number;
  /** Letters of S, A, F, R, P. */
  flags: string;
  window?: number;
  payload?: Buffer | string;
  /** Ids of VLAN tags, outermost first. */
  vlans?: number[];
  /** EtherType of the tags. @default 0x8100, 802.1Q */
  vlanType?: number;
  /** IPv6 extension headers before TCP, each with its own protocol number. */
  extensions?: { protocol: number; body: Buffer }[];
  /** Overrides the IP length field: 0 is what segmentation offload leaves there. */
  ipLengthField?: number;
  /** Bytes after the IP packet, as Ethernet pads short frames. */
  padding?: number;
  /** IPv4 fragment offset in units of 8 bytes. */
  fragmentOffset?: number;
}

export interface CaptureOptions {
  linkType?: number;
  bigEndian?: boolean;
  nanoseconds?: boolean;
  /** Bytes kept of each frame. */
  snapLength?: number;
}

const FLAG_BITS: Record<string, number> = { F: 1, S: 2, R: 4, P: 8, A: 16 };

/** One frame of the given link type around a segment. */
function buildFrame(segment: TestSegment, linkType: number = LINK.ethernet): Buffer {
  const ipv6 = segment.from.address.includes(':');
  const ip = ipv6 ? buildIpv6(segment) : buildIpv4(segment);
  const type = ipv6 ? 0x86dd : 0x0800;
  const tags = Buffer.concat((segment.vlans ?? []).map((id) => u16be(segment.vlanType ?? 0x8100, id)));
  const link = buildLinkHeader(linkType, ipv6, Buffer.concat([tags, u16be(type)]));
  return Buffer.concat([link, ip, Buffer.alloc(segment.padding ?? 0)]);
}

function buildLinkHeader(linkType: number, ipv6: boolean, typeAndTags: Buffer): Buffer {
  switch (linkType) {
    case LINK.ethernet:
      return Buffer.concat([Buffer.alloc(12), typeAndTags]);
    case LINK.null: {
      const family = Buffer.alloc(4);
      family.writeUInt32LE(ipv6 ? 10 : 2);
      return family;
    }
    case LINK.linuxSll:
      return Buffer.concat([Buffer.alloc(14), typeAndTags]);
    case LINK.linuxSll2:
      return Buffer.concat([typeAndTags.subarray(0, 2), Buffer.alloc(18), typeAndTags.subarray(2)]);
    default:
      return Buffer.alloc(0);
  }
}

function buildIpv4(segment: TestSegment): Buffer {
  const tcp = buildTcp(segment);
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(segment.ipLengthField ?? 20 + tcp.length, 2);
  ip.writeUInt16BE(segment.fragmentOffset ?? 0, 6);
  ip[8] = 64;
  ip[9] = 6;
  ipv4Bytes(segment.from.address).copy(ip, 12);
  ipv4Bytes(segment.to.address).copy(ip, 16);
  return Buffer.concat([ip, tcp]);
}

function buildIpv6(segment: TestSegment): Buffer {
  const tcp = buildTcp(segment);
  const extensions = segment.extensions ?? [];
  const chain = extensions.map(({ body }, index) => {
    const copy = Buffer.from(body);
    copy[0] = extensions[index + 1]?.protocol ?? 6;
    return copy;
  });
  const payload = Buffer.concat([...chain, tcp]);
  const ip = Buffer.alloc(40);
  ip[0] = 0x60;
  ip.writeUInt16BE(segment.ipLengthField ?? payload.length, 4);
  ip[6] = extensions[0]?.protocol ?? 6;
  ip[7] = 64;
  ipv6Bytes(segment.from.address).copy(ip, 8);
  ipv6Bytes(segment.to.address).copy(ip, 24);
  return Buffer.concat([ip, payload]);
}

function buildTcp(segment: TestSegment): Buffer {
  // 12 bytes of options, as Linux sends with time stamps.
  const header = Buffer.alloc(32, 1);
  header.writeUInt16BE(segment.from.port, 0);
  header.writeUInt16BE(segment.to.port, 2);
  header.writeUInt32BE(segment.seq >>> 0, 4);
  header.writeUInt32BE((segment.ack ?? 0) >>> 0, 8);
  header[12] = 8 << 4;
  header[13] = [...segment.flags].reduce((bits, flag) => bits | FLAG_BITS[flag]!, 0);
  header.writeUInt16BE(segment.window ?? 512, 14);
  header.writeUInt32BE(0, 16);
  return Buffer.concat([header, Buffer.from(segment.payload ?? '')]);
}

/** A classic pcap file. */
export function buildPcap(segments: TestSegment[], options: CaptureOptions = {}): Buffer {
  const linkType = options.linkType ?? LINK.ethernet;
  const frames = segments.map((segment) => ({
    timeUs: segment.timeUs,
    frame: buildFrame(segment, linkType),
  }));
  return buildPcapOfFrames(frames, options);
}

/** A classic pcap file around frames of any kind. */
export function buildPcapOfFrames(
  frames: { timeUs: number; frame: Buffer }[],
  options: CaptureOptions = {},
): Buffer {
  const words = wordWriter(options.bigEndian ?? false);
  const snap = options.snapLength ?? 262144;
  const magic = options.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4;
  const header = Buffer.concat([
    words.u32(magic),
    words.u16(2, 4),
    words.u32(0, 0, snap, options.linkType ?? LINK.ethernet),
  ]);
  const records = frames.map(({ timeUs, frame }) => {
    const seconds = Math.floor(timeUs / 1e6);
    const fraction = Math.round((timeUs - seconds * 1e6) * (options.nanoseconds ? 1000 : 1));
    const kept = frame.subarray(0, snap);
    return Buffer.concat([words.u32(seconds, fraction, kept.length, frame.length), kept]);
  });
  return Buffer.concat([header, ...records]);
}

export interface PcapngOptions extends CaptureOptions {
  /** Value of the if_tsresol option; microseconds where absent. */
  resolution?: number;
  /** Value of the if_tsoffset option, seconds. */
  offsetSeconds?: number;
  /** Simple packet blocks, which have no time stamp. */
  simple?: boolean;
}

/** A pcapng file with one section and one interface. */
export function buildPcapng(segments: TestSegment[], options: PcapngOptions = {}): Buffer {
  const words = wordWriter(options.bigEndian ?? false);
  const linkType = options.linkType ?? LINK.ethernet;
  const snap = options.snapLength ?? 0;
  const resolution = options.resolution ?? 6;
  const unitsPerSecond = resolution & 0x80 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution);

  function block(type: number, body: Buffer): Buffer {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    const length = padded.length + 12;
    return Buffer.concat([words.u32(type, length), padded, words.u32(length)]);
  }

  const section = block(
    0x0a0d0d0a,
    Buffer.concat([words.u32(0x1a2b3c4d), words.u16(1, 0), words.u32(0xffffffff, 0xffffffff)]),
  );
  const interfaceOptions: Buffer[] = [];
  if (options.resolution !== undefined) {
    interfaceOptions.push(words.u16(9, 1), Buffer.from([options.resolution, 0, 0, 0]));
  }
  if (options.offsetSeconds !== undefined) {
    interfaceOptions.push(words.u16(14, 8), words.u64(BigInt(options.offsetSeconds)));
  }
  const description = block(
    1,
    Buffer.concat([words.u16(linkType, 0), words.u32(snap), ...interfaceOptions, words.u16(0, 0)]),
  );
  const packets = segments.map((segment) => {
    const frame = buildFrame(segment, linkType);
    const kept = snap === 0 ? frame : frame.subarray(0, snap);
    if (options.simple) return block(3, Buffer.concat([words.u32(frame.length), kept]));
    const sinceOffsetUs = segment.timeUs - (options.offsetSeconds ?? 0) * 1e6;
    const units = (BigInt(Math.round(sinceOffsetUs)) * unitsPerSecond) / 1_000_000n;
    const high = Number(units >> 32n);
    const low = Number(units & 0xffffffffn);
    return block(6, Buffer.concat([words.u32(0, high, low, kept.length, frame.length), kept]));
  });
  return Buffer.concat([section, description, ...packets]);
}

function wordWriter(bigEndian: boolean) {
  return {
    u16(...values: number[]): Buffer {
      const out = Buffer.alloc(values.length * 2);
      values.forEach((value, index) => {
        if (bigEndian) out.writeUInt16BE(value, index * 2);
        else out.writeUInt16LE(value, index * 2);
      });
      return out;
    },
    u32(...values: number[]): Buffer {
      const out = Buffer.alloc(values.length * 4);
      values.forEach((value, index) => {
        if (bigEndian) out.writeUInt32BE(value, index * 4);
        else out.writeUInt32LE(value, index * 4);
      });
      return out;
    },
    u64(value: bigint): Buffer {
      const out = Buffer.alloc(8);
      if (bigEndian) out.writeBigInt64BE(value);
      else out.writeBigInt64LE(value);
      return out;
    },
  };
}

function u16be(...values: number[]): Buffer {
  return wordWriter(true).u16(...values);
}

function ipv4Bytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

/** Takes addresses with at most one `::`. */
function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = new Array(8 - left.length - right.length).fill('0');
  return u16be(...[...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16)));
}

/** Plays both ends of TCP connections to one server port, so that tests can say what happens, not sequence numbers. */
export function createConversation(
  options: { port?: number; clientPort?: number; isn?: number; address?: string; startUs?: number } = {},
) {
  const server = { address: options.address ?? '127.0.0.1', port: options.port ?? 8080 };
  const client = { address: options.address ?? '127.0.0.1', port: options.clientPort ?? 40000 };
  const segments: TestSegment[] = [];
  let timeUs = options.startUs ?? 1_700_000_000_000_000;
  let clientSeq = options.isn ?? 1000;
  let serverSeq = (options.isn ?? 1000) + 500_000;

  function send(by: 'client' | 'server', flags: string, extra: Partial<TestSegment> = {}): void {
    const fromClient = by === 'client';
    segments.push({
      timeUs,
      from: fromClient ? client : server,
      to: fromClient ? server : client,
      seq: fromClient ? clientSeq : serverSeq,
      ack: fromClient ? serverSeq : clientSeq,
      flags,
      ...extra,
    });
  }

  const conversation = {
    segments,
    wait(us: number) {
      timeUs += us;
      return conversation;
    },
    /** A segment that moves no sequence number, e.g. a retransmission or a bare ACK. */
    raw(by: 'client' | 'server', flags: string, extra: Partial<TestSegment> = {}) {
      send(by, flags, extra);
      return conversation;
    },
    syn() {
      send('client', 'S');
      return conversation;
    },
    accept() {
      send('server', 'SA');
      clientSeq++;
      serverSeq++;
      return conversation;
    },
    refuse() {
      send('server', 'RA', { seq: 0, window: 0 });
      return conversation;
    },
    ack() {
      send('client', 'A');
      return conversation;
    },
    open() {
      return conversation.syn().wait(10).accept().wait(10).ack();
    },
    client(payload: string | Buffer) {
      send('client', 'PA', { payload });
      clientSeq += Buffer.byteLength(payload);
      return conversation;
    },
    server(payload: string | Buffer) {
      send('server', 'PA', { payload });
      serverSeq += Buffer.byteLength(payload);
      return conversation;
    },
    /** Sequence numbers go on as if these bytes had been sent, but no packet of them was captured. */
    lose(by: 'client' | 'server', bytes: number) {
      if (by === 'client') clientSeq += bytes;
      else serverSeq += bytes;
      return conversation;
    },
    fin(by: 'client' | 'server') {
      send(by, 'FA');
      if (by === 'client') clientSeq++;
      else serverSeq++;
      return conversation;
    },
    rst(by: 'client' | 'server') {
      send(by, 'R', { window: 0 });
      return conversation;
    },
    clientSeq: () => clientSeq,
    serverSeq: () => serverSeq,
  };
  return conversation;
}
