import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CAPTURE_PORT, makeCapture } from '../../perf/make-capture.ts';
import { wireEvidenceFromChunks } from '../../src/pcap/read-wire-evidence.ts';
import { plainReadings } from '../helpers/known-exchanges.ts';

const dir = mkdtempSync(join(tmpdir(), 'ssee-capture-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('a made capture is one of a hundred sound connections, of the size and the packets that it says', () => {
  const path = join(dir, 'made.pcap');
  const { packets, bytes } = makeCapture(path, 2e6);
  expect(statSync(path).size).toBe(bytes);
  expect(bytes).toBeGreaterThanOrEqual(2e6);
  const counts = { packets, receivedByFilter: 2 * packets, droppedByKernel: 0 };
  const evidence = wireEvidenceFromChunks([readFileSync(path)], {
    ...{
      state: 'done',
      file: path,
      filter: `tcp port ${CAPTURE_PORT}`,
      snapLength: 0,
      port: CAPTURE_PORT,
      isolated: true,
    },
    ...counts,
  });
  const rounds = Math.round((packets - 300) / (100 * 25));
  expect(plainReadings(evidence)).toMatchObject({
    captured_packets: packets,
    connections_opened: 100,
    requests_sent: 100 * rounds,
    retransmissions: 0,
    http_errors: 0,
    capture_complete: true,
  });
  expect(packets).toBe(300 + rounds * 100 * 25);
});
