import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DoneCapture } from '../../src/model/wire.ts';
import { readProbeExchange, wireEvidenceFromChunks } from '../../src/pcap/read-wire-evidence.ts';
import { KNOWN_COUNTS, KNOWN_REQUEST, plainReadings } from '../helpers/known-exchanges.ts';

function stored(file: string, port: number, packets: number): { bytes: Buffer; capture: DoneCapture } {
  const bytes = readFileSync(join(import.meta.dirname, '../fixtures/pcaps', file));
  const counts = { packets, receivedByFilter: 2 * packets, droppedByKernel: 0 };
  const filter = `tcp port ${port}`;
  return { bytes, capture: { state: 'done', file, filter, snapLength: 0, port, ...counts, isolated: true } };
}

describe('captures by tcpdump 4.99.3 of the known exchanges', () => {
  test.each(['known-headers.pcap', 'known-full.pcap', 'known-any-ns.pcap'])(
    '%s gives what was done',
    (file) => {
      const { bytes, capture } = stored(file, 45123, 175);
      expect(plainReadings(wireEvidenceFromChunks([bytes], capture))).toMatchObject({
        ...KNOWN_COUNTS,
        capture_complete: true,
      });
    },
  );

  test('the layout of the full capture makes the first events of the short one known', () => {
    const { bytes: full } = stored('known-full.pcap', 45123, 175);
    const { bytes, capture } = stored('known-headers.pcap', 45123, 175);
    const { layout, requestBytes } = readProbeExchange([full], 45123);
    expect(requestBytes?.toString()).toBe(KNOWN_REQUEST);
    const evidence = wireEvidenceFromChunks([bytes], capture, layout);
    const without = wireEvidenceFromChunks([bytes], capture);
    expect(without.wire_ttfe_us_p50).toMatchObject({ known: false, why: 'not-observable' });
    expect(evidence.wire_ttfe_us_p50).toMatchObject({ known: true });
    // The server pauses 15 ms between head and event: the file says how long it really was.
    expect(plainReadings(evidence).wire_ttfe_us_p50).toBeGreaterThan(15_000);
    expect(plainReadings(evidence).wire_ttfb_us_p50).toBeLessThan(15_000);
  });
});

test('a capture of `wrk -t1 -c2 -d1s` (4.1.0) shows its connect test and its exact request', () => {
  const { bytes, capture } = stored('wrk-headers.pcap', 45124, 188);
  const evidence = plainReadings(wireEvidenceFromChunks([bytes], capture));
  expect(evidence).toMatchObject({
    connections_opened: 3,
    probe_connections: 1,
    requests_sent: 34,
    requests_per_connection: 17,
    first_fin_by_client: 3,
    server_closed_mid_response: 0,
  });
  expect(Buffer.from(String(evidence.request_bytes), 'base64').toString()).toBe(
    'GET /events HTTP/1.1\r\nHost: 127.0.0.1:45124\r\n\r\n',
  );
});
