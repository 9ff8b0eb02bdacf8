import { unknown } from '../model/cell.ts';
import type { DoneCapture, WireEvidence, WireTrace } from '../model/wire.ts';
import { sawAllSegments } from './capture-filter.ts';
import type { DecodeSummary } from './decode-packets.ts';
import { createRequestCollector } from './first-exchange.ts';
import type { FlowSink, FlowTotals, ResponseLayout } from './tcp-flow.ts';
import { absentWireEvidence } from './wire/absent-evidence.ts';
import { addNotes, describeGaps, withCaptureFacts } from './wire/capture-facts.ts';
import { addExchange, addFlow, createTally } from './wire/flow-tally.ts';
import { readFlows } from './wire/read-flows.ts';
import { LONGEST_LIST, traceFlow, traceUnanswered, traceUnfinished } from './wire/trace-flows.ts';

/** Counts over all flows of one capture, filled through `sink` while packets are folded. */
export interface WireSummary {
  sink: FlowSink;
  trace: WireTrace;
  finish(totals: FlowTotals, decoded: DecodeSummary): WireEvidence;
}

/**
 * Turn flows into the published wire evidence. `layout` comes from a full-payload probe of the same tool and
 * target: with it the first event can be placed by its offset where the capture is too short to show it.
 */
export function createWireSummary(capture: DoneCapture, layout?: ResponseLayout): WireSummary {
  const collector = createRequestCollector();
  const tally = createTally();
  const trace: WireTrace = { examples: {}, serverEnds: [], stalls: [], unfinished: [], unanswered: [] };
  const sink: FlowSink = {
    onRequestBytes: collector.onRequestBytes,
    onResponseStart: collector.onResponseStart,
    onExchange: (exchange, flow) => addExchange(tally, trace, exchange, flow, layout),
    onFlow: (flow) => {
      addFlow(tally, flow);
      traceFlow(trace, flow);
    },
    onSynAgain(timeUs) {
      trace.synAgainUs ??= [];
      if (trace.synAgainUs.length < LONGEST_LIST) trace.synAgainUs.push(timeUs);
    },
    onGap: (us) => tally.gap.add(us),
    onStall(stall) {
      tally.stalls++;
      tally.longestStallUs = Math.max(tally.longestStallUs, stall.lengthUs);
      if (trace.stalls.length < LONGEST_LIST) trace.stalls.push(stall);
    },
  };
  return {
    sink,
    trace,
    finish(totals, decoded) {
      traceUnfinished(trace, tally.unfinished, totals.lastUs);
      traceUnanswered(trace, tally.pending, totals.lastUs);
      if (tally.clientZeroWindows > 0) {
        const { serverWaitUs, transferUs, clientTurnUs, unattributedUs } = tally;
        const wholeUs = serverWaitUs + transferUs + clientTurnUs + unattributedUs;
        trace.closedWindows = { closedUs: tally.closedWindowUs, wholeUs };
      }
      if (decoded.tcpPackets === 0 && decoded.problem !== undefined) {
        return withCaptureFacts(
          absentWireEvidence(unknown('not-collected', decoded.problem)),
          capture,
          decoded,
        );
      }
      if (decoded.tcpPackets === 0 && decoded.packets > 0) {
        const detail = 'no captured packet holds a whole TCP header';
        return withCaptureFacts(absentWireEvidence(unknown('not-observable', detail)), capture, decoded);
      }
      const evidence = readFlows(tally, totals, collector.result(), sawAllSegments(capture), layout);
      const partial = describeGaps(capture, decoded);
      if (partial !== undefined) addNotes(evidence, partial);
      return withCaptureFacts(evidence, capture, decoded);
    },
  };
}
