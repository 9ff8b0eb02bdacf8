import type { Behaviour, Judgement } from '../model/calibration.ts';
import { type Reading, readingValue } from '../model/cell.ts';
import type { TrialEvidence } from '../model/evidence.ts';
import type { MetricId } from '../model/metrics.ts';
import { OUTCOMES, type Outcome } from '../model/outcome.ts';
import type { TesterReport } from '../model/tester-report.ts';
import { formatCount, formatRate, formatUs } from '../stats/format-figure.ts';
import { describeTruth, FIRST_BYTE_SHARE, isSameCount } from './calibration-truth.ts';

/** Streams that are open when the run ends are cut whatever the server does. */
const ALWAYS_POSSIBLE: readonly Outcome[] = ['client-aborted'];

/** The rates that are above 0 for certain where all streams end so. */
const CERTAIN_TIMEOUTS: Partial<Record<Outcome, MetricId>> = {
  stalled: 'timeout_rate_idle',
  'no-headers': 'timeout_rate_headers',
};

/** The end of the run is no fault of a stream. */
const TIMEOUTS = [
  'timeout_rate_connect',
  'timeout_rate_headers',
  'timeout_rate_first_event',
  'timeout_rate_idle',
] as const satisfies readonly MetricId[];

/** What is published about one trial, held against what the server did. */
export function judgePublished(
  behaviour: Behaviour,
  evidence: TrialEvidence,
  connections: number,
): Judgement {
  const said = describePublished(behaviour, evidence);
  const [lie] = findLies(behaviour, evidence, connections);
  if (lie !== undefined) {
    return { verdict: 'wrong', said, because: `${lie}; ${describeTruth(behaviour, evidence.truth)}` };
  }
  const proof = findProof(behaviour, evidence, connections);
  if ('blindBecause' in proof) return { verdict: 'blind', said, because: proof.blindBecause };
  return { verdict: 'right', said, because: proof.rightBecause };
}

/** Every published number that contradicts what happened, as sentences. */
function findLies(behaviour: Behaviour, evidence: TrialEvidence, connections: number): string[] {
  return [
    ...findFalseOutcomes(behaviour, evidence),
    ...findFalseRate(behaviour, evidence),
    ...findFalseCounts(behaviour, evidence, connections),
    ...findFalseTimeouts(behaviour, evidence),
    ...findFalseFirstByte(behaviour, evidence),
    ...(behaviour.hasIdFaults && countIdFaults(evidence) === 0
      ? ['it publishes that no event is missing or repeated']
      : []),
  ];
}

function findFalseOutcomes({ truth }: Behaviour, { outcomes }: TrialEvidence): string[] {
  const others = OUTCOMES.filter((row) => !truth.includes(row) && !ALWAYS_POSSIBLE.includes(row))
    .filter((row) => (readingValue(outcomes[row]) ?? 0) > 0)
    .map((row) => `it publishes ${formatCount(readingValue(outcomes[row])!)} streams as ${row}`);
  const denied = truth.every((row) => readingValue(outcomes[row]) === 0);
  return denied ? [...others, `it publishes that no stream was ${truth.join(' or ')}`] : others;
}

function findFalseRate({ truth }: Behaviour, { metrics, truth: counted }: TrialEvidence): string[] {
  const rate = readingValue(metrics.requests_per_sec);
  if (rate === undefined) return [];
  if (truth.includes('held')) return ['it publishes a rate of responses'];
  const text = `it publishes ${formatRate(rate)} completed responses per second`;
  if (!truth.includes('completed')) return rate > 0 ? [text] : [];
  return rate === 0 && (counted?.streamsCompleted ?? 1) > 0 ? [text] : [];
}

function findFalseCounts(
  _behaviour: Behaviour,
  { outcomes, events, extra, truth }: TrialEvidence,
  connections: number,
): string[] {
  // A reading that was borrowed from the server carries a note that says so.
  const ownEvents =
    typeof extra?.eventsTotal === 'number'
      ? extra.eventsTotal
      : events.known && !events.note
        ? events.value
        : undefined;
  return [
    { what: 'completed streams', said: readingValue(outcomes.completed), counted: truth?.streamsCompleted },
    { what: 'events', said: ownEvents, counted: truth?.events },
  ].flatMap(({ what, said, counted }) =>
    said === undefined || counted === undefined || isSameCount(said, counted, connections)
      ? []
      : [`it publishes ${formatCount(said)} ${what}, the server counted ${formatCount(counted)}`],
  );
}

function findFalseTimeouts({ truth }: Behaviour, { metrics }: TrialEvidence): string[] {
  if (truth.includes('completed') || truth.includes('held')) {
    return TIMEOUTS.filter((id) => (readingValue(metrics[id]) ?? 0) > 0).map(
      (id) => `it publishes a ${id} above 0`,
    );
  }
  const [only, ...more] = truth;
  const certain = more.length === 0 ? CERTAIN_TIMEOUTS[only] : undefined;
  return [certain, 'failure_rate' as const].flatMap((id) =>
    id !== undefined && readingValue(metrics[id]) === 0 ? [`it publishes a ${id} of 0`] : [],
  );
}

function findFalseFirstByte({ firstByteMs }: Behaviour, { metrics }: TrialEvidence): string[] {
  const firstByteUs = readingValue(metrics.ttfb_us_p50);
  if (firstByteMs === undefined || firstByteUs === undefined) return [];
  if (firstByteUs >= firstByteMs * 1000 * FIRST_BYTE_SHARE) return [];
  return [`it publishes a first byte after ${formatUs(firstByteUs)}, and none came before ${firstByteMs} ms`];
}

type Proof = { rightBecause: string } | { blindBecause: string };

function findProof(behaviour: Behaviour, evidence: TrialEvidence, connections: number): Proof {
  const { outcomes, metrics } = evidence;
  const told = behaviour.truth.find((row) => (readingValue(outcomes[row]) ?? 0) > 0);
  const rate = readingValue(metrics.requests_per_sec);
  if (told === 'held' && readingValue(outcomes.held) !== connections) {
    return { blindBecause: `it publishes ${readingValue(outcomes.held)} of ${connections} streams as held` };
  }
  if (told === undefined && !(behaviour.truth.includes('completed') && rate !== undefined && rate > 0)) {
    return { blindBecause: reasonOf(behaviour, evidence) };
  }
  if (behaviour.firstByteMs !== undefined && !metrics.ttfb_us_p50.known) {
    return { blindBecause: metrics.ttfb_us_p50.detail };
  }
  if (behaviour.hasIdFaults && countIdFaults(evidence) === undefined) {
    return { blindBecause: 'its count is right, but it does not look into the events' };
  }
  return {
    rightBecause:
      told === undefined ? "its rate is that of the server's counters" : `it publishes what the server did`,
  };
}

/** Ids that never came and ids that came again; undefined where nobody looked. */
function countIdFaults({ extra }: TrialEvidence): number | undefined {
  const sequence = extra?.sequence as Partial<TesterReport['sequence']> | undefined;
  if (typeof sequence?.gaps !== 'number' || typeof sequence.duplicates !== 'number') return undefined;
  return sequence.gaps + sequence.duplicates;
}

/** Why the outcome that all streams had is not known. */
function reasonOf({ truth }: Behaviour, { outcomes, metrics }: TrialEvidence): string {
  const rate = metrics.requests_per_sec;
  const absent = truth.map((row) => outcomes[row]).find((reading) => !reading.known);
  if (truth.includes('completed') && !rate.known) return rate.detail;
  return absent && !absent.known ? absent.detail : 'it publishes nothing about it';
}

function describePublished({ truth, firstByteMs, hasIdFaults }: Behaviour, evidence: TrialEvidence): string {
  const { outcomes, metrics } = evidence;
  const seen = OUTCOMES.filter((row) => truth.includes(row) || (readingValue(outcomes[row]) ?? 0) > 0).map(
    (row) => `${row} ${show(outcomes[row], formatCount)}`,
  );
  return [
    ...seen,
    `requests/s ${show(metrics.requests_per_sec, formatRate)}`,
    ...(firstByteMs === undefined ? [] : [`first byte ${show(metrics.ttfb_us_p50, formatUs)}`]),
    ...(hasIdFaults ? [`ids missing or repeated ${countIdFaults(evidence) ?? 'n/a'}`] : []),
  ].join(', ');
}

function show(reading: Reading, format: (value: number) => string): string {
  return reading.known ? format(reading.value) : 'n/a';
}
