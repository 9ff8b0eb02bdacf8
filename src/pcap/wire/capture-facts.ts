import { known, type Reading, unknown } from '../../model/cell.ts';
import type { DoneCapture, WireEvidence } from '../../model/wire.ts';
import type { DecodeSummary } from '../decode-packets.ts';
import type { FlowReadings } from './reading.ts';

/** What is known to be missing from the capture, or undefined. */
export function describeGaps(capture: DoneCapture, decoded: DecodeSummary): string | undefined {
  if (capture.droppedByKernel > 0) return `partial: the kernel dropped ${capture.droppedByKernel} packets`;
  if (decoded.problem !== undefined) return `partial: ${decoded.problem}`;
  if (decoded.truncated) return 'partial: the capture file is cut short';
  return undefined;
}

/** Put the note behind those that known readings have. */
export function addNotes(evidence: FlowReadings, note: string): void {
  for (const reading of Object.values(evidence) as Reading<unknown>[]) {
    if (reading.known) reading.note = reading.note === undefined ? note : `${reading.note}; ${note}`;
  }
}

/** Add the members that rest on the capture's record. */
export function withCaptureFacts(
  evidence: FlowReadings,
  capture: DoneCapture,
  decoded: DecodeSummary,
): WireEvidence {
  return {
    ...evidence,
    captured_packets: known(capture.packets),
    dropped_by_kernel: known(capture.droppedByKernel),
    capture_complete: readCompleteness(capture, decoded),
    observer_ratio: unknown('not-collected', 'needs the rates of the measured trials beside this one'),
  };
}

function readCompleteness(capture: DoneCapture, decoded: DecodeSummary): Reading<boolean> {
  const { packets, receivedByFilter, droppedByKernel } = capture;
  if (droppedByKernel > 0) return known(false, { note: `the kernel dropped ${droppedByKernel} packets` });
  if (decoded.packets !== packets || decoded.truncated) {
    return known(false, { note: `the file holds ${decoded.packets} of ${packets} captured packets` });
  }
  if (!capture.isolated) {
    const detail = 'on shared loopback the count of received packets includes other traffic';
    return unknown('not-observable', detail);
  }
  // On loopback every packet passes the filter twice, going out and coming in; one of the two is kept.
  if (receivedByFilter === 2 * packets) return known(true);
  return known(false, {
    note: `${receivedByFilter} packets passed the filter, not twice the ${packets} captured`,
  });
}
