import { unknown } from '../model/cell.ts';
import type { CaptureRecord, WireEvidence } from '../model/wire.ts';
import { decodePackets } from './decode-packets.ts';
import type { StripCollector } from './strip-collector.ts';
import { createFlowFold, type FlowSink, type ResponseLayout } from './tcp-flows.ts';
import { absentWireEvidence, createWireSummary } from './wire-evidence.ts';

export { firstRequestBytes, readProbeExchange } from './first-exchange.ts';

/**
 * Wire evidence from a stored capture, read once in pieces of any size and in bounded memory. Never throws:
 * a capture that was off or failed, and a file that is no capture, give readings that say so.
 *
 * @param layout of the trial's full-payload probe (`readProbeExchange`): places first events that a capture
 *   of headers cannot show
 * @param strip collects every connection's times in the same pass
 */
export function wireEvidenceFromChunks(
  chunks: Iterable<Buffer>,
  capture: CaptureRecord,
  layout?: ResponseLayout,
  strip?: StripCollector,
): WireEvidence {
  if (capture.state !== 'done') return absentWireEvidence(unknown('not-collected', capture.reason));
  const summary = createWireSummary(capture, layout);
  const fold = createFlowFold(
    capture.port,
    strip ? joinSinks(summary.sink, strip.sink) : summary.sink,
    layout,
  );
  const decoded = decodePackets(chunks, fold.visit);
  return summary.finish(fold.end(), decoded);
}

function joinSinks(first: FlowSink, second: FlowSink): FlowSink {
  return {
    ...first,
    onResponseSegment(flow, timeUs, events, whole) {
      second.onResponseSegment?.(flow, timeUs, events, whole);
    },
    onExchange(exchange, flow) {
      first.onExchange?.(exchange, flow);
      second.onExchange?.(exchange, flow);
    },
    onFlow(flow) {
      first.onFlow?.(flow);
      second.onFlow?.(flow);
    },
  };
}
