import { decodePackets } from './decode-packets.ts';
import type { Exchange, FlowSink, ResponseLayout } from './tcp-flow.ts';
import { createFlowFold } from './tcp-flows.ts';

/** Larger requests are not kept: the reading is meant to be read. */
const MAX_REQUEST_BYTES = 1024 * 1024;

/** The bytes of a capture's first request, as far as they were captured. */
export interface RequestCollector {
  onRequestBytes: NonNullable<FlowSink['onRequestBytes']>;
  onResponseStart: NonNullable<FlowSink['onResponseStart']>;
  /** The request in full, or one sentence why there is none. */
  result(): Buffer | string;
}

/** Collect the first request that begins in a capture. Give its members to the flow fold's sink. */
export function createRequestCollector(): RequestCollector {
  let first: Exchange | undefined;
  let closed = false;
  let incomplete: string | undefined;
  const parts: Buffer[] = [];
  let size = 0;

  return {
    onRequestBytes(exchange, packet, start, captured, gap) {
      if (closed || (first !== undefined && exchange !== first)) return;
      first = exchange;
      const missing = exchange.requestBytes - size - captured;
      if (gap > 0) incomplete = `${gap} bytes of the first request are missing from the capture`;
      else if (missing > 0) {
        incomplete = `the first request has ${exchange.requestBytes} bytes, of which ${size + captured} were captured`;
      } else if (exchange.requestBytes > MAX_REQUEST_BYTES) {
        incomplete = `the first request is longer than ${MAX_REQUEST_BYTES} bytes`;
      }
      if (incomplete !== undefined) return;
      parts.push(Buffer.from(packet.bytes.subarray(start, start + captured)));
      size += captured;
    },
    onResponseStart(exchange) {
      if (exchange === first) closed = true;
    },
    result() {
      if (first === undefined) return 'no request was captured';
      if (incomplete !== undefined) return incomplete;
      const bytes = Buffer.concat(parts);
      // Without an answer only the blank line proves that nothing was still to come.
      if (!closed && !bytes.includes('\r\n\r\n')) return 'the first request was never finished';
      return bytes;
    },
  };
}

/** What a full-payload probe shows about a tool's request and the target's response. */
export interface ProbeExchange {
  /** The first request in full; undefined when the capture does not hold it. */
  requestBytes?: Buffer;
  /** Of the first response in which an event begins, every byte up to it captured. */
  layout?: ResponseLayout;
}

/** Read a full-payload probe: exact request bytes, and where the response's head and first event lie. */
export function readProbeExchange(chunks: Iterable<Buffer>, port: number): ProbeExchange {
  const collector = createRequestCollector();
  const probe: ProbeExchange = {};
  const fold = createFlowFold(port, {
    onRequestBytes: collector.onRequestBytes,
    onResponseStart: collector.onResponseStart,
    onExchange({ response }) {
      if (probe.layout || response.firstEvent !== 'found' || Number.isNaN(response.headBytes)) return;
      if (Number.isNaN(response.status)) return;
      const { status, headBytes, firstEventAt } = response;
      probe.layout = { status, headBytes, firstEventAt };
    },
  });
  decodePackets(chunks, fold.visit);
  fold.end();
  const request = collector.result();
  if (typeof request !== 'string') probe.requestBytes = request;
  return probe;
}

/** The first request in a full-payload capture, byte for byte; undefined when it is not all there. */
export function firstRequestBytes(chunks: Iterable<Buffer>, port: number): Buffer | undefined {
  return readProbeExchange(chunks, port).requestBytes;
}
