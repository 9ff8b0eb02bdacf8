import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { decodePackets } from '../../src/pcap/decode-packets.ts';
import { firstRequestBytes } from '../../src/pcap/read-wire-evidence.ts';
import { createFlowFold } from '../../src/pcap/tcp-flows.ts';
import { buildPcapng, createConversation, type TestSegment } from '../helpers/pcap-writer.ts';

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

/** What both say about one connection, in the order of their SYNs. */
interface Connection {
  clientPort: number;
  synAgain: number;
  retransmissions: number;
  firstFin: 'client' | 'server' | 'none';
  firstRst: 'client' | 'server' | 'none';
  refused: boolean;
}

interface Reading {
  connections: Connection[];
  firstRequest: string;
}

function readOurs(bytes: Buffer, port: number): Reading {
  const flows: (Connection & { firstPacket: number })[] = [];
  const fold = createFlowFold(port, {
    onFlow({ clientPort, synRetransmissions, retransmissions, firstFin, firstRst, refused, firstPacket }) {
      const synAgain = synRetransmissions;
      flows.push({ clientPort, synAgain, retransmissions, firstFin, firstRst, refused, firstPacket });
    },
  });
  decodePackets([bytes], fold.visit);
  fold.end();
  flows.sort((a, b) => a.firstPacket - b.firstPacket);
  return {
    connections: flows.map(({ firstPacket: _, ...connection }) => connection),
    firstRequest: firstRequestBytes([bytes], port)?.toString('hex') ?? '',
  };
}

const FIELDS = [
  'tcp.stream',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.flags',
  'tcp.len',
  'tcp.payload',
  'tcp.analysis.retransmission',
  'tcp.analysis.keep_alive',
];

function readTsharks(file: string, port: number): Reading {
  const fields = FIELDS.flatMap((field) => ['-e', field]);
  // Bytes of a request as they were sent: without the dissector of HTTP no payload is taken for something else.
  const argv = [
    '-n',
    '-r',
    file,
    '-d',
    `tcp.port==${port},data`,
    '-T',
    'fields',
    '-E',
    'separator=|',
    ...fields,
  ];
  const { stdout, stderr, status } = spawnSync('tshark', argv, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`tshark: ${stderr}`);
  const streams = new Map<string, Connection & { accepted: boolean; established: boolean }>();
  let asking: string | undefined;
  let firstRequest = '';
  for (const line of stdout.trimEnd().split('\n')) {
    const [stream = '', source, destination, flagText, lengthText, payload = '', again, keepAlive] =
      line.split('|');
    const flags = Number(flagText);
    const side = Number(destination) === port ? 'client' : 'server';
    const clientPort = Number(side === 'client' ? source : destination);
    let connection = streams.get(stream);
    if (!connection) {
      if (side === 'server' || (flags & (SYN | ACK)) !== SYN) continue;
      connection = {
        clientPort,
        synAgain: 0,
        retransmissions: 0,
        firstFin: 'none',
        firstRst: 'none',
        refused: false,
        accepted: false,
        established: false,
      };
      streams.set(stream, connection);
    }
    if (again !== '' && flags & SYN && side === 'client') connection.synAgain++;
    if (again !== '' && Number(lengthText) > 0 && keepAlive === '') connection.retransmissions++;
    if (flags & RST) {
      if (side === 'server' && !connection.accepted && !connection.established) connection.refused = true;
      else if (connection.firstRst === 'none') connection.firstRst = side;
      continue;
    }
    if (flags & SYN && side === 'server') connection.accepted = true;
    if (flags & ACK && side === 'client') connection.established = true;
    if (flags & FIN && connection.firstFin === 'none' && connection.firstRst === 'none') {
      connection.firstFin = side;
    }
    if (payload === '') continue;
    if (side === 'client' && asking === undefined) asking = stream;
    if (stream !== asking || again !== '') continue;
    if (side === 'client') firstRequest += payload;
    else asking = 'answered';
  }
  const connections = [...streams.values()].map(({ accepted: _, established: __, ...rest }) => rest);
  return { connections, firstRequest };
}

/** Repeated SYNs, repeated data on both sides, a request in two segments, both orders of FIN, RSTs of both sides. */
function makeTroubled(): Buffer {
  const at = (clientPort: number, startMs: number) =>
    createConversation({
      clientPort,
      port: 8080,
      isn: 1000 * clientPort,
      address: '192.168.7.9',
      startUs: 1_700_000_000_000_000 + startMs * 1000,
    });
  const lossy = at(40001, 0).syn().wait(1_000_000);
  lossy.raw('client', 'S').wait(1000).accept().wait(20).ack().wait(50);
  lossy.client('GET /a HTTP/1.1\r\n').wait(30).client('Host: b\r\n\r\n').wait(300_000);
  lossy.raw('client', 'PA', { seq: (lossy.clientSeq() - 11) >>> 0, payload: 'Host: b\r\n\r\n' }).wait(1000);
  lossy
    .raw('server', 'A')
    .wait(10)
    .server('HTTP/1.1 200 OK\r\n\r\n')
    .wait(40)
    .server('data: 1\n\n')
    .wait(400_000);
  lossy
    .raw('server', 'PA', { seq: (lossy.serverSeq() - 9) >>> 0, payload: 'data: 1\n\n' })
    .wait(100)
    .ack();
  lossy.wait(1000).fin('server').wait(20).fin('client').wait(20).raw('server', 'A');
  const refused = at(40002, 5).syn().wait(30).refuse();
  const resetByServer = at(40003, 10)
    .open()
    .wait(30)
    .client('GET /c HTTP/1.1\r\n\r\n')
    .wait(90)
    .rst('server');
  const resetByClient = at(40004, 20).open().wait(30).client('GET /d HTTP/1.1\r\n\r\n').wait(90);
  resetByClient.raw('server', 'A').wait(9).server('HTTP/1.1 200 OK\r\n\r\n').wait(40).rst('client');
  const closed = at(40005, 30).open().wait(30).fin('client').wait(20).fin('server').wait(20).ack();
  const segments: TestSegment[] = [lossy, refused, resetByServer, resetByClient, closed]
    .flatMap((conversation) => conversation.segments)
    .sort((a, b) => a.timeUs - b.timeUs);
  return buildPcapng(segments);
}

const dir = mkdtempSync(join(tmpdir(), 'ssee-oracle-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const stored = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures/pcaps', name));

describe('tshark and we agree on connections, repeats, resets, who ends first, and the first request', () => {
  test.each([
    { name: 'known-headers.pcap', bytes: () => stored('known-headers.pcap'), port: 45123, connections: 11 },
    { name: 'known-full.pcap', bytes: () => stored('known-full.pcap'), port: 45123, connections: 11 },
    { name: 'known-any-ns.pcap', bytes: () => stored('known-any-ns.pcap'), port: 45123, connections: 11 },
    { name: 'wrk-headers.pcap', bytes: () => stored('wrk-headers.pcap'), port: 45124, connections: 3 },
    { name: 'troubled.pcapng', bytes: makeTroubled, port: 8080, connections: 5 },
  ])('$name', ({ name, bytes, port, connections }) => {
    const file = join(dir, name);
    writeFileSync(file, bytes());
    const ours = readOurs(bytes(), port);
    expect(ours.connections).toHaveLength(connections);
    expect(ours).toEqual(readTsharks(file, port));
    expect(Buffer.from(ours.firstRequest, 'hex').toString()).toMatch(/^GET \/.*\r\n\r\n$/s);
  });

  test('the troubled one has trouble of every kind', () => {
    const { connections } = readOurs(makeTroubled(), 8080);
    const sum = (count: (connection: Connection) => number): number =>
      connections.reduce((total, connection) => total + count(connection), 0);
    expect(sum(({ synAgain }) => synAgain)).toBe(1);
    expect(sum(({ retransmissions }) => retransmissions)).toBe(2);
    expect(connections.map(({ firstFin }) => firstFin)).toEqual(['server', 'none', 'none', 'none', 'client']);
    expect(connections.map(({ firstRst }) => firstRst)).toEqual(['none', 'none', 'server', 'client', 'none']);
    expect(connections.map(({ refused }) => refused)).toEqual([false, true, false, false, false]);
  });
});
