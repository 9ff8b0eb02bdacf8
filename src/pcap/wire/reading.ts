import { known, type Reading } from '../../model/cell.ts';
import type { WireEvidence } from '../../model/wire.ts';

/** Members that rest on flows; the others rest on the capture's record. */
export type FlowReadings = Omit<
  WireEvidence,
  'captured_packets' | 'dropped_by_kernel' | 'capture_complete' | 'observer_ratio'
>;

/**
 * A reading that rests on captured payload is given only when this share of its cases could be decided:
 * the undecided ones differ in kind (long segments), so a smaller share would describe a selection.
 */
export const DECIDED_SHARE = 0.9;

/** A known reading, with its note where there is one. */
export function withNote(value: number, note: string | undefined): Reading {
  return note === undefined ? known(value) : known(value, { note });
}
