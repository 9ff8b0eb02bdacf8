import { pathToFileURL } from 'node:url';
import { decodePackets } from '../src/pcap/decode-packets.ts';
import { createFlowFold } from '../src/pcap/tcp-flows.ts';
import { createWireSummary } from '../src/pcap/wire-evidence.ts';
import { readChunks } from '../src/run/read-chunks.ts';

// A program of its own, `read-capture FILE PORT`: its peak memory is that of reading this file and nothing else.

/** One reading of a capture, everything that a trial's evidence is made of. */
export interface CaptureReading {
  packets: number;
  requests: number;
  /** From opening the file to the finished evidence; the start of Node is not in it. */
  wallMs: number;
  /** Of the whole process. */
  peakRssBytes: number;
}

function readCapture(file: string, port: number): CaptureReading {
  const startedAt = performance.now();
  const summary = createWireSummary({
    ...{ state: 'done', file, filter: `tcp port ${port}`, snapLength: 0, port, isolated: true },
    ...{ packets: 0, receivedByFilter: 0, droppedByKernel: 0 },
  });
  const fold = createFlowFold(port, summary.sink);
  const decoded = decodePackets(readChunks(file), fold.visit);
  const { requests_sent: requests } = summary.finish(fold.end(), decoded);
  if (!requests.known) throw new Error(`${file} has no requests that can be read: ${requests.detail}`);
  return {
    packets: decoded.packets,
    requests: requests.value,
    wallMs: performance.now() - startedAt,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [file = '', port = ''] = process.argv.slice(2);
  process.stdout.write(`${JSON.stringify(readCapture(file, Number(port)))}\n`);
}
