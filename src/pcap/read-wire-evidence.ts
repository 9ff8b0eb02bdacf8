import { unknown } from '../model/cell.ts';
import type { CaptureRecord, WireEvidence, WireTrace } from '../model/wire.ts';
import { decodePackets } from './decode-packets.ts';
import type { StripCollector } from './strip-collector.ts';
import type { FlowSink, ResponseLayout } from './tcp-flow.ts';
import { createFlowFold } from './tcp-flows.ts';
import { absentWireEvidence } from './wire/absent-evidence.ts';
import { createWireSummary } from './wire-evidence.ts';

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
  return readWireFromChunks(chunks, capture, layout, strip).evidence;
}

/** What a capture says: of the port that tools connect to and, behind a proxy, of the target's own. */
export interface WireReadings {
  evidence: WireEvidence;
  trace: WireTrace;
  upstream?: WireEvidence;
}

/** The same, with the single events behind the figures. */
export function readWireFromChunks(
  chunks: Iterable<Buffer>,
  capture: CaptureRecord,
  layout?: ResponseLayout,
  strip?: StripCollector,
): WireReadings {
  if (capture.state !== 'done') {
    return {
      evidence: absentWireEvidence(unknown('not-collected', capture.reason)),
      trace: { examples: {}, serverEnds: [], stalls: [], unfinished: [], unanswered: [] },
    };
  }
  const summary = createWireSummary(capture, layout);
  const fold = createFlowFold(
    capture.port,
    strip ? joinSinks(summary.sink, strip.sink) : summary.sink,
    layout,
  );
  const { upstreamPort } = capture;
  if (upstreamPort === undefined) {
    const decoded = decodePackets(chunks, fold.visit);
    return { evidence: summary.finish(fold.end(), decoded), trace: summary.trace };
  }
  const upstream = createWireSummary(capture, layout);
  const upstreamFold = createFlowFold(upstreamPort, upstream.sink, layout);
  // A packet belongs to one of the two ports; each fold passes over those of the other.
  const decoded = decodePackets(chunks, (packet) => {
    fold.visit(packet);
    upstreamFold.visit(packet);
  });
  return {
    evidence: summary.finish(fold.end(), decoded),
    trace: summary.trace,
    upstream: upstream.finish(upstreamFold.end(), decoded),
  };
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
