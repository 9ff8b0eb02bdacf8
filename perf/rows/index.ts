import type { Versions } from '../find-programs.ts';
import type { Lab } from '../lab.ts';
import type { RowId, RowResult } from '../model.ts';
import { measureBulkStreams } from './bulk-streams.ts';
import { measureCaptures } from './captures.ts';
import { measureFrozenTarget } from './frozen-target.ts';
import { measureHeldStreams } from './held-streams.ts';
import { measureMemorySlope } from './memory-slope.ts';
import { measureObserver } from './observer.ts';
import { measurePacedStreams } from './paced-streams.ts';
import { measurePeers } from './peers.ts';
import { measureShortResponses } from './short-responses.ts';
import { measureWireTruth } from './wire-truth.ts';
import { measureWorkers } from './workers.ts';

export interface Row {
  id: RowId;
  title: string;
  /** What was found on the machine goes into `versions`. Throws SkippedError when nothing of it can be measured. */
  measure(lab: Lab, versions: Versions): Promise<RowResult>;
}

/** In the order of the report. */
export const ROWS: readonly Row[] = [
  { id: 'R1', title: 'Short keep-alive responses against wrk', measure: measureShortResponses },
  { id: 'R2', title: 'One event per segment against wrk', measure: measurePacedStreams },
  { id: 'R3', title: 'Bulk streams and the parser alone', measure: measureBulkStreams },
  { id: 'R4', title: 'What users pick instead', measure: measurePeers },
  { id: 'R5', title: 'Held streams', measure: measureHeldStreams },
  { id: 'R6', title: 'Two workers', measure: measureWorkers },
  { id: 'R7', title: 'Memory over time', measure: measureMemorySlope },
  { id: 'R8', title: 'Times against the wire', measure: measureWireTruth },
  { id: 'R9', title: 'A target that freezes for 2 of 10 seconds', measure: measureFrozenTarget },
  { id: 'R10', title: 'Reading captures against tshark', measure: measureCaptures },
  { id: 'R11', title: 'What sampling costs', measure: measureObserver },
];
