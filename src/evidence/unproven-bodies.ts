import type { Reading, UnknownReading } from '../model/cell.ts';
import { known, readingValue, unknown } from '../model/cell.ts';
import type { TargetCounters, TrialEvidence } from '../model/evidence.ts';
import { LATENCY_STATS, latencyId, type MetricId } from '../model/metrics.ts';
import type { WireEvidence } from '../model/wire.ts';
import { completedByTarget } from './completed-by-target.ts';

/** A tool's count of responses that ended properly, when the tool does not check that they did. */
export interface BodyClaim {
  responses: number;
  /** False when the count was worked out from the tool's rate and its wall time. */
  exact: boolean;
}

/** What independent witnesses say about a claim. */
export type BodyVerdict =
  | { kind: 'contradicted'; by: string }
  | { kind: 'confirmed'; by: string }
  | { kind: 'unwitnessed' };

/**
 * Ratio by which a claim may exceed the target's count. Reason: the contract of the comparison is agreement within
 * 1 %. Doubt: below 100 streams this is less than one stream, hence the allowance of one.
 */
const TOLERANCE = 0.01;

/** Same, for a claim worked out from rate x wall time: start-up and drain are in the wall time too. */
const ESTIMATE_TOLERANCE = 0.05;

/** The metrics that are wrong as soon as broken bodies are counted as complete. */
const RESTING_ON_BODIES: readonly MetricId[] = [
  'requests_per_sec',
  ...LATENCY_STATS.map((stat) => latencyId('stream_us', stat)),
  'tool_cpu_us_per_request',
];

/**
 * Hold a claim against the target's counters and the wire. The target decides where it counts streams, because it
 * covers every trial; the wire is asked as well, because a proxy or a kernel may break what the target completed.
 */
export function judgeBodies(
  claim: BodyClaim,
  truth: TargetCounters | undefined,
  wire: WireEvidence | undefined,
): BodyVerdict {
  if (claim.responses > 0 && wire) {
    const closed = readingValue(wire.server_closed_mid_response) ?? 0;
    if (closed > 0) return contradicted(`on the wire the server closed ${closed} responses unfinished`);
    const reset = readingValue(wire.rst_by_server) ?? 0;
    if (reset > 0) return contradicted(`on the wire the server reset ${reset} connections`);
  }
  const completed = completedByTarget(truth)?.count;
  if (completed !== undefined) {
    const allowed = Math.max(1, (claim.exact ? TOLERANCE : ESTIMATE_TOLERANCE) * claim.responses);
    if (claim.responses - completed > allowed) {
      return contradicted(
        `it claims ${claim.responses} responses, the target's counters say ${completed} were completed`,
      );
    }
    return { kind: 'confirmed', by: "the target's counters" };
  }
  return wire?.server_closed_mid_response.known && wire.rst_by_server.known
    ? { kind: 'confirmed', by: 'the wire' }
    : { kind: 'unwitnessed' };
}

function contradicted(by: string): BodyVerdict {
  return { kind: 'contradicted', by };
}

/**
 * The metrics with what a judgement does to them: withdrawn when contradicted, noted otherwise.
 *
 * @param tool name for the sentences
 */
export function applyBodyVerdict(
  metrics: TrialEvidence['metrics'],
  verdict: BodyVerdict,
  tool: string,
): TrialEvidence['metrics'] {
  const out = { ...metrics };
  for (const id of RESTING_ON_BODIES) {
    const reading = metrics[id];
    if (!reading.known) continue;
    out[id] = verdict.kind === 'contradicted' ? withdrawn(tool, verdict.by) : noted(reading, verdict, tool);
  }
  return out;
}

function withdrawn(tool: string, by: string): UnknownReading {
  return unknown(
    'not-observable',
    `withdrawn: ${tool} does not check that a response ended properly, and ${by}`,
  );
}

function noted(
  reading: Extract<Reading, { known: true }>,
  verdict: Exclude<BodyVerdict, { kind: 'contradicted' }>,
  tool: string,
): Reading {
  const note =
    verdict.kind === 'confirmed'
      ? `confirmed by ${verdict.by}`
      : `${tool} does not check that a response ended properly, and nothing else witnessed it`;
  return known(reading.value, {
    ...(reading.interval ? { interval: reading.interval } : {}),
    note: reading.note ? `${reading.note}; ${note}` : note,
  });
}
