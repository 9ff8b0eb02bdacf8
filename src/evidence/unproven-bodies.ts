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
  /** Streams of which the tool itself says that the server reset or closed them before their head. */
  reportedBreaks: number;
}

/** What independent witnesses say about a claim. */
export type BodyVerdict =
  /** `share` of the responses claimed, 0..1, did not end properly. */
  | { kind: 'contradicted'; by: string; share: number; blindness?: string }
  | { kind: 'confirmed'; by: string }
  | { kind: 'unwitnessed' };

/**
 * Ratio of a claim that may lack a witness. Reason: the contract of the comparison is agreement within 1 %. Doubt:
 * below 100 streams this is less than one stream, hence the allowance of one.
 */
const TOLERANCE = 0.01;

/** Same, for a claim worked out from rate x wall time: start-up and drain are in the wall time too. */
const ESTIMATE_TOLERANCE = 0.05;

/** The metrics that are wrong as soon as broken bodies are counted as complete. */
export const RESTING_ON_BODIES: readonly MetricId[] = [
  'requests_per_sec',
  ...LATENCY_STATS.map((stat) => latencyId('stream_us', stat)),
  'tool_cpu_us_per_request',
];

/**
 * Hold a claim against the target's counters, or, where it does not count, against the wire. The target decides,
 * because it tells a body that was broken from a connection that was closed between responses; on the wire both are
 * closes.
 */
export function judgeBodies(
  claim: BodyClaim,
  truth: TargetCounters | undefined,
  wire: WireEvidence | undefined,
): BodyVerdict {
  const completed = completedByTarget(truth)?.count;
  if (completed === undefined) return judgeByWire(claim, wire);
  const missing = claim.responses - completed;
  return missing > allowance(claim)
    ? contradicted(
        claim,
        missing,
        `it claims ${claim.responses} responses, the target's counters say ${completed} were completed`,
      )
    : { kind: 'confirmed', by: "the target's counters" };
}

/**
 * Breaks on the wire that the tool did not report are bodies that it took for good. Closes before a head are among
 * them, which tools do report. Doubt: a client that quietly asks again after such a close (Go's does, on a connection
 * that carried a response before) reports none, so a server that often closes between responses may be taken for one
 * that breaks them.
 */
function judgeByWire(claim: BodyClaim, wire: WireEvidence | undefined): BodyVerdict {
  const closed = readingValue(wire?.server_closed_mid_response);
  const reset = readingValue(wire?.rst_by_server);
  // A reset in mid-response is in both counts.
  const breaks = Math.max(closed ?? 0, reset ?? 0);
  const hidden = breaks - claim.reportedBreaks;
  if (hidden > allowance(claim) && claim.responses > 0) {
    const what =
      breaks === closed
        ? `the server closed ${breaks} responses unfinished`
        : `the server reset ${breaks} connections`;
    return contradicted(claim, hidden, `on the wire ${what}, and it reports ${claim.reportedBreaks} of them`);
  }
  return closed !== undefined && reset !== undefined
    ? { kind: 'confirmed', by: 'the wire' }
    : { kind: 'unwitnessed' };
}

function allowance(claim: BodyClaim): number {
  return Math.max(1, (claim.exact ? TOLERANCE : ESTIMATE_TOLERANCE) * claim.responses);
}

function contradicted(claim: BodyClaim, broken: number, by: string): BodyVerdict {
  return { kind: 'contradicted', by, share: Math.min(1, broken / claim.responses) };
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
    out[id] = verdict.kind === 'contradicted' ? withdrawn(tool, verdict) : noted(reading, verdict, tool);
  }
  return out;
}

/** What is withdrawn says so. `blindness` is what the tool does not do; without, it does not look at the ends. */
export function withdrawn(
  tool: string,
  { by, blindness }: { by: string; blindness?: string },
): UnknownReading {
  const why = blindness ?? 'does not check that a response ended properly';
  return unknown('not-observable', `withdrawn: ${tool} ${why}, and ${by}`);
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
