import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPacketDecoder, type DecodeSummary, decodePackets } from '../../src/pcap/decode-packets.ts';
import type { TcpPacket } from '../../src/pcap/tcp-packet.ts';
import { buildPcap, buildPcapng, buildPcapOfFrames, LINK, type TestSegment } from '../helpers/pcap-writer.ts';

interface Seen extends Omit<TcpPacket, 'bytes' | 'payloadStart'> {
  payload: string;
}

function decode(...chunks: Uint8Array[]): DecodeSummary & { seen: Seen[] } {
  const seen: Seen[] = [];
  const summary = decodePackets(chunks, (packet) => {
    const { bytes, payloadStart, ...rest } = packet;
    const payload = Buffer.from(bytes.subarray(payloadStart, payloadStart + packet.payloadCaptured));
    seen.push({ ...rest, payload: payload.toString('latin1') });
  });
  return { ...summary, seen };
}

const V4 = { from: { address: '10.1.2.3', port: 40001 }, to: { address: '200.4.5.6', port: 8080 } };
const V6 = { from: { address: 'fe80::1:2', port: 40001 }, to: { address: '2001:db8::9', port: 8080 } };
const SEGMENT: TestSegment = {
  ...V4,
  timeUs: 1_700_000_000_123_456,
  seq: 0xfffffff0,
  flags: 'PA',
  window: 77,
  payload: 'hello',
};

describe('link types and IP', () => {
  test.each(
    Object.entries(LINK).flatMap(([name, linkType]) => [
      { name: `${name}, IPv4`, linkType, ends: V4 },
      { name: `${name}, IPv6`, linkType, ends: V6 },
    ]),
  )('a segment is read from $name', ({ linkType, ends }) => {
    const { seen, packets, tcpPackets, truncated } = decode(
      buildPcap([{ ...SEGMENT, ...ends }], { linkType }),
    );
    expect({ packets, tcpPackets, truncated }).toEqual({ packets: 1, tcpPackets: 1, truncated: false });
    expect(seen[0]).toMatchObject({
      number: 1,
      timeUs: SEGMENT.timeUs,
      sourcePort: 40001,
      destinationPort: 8080,
      seq: -16,
      flags: 0x18,
      window: 77,
      payload: 'hello',
      payloadLength: 5,
    });
  });

  test('IPv4 addresses are mapped into the last word', () => {
    const { seen } = decode(buildPcap([SEGMENT]));
    expect(seen[0]).toMatchObject({ source0: 0, source1: 0, source2: 0xffff, source3: 0x0a010203 });
    expect(seen[0]!.destination3 >>> 0).toBe(0xc8040506);
  });

  test('IPv6 addresses keep all four words', () => {
    const { seen } = decode(buildPcap([{ ...SEGMENT, ...V6 }]));
    expect(seen[0]!.source0 >>> 0).toBe(0xfe800000);
    expect(seen[0]).toMatchObject({ source3: 0x00010002, destination0: 0x20010db8, destination3: 9 });
  });

  test.each([
    ['Ethernet', LINK.ethernet],
    ['Linux cooked', LINK.linuxSll],
    ['Linux cooked, version 2', LINK.linuxSll2],
  ])('VLAN tags of either kind are skipped on %s', (_name, linkType) => {
    for (const vlanType of [0x8100, 0x88a8]) {
      for (const address of [{}, V6]) {
        const tagged = [[7], [7, 8]].map((vlans) => ({ ...SEGMENT, ...address, vlans, vlanType }));
        const { seen } = decode(buildPcap(tagged, { linkType }));
        expect(seen.map(({ payload }) => payload)).toEqual(['hello', 'hello']);
      }
    }
  });

  test('IPv6 extension headers are skipped: hop-by-hop, routing, first fragment, authentication', () => {
    const extensions = [
      { protocol: 0, body: Buffer.alloc(8) },
      { protocol: 43, body: Buffer.from([0, 1, ...new Array(14).fill(0)]) },
      { protocol: 44, body: Buffer.alloc(8) },
      { protocol: 51, body: Buffer.from([0, 4, ...new Array(22).fill(0)]) },
    ];
    expect(decode(buildPcap([{ ...SEGMENT, ...V6, extensions }])).seen[0]!.payload).toBe('hello');
  });

  test('a later IP fragment is no segment', () => {
    const file = buildPcap([{ ...SEGMENT, fragmentOffset: 100 }, SEGMENT]);
    expect(decode(file)).toMatchObject({ packets: 2, tcpPackets: 1, seen: [{ number: 2 }] });
  });

  test('a length of 0 in the IP header means the frame tells the length', () => {
    const v4 = decode(buildPcap([{ ...SEGMENT, ipLengthField: 0 }])).seen[0]!;
    const v6 = decode(buildPcap([{ ...SEGMENT, ...V6, ipLengthField: 0 }])).seen[0]!;
    expect([v4.payloadLength, v6.payloadLength]).toEqual([5, 5]);
  });

  test('padding after the IP packet is no payload', () => {
    expect(decode(buildPcap([{ ...SEGMENT, payload: '', padding: 6 }])).seen[0]).toMatchObject({
      payloadLength: 0,
      payloadCaptured: 0,
    });
  });

  test('a short snapshot keeps the length on the wire', () => {
    const file = buildPcap([{ ...SEGMENT, payload: 'x'.repeat(500) }], { snapLength: 128 });
    expect(decode(file).seen[0]).toMatchObject({ payloadLength: 500, payloadCaptured: 62 });
  });

  test('a snapshot that ends inside the TCP header is no segment', () => {
    expect(decode(buildPcap([SEGMENT], { snapLength: 50 }))).toMatchObject({ packets: 1, tcpPackets: 0 });
  });

  test('frames that are not TCP are counted and passed over', () => {
    const arp = Buffer.alloc(60);
    arp.writeUInt16BE(0x0806, 12);
    expect(decode(buildPcapOfFrames([{ timeUs: 1, frame: arp }]))).toMatchObject({
      packets: 1,
      tcpPackets: 0,
      truncated: false,
    });
  });
});

describe('file formats', () => {
  const second = { ...SEGMENT, timeUs: SEGMENT.timeUs + 2_000_001, payload: 'again' };
  test.each([
    { name: 'pcap, little-endian, us', file: buildPcap([SEGMENT, second]) },
    { name: 'pcap, big-endian, us', file: buildPcap([SEGMENT, second], { bigEndian: true }) },
    { name: 'pcap, little-endian, ns', file: buildPcap([SEGMENT, second], { nanoseconds: true }) },
    {
      name: 'pcap, big-endian, ns',
      file: buildPcap([SEGMENT, second], { bigEndian: true, nanoseconds: true }),
    },
    { name: 'pcapng, default resolution', file: buildPcapng([SEGMENT, second]) },
    { name: 'pcapng, big-endian', file: buildPcapng([SEGMENT, second], { bigEndian: true }) },
    { name: 'pcapng, ns', file: buildPcapng([SEGMENT, second], { resolution: 9 }) },
    { name: 'pcapng, 2^-30 s', file: buildPcapng([SEGMENT, second], { resolution: 0x80 | 30 }) },
    { name: 'pcapng with a time offset', file: buildPcapng([SEGMENT, second], { offsetSeconds: 1000 }) },
    {
      name: 'pcapng, big-endian, time offset',
      file: buildPcapng([SEGMENT, second], { offsetSeconds: 1000, bigEndian: true }),
    },
  ])('$name gives the same packets and times', ({ file }) => {
    const { seen, truncated } = decode(file);
    expect(truncated).toBe(false);
    expect(seen.map(({ payload, number }) => [number, payload])).toEqual([
      [1, 'hello'],
      [2, 'again'],
    ]);
    expect(Math.abs(seen[0]!.timeUs - SEGMENT.timeUs)).toBeLessThan(0.6);
    expect(Math.abs(seen[1]!.timeUs - second.timeUs)).toBeLessThan(0.6);
  });

  test('simple packet blocks have no time and respect the snapshot length', () => {
    const file = buildPcapng([{ ...SEGMENT, payload: 'x'.repeat(99) }], { simple: true, snapLength: 128 });
    expect(decode(file).seen[0]).toMatchObject({
      timeUs: Number.NaN,
      payloadLength: 99,
      payloadCaptured: 62,
    });
  });

  test('sections of either byte order follow each other', () => {
    const { seen } = decode(buildPcapng([SEGMENT]), buildPcapng([SEGMENT], { bigEndian: true }));
    expect(seen.map(({ number }) => number)).toEqual([1, 2]);
  });
});

describe('damaged files', () => {
  const good = buildPcap([SEGMENT, SEGMENT, SEGMENT]);

  test.each([
    { name: 'an empty file', file: Buffer.alloc(0), problem: 'the file is empty' },
    { name: 'half a header', file: good.subarray(0, 11), problem: 'the file ends inside its header' },
    {
      name: 'text',
      file: Buffer.from('tcpdump: lo: no such device, and more text'),
      problem: 'the file is neither pcap nor pcapng',
    },
    {
      name: 'an unknown link type',
      file: buildPcap([], { linkType: 147 }),
      problem: 'link type 147 is not supported',
    },
  ])('$name is truncated and says why', ({ file, problem }) => {
    expect(decode(file)).toEqual({ packets: 0, tcpPackets: 0, truncated: true, problem, seen: [] });
  });

  test('a file cut inside a record keeps what came before', () => {
    expect(decode(good.subarray(0, good.length - 3))).toMatchObject({ packets: 2, truncated: true });
  });

  test('a header without packets is a whole capture', () => {
    expect(decode(buildPcap([]))).toMatchObject({ packets: 0, truncated: false });
  });

  test('an absurd record length ends decoding instead of waiting for gigabytes', () => {
    const broken = Buffer.from(good);
    const secondRecord = 24 + (good.length - 24) / 3;
    broken.writeUInt32LE(0xfffffff0, secondRecord + 8);
    expect(decode(broken)).toMatchObject({
      packets: 1,
      truncated: true,
      problem: 'record 2 claims 4294967280 bytes',
    });
  });

  test('a pcapng block of length 0 does not hang', () => {
    const file = buildPcapng([SEGMENT]);
    const broken = Buffer.concat([file, Buffer.alloc(64)]);
    expect(decode(broken)).toMatchObject({ packets: 1, truncated: true });
  });

  test('bytes at random never throw, in one piece or in many', () => {
    const magics = [[0xd4, 0xc3, 0xb2, 0xa1], [0xa1, 0xb2, 0x3c, 0x4d], [0x0a, 0x0d, 0x0d, 0x0a], []];
    fc.assert(
      fc.property(
        fc.constantFrom(...magics),
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }),
        (magic, chunks) => {
          const summary = decode(Uint8Array.from(magic), ...chunks);
          return summary.tcpPackets <= summary.packets;
        },
      ),
    );
  });

  test('a valid file with bytes overwritten, cut or doubled never throws', () => {
    const files = [
      buildPcap([SEGMENT, { ...SEGMENT, ...V6, extensions: [{ protocol: 0, body: Buffer.alloc(8) }] }]),
      buildPcapng([SEGMENT, { ...SEGMENT, vlans: [1] }], { resolution: 9 }),
      buildPcap([SEGMENT, SEGMENT], { linkType: LINK.linuxSll2, bigEndian: true }),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 12 }),
        fc.nat(),
        (file, writes, cut) => {
          const broken = Buffer.from(file);
          for (const [at, value] of writes) broken[at % broken.length] = value;
          const summary = decode(broken, broken.subarray(0, cut % broken.length));
          for (const packet of summary.seen) {
            if (packet.payloadCaptured > packet.payloadLength || packet.payloadCaptured < 0) return false;
            if (packet.payload.length !== packet.payloadCaptured) return false;
          }
          return true;
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('the result does not depend on where the file is split', () => {
  const segments = ['a', 'bb', 'c'.repeat(5000)].map((payload) => ({ ...SEGMENT, payload }));
  const files = [buildPcap(segments), buildPcapng(segments, { resolution: 9 })];
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      fc.array(fc.nat({ max: 6000 }), { maxLength: 12 }),
      (file, cuts) => {
        const at = [0, ...cuts.map((cut) => cut % file.length).sort((a, b) => a - b), file.length];
        const chunks = at.slice(1).map((end, index) => file.subarray(at[index], end));
        expect(decode(...chunks)).toEqual(decode(file));
      },
    ),
  );
});

test('one byte at a time gives the same packets', () => {
  const file = buildPcapng([SEGMENT, SEGMENT]);
  const bytes = Array.from(file, (byte) => Uint8Array.of(byte));
  expect(decode(...bytes)).toEqual(decode(file));
});

test('the visitor gets the same object for every packet', () => {
  const seen = new Set<TcpPacket>();
  const decoder = createPacketDecoder((packet) => seen.add(packet));
  decoder.push(buildPcap([SEGMENT, SEGMENT]));
  expect([decoder.end().tcpPackets, seen.size]).toEqual([2, 1]);
});
