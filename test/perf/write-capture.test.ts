import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCaptureWriter, FLAGS } from '../../perf/write-capture.ts';
import { decodePackets } from '../../src/pcap/decode-packets.ts';

const SNAP_BYTES = 128;
const STARTED_US = 1_767_225_600_000_000;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssee-write-capture-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a written capture is read back packet by packet, however many pieces it was written in', () => {
  const path = join(folder, 'capture.pcap');
  const capture = createCaptureWriter(path, { snapBytes: SNAP_BYTES, connections: 2, serverPort: 8080 });
  const none = Buffer.alloc(0);
  const long = Buffer.alloc(500, 'x');
  const events = 12_000;
  capture.put(STARTED_US, 1, true, FLAGS.syn, none);
  capture.put(STARTED_US + 1, 1, false, FLAGS.syn | FLAGS.ack, none);
  for (let event = 0; event < events; event++) {
    capture.put(STARTED_US + 1_000_000 + event, 1, false, FLAGS.push | FLAGS.ack, long);
  }
  const size = capture.size();
  const { packets, bytes } = capture.close();
  const file = readFileSync(path);
  const seen: { timeUs: number; port: number; sequence: number; payload: number }[] = [];
  const summary = decodePackets([file], ({ timeUs, sourcePort, seq, payloadLength }) => {
    seen.push({ timeUs, port: sourcePort, sequence: seq >>> 0, payload: payloadLength });
  });
  expect(summary).toEqual({ packets, tcpPackets: packets, truncated: false });
  expect([packets, bytes, size]).toEqual([events + 2, file.length, file.length]);
  // Frames are cut, what they say of their length is not.
  expect(seen[0]).toEqual({ timeUs: STARTED_US, port: 20_001, sequence: 1000, payload: 0 });
  expect(seen[2]).toEqual({ timeUs: STARTED_US + 1_000_000, port: 8080, sequence: 5001, payload: 500 });
  expect(seen.at(-1)).toEqual({
    timeUs: STARTED_US + 1_000_000 + events - 1,
    port: 8080,
    sequence: 5001 + (events - 1) * 500,
    payload: 500,
  });
});
