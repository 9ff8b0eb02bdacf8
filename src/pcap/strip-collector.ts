import type { RawStrip, RawStripRow } from '../model/raw-strip.ts';
import type { StripEnd, StripMark } from '../model/report-data.ts';
import { responseState } from './scan-response.ts';
import type { FlowSink, TcpFlow } from './tcp-flow.ts';

/** Eight bytes each: some 16 MB at most, enough for 1000 streams of 30 events/s over a minute. */
const MAX_MARKS = 2_000_000;

/** Gathers the times of every connection while packets are folded into flows. */
export interface StripCollector {
  sink: Required<Pick<FlowSink, 'onResponseSegment' | 'onExchange' | 'onFlow'>>;
  finish(): RawStrip;
}

/** @param maxMarks events and other marks kept in all, over all connections */
export function createStripCollector(maxMarks = MAX_MARKS): StripCollector {
  /** By the frame number of the SYN, which no two connections share. */
  const rows = new Map<number, RawStripRow>();
  const segments = new Map<number, number[]>();
  /** Last byte of a connection's latest response, where its end was not captured. */
  const undecidedUs = new Map<number, number>();
  let kept = 0;
  let events = 0;
  let truncated = false;
  let firstUs = Number.NaN;
  let lastUs = Number.NaN;

  function rowOf(flow: TcpFlow): RawStripRow {
    let row = rows.get(flow.firstPacket);
    if (!row) {
      row = {
        label: `port ${flow.clientPort}`,
        packet: flow.firstPacket,
        dotsUs: [],
        marksUs: [],
        marks: [],
        ended: 'open',
      };
      rows.set(flow.firstPacket, row);
    }
    return row;
  }

  function see(timeUs: number): boolean {
    if (Number.isNaN(timeUs)) return false;
    if (!(timeUs >= firstUs)) firstUs = timeUs;
    if (!(timeUs <= lastUs)) lastUs = timeUs;
    if (kept >= maxMarks) {
      truncated = true;
      return false;
    }
    kept++;
    return true;
  }

  function mark(row: RawStripRow, timeUs: number, what: StripMark): void {
    if (!see(timeUs)) return;
    row.marksUs.push(timeUs);
    row.marks.push(what);
  }

  return {
    sink: {
      onResponseSegment(flow, timeUs, count, whole) {
        // A head, or the last chunk: nothing in it that could be an event.
        if (count === 0 && whole) return;
        if (!see(timeUs)) return;
        if (count > 0) {
          events += count;
          rowOf(flow).dotsUs.push(timeUs);
          return;
        }
        const others = segments.get(flow.firstPacket);
        if (others) others.push(timeUs);
        else segments.set(flow.firstPacket, [timeUs]);
      },
      onExchange(exchange, flow) {
        const row = rowOf(flow);
        // That the client asked again says as well that the response before was whole for it.
        const before = undecidedUs.get(flow.firstPacket);
        if (before !== undefined) mark(row, before, 'response-end');
        undecidedUs.delete(flow.firstPacket);
        mark(row, exchange.requestStartUs, 'request');
        mark(row, exchange.firstByteUs, 'first-byte');
        const state = responseState(exchange.response, flow.firstFin === 'server' ? 'close' : 'none');
        if (state === 'complete') mark(row, exchange.lastByteUs, 'response-end');
        else if (state === 'undecidable') undecidedUs.set(flow.firstPacket, exchange.lastByteUs);
      },
      onFlow(flow) {
        const row = rowOf(flow);
        mark(row, flow.synUs, 'connect');
        row.ended = endOf(flow);
        if (row.ended !== 'open') mark(row, endedUs(flow, row.ended), row.ended);
      },
    },
    finish() {
      const dotsAre = events === 0 && segments.size > 0 ? 'segments' : 'events';
      if (dotsAre === 'segments') {
        for (const [packet, times] of segments) rows.get(packet)?.dotsUs.push(...times);
      }
      return { firstUs, lastUs, rows: [...rows.values()], truncated, dotsAre };
    },
  };
}

function endOf(flow: TcpFlow): StripEnd {
  if (flow.refused) return 'refused';
  if (flow.resetBy !== 'none' && flow.firstFin === 'none') return `${flow.resetBy}-reset`;
  if (flow.firstFin !== 'none') return `${flow.firstFin}-fin`;
  return 'open';
}

/** A refusal has no time of its own in a flow; the SYN it answers is microseconds away. */
function endedUs(flow: TcpFlow, ended: Exclude<StripEnd, 'open'>): number {
  if (ended === 'refused') return flow.synUs;
  return ended.endsWith('reset') ? flow.resetUs : flow.closedUs;
}
