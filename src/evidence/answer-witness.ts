import { readingValue } from '../model/cell.ts';
import type { TrialEvidence } from '../model/evidence.ts';
import type { Arm } from '../model/plan.ts';
import { formatCount, formatPercent } from '../stats/format-figure.ts';
import { RESTING_ON_BODIES, withdrawn } from './unproven-bodies.ts';

/** What the tool of another arm, or a capture, saw of the answers to the same request. */
export interface AnswerWitness {
  /** Begins a sentence: `ssee-tester saw` or `the capture of evidence-wrk shows`. */
  whoSaw: string;
  /** Share of its answers, 0..1, that had a status below 400 and were no event stream. */
  share: number;
  /** What the first of those was. */
  first?: string;
}

/**
 * Share of answers from which a tool that takes them for streams is contradicted. Unit: ratio 0..1. Reason: agreement
 * within 1 % is what the comparison promises. Doubt: arms run one after another, and a server that answers otherwise
 * for a while does so to one of them alone; then figures are withdrawn that were right.
 */
const HIDDEN_SHARE = 0.01;

const BLINDNESS = 'does not see whether an answer is an event stream';

type Counted = AnswerWitness & { isWhole: boolean };
type Witnessing = { arm: Arm; trials: readonly TrialEvidence[] };

/**
 * Who saw most answers that were no event stream, of the arms that sent the same request to the same target. Tools that
 * look at the whole head decide; only without one do those count that see the status or the type, and captures, of
 * which the arm's own is one. For arms alone that ask for events: to others every answer below 400 is good. Arms that
 * replay send other bytes than their request says, to which a server may answer otherwise: of and for these nobody tells
 * but they themselves.
 */
export function findAnswerWitness(arm: Arm, all: readonly Witnessing[]): AnswerWitness | undefined {
  const key = describeQuestion(arm);
  const seen = all
    .filter((other) => other.arm.id === arm.id || (isAsWritten(arm) && isAsWritten(other.arm)))
    .filter((other) => describeQuestion(other.arm) === key)
    .flatMap((other) => [...(other.arm.id === arm.id ? [] : countAnswers(other)), ...countStatuses(other)]);
  const whole = seen.filter(({ isWhole }) => isWhole);
  const worst = (whole.length > 0 ? whole : seen).sort((a, b) => b.share - a.share)[0];
  if (!worst || worst.share === 0) return undefined;
  const { whoSaw, share, first } = worst;
  return { whoSaw, share, ...(first === undefined ? {} : { first }) };
}

/** Whether the tool sends the request of the scenario, with its own headers at most. */
function isAsWritten({ replay, bare, ablate }: Arm): boolean {
  return replay === undefined && bare === undefined && ablate === undefined;
}

/** Faults change the answers. */
function describeQuestion({ target, request, faults }: Arm): string {
  return JSON.stringify([target, request, faults ?? null]);
}

function countAnswers({ arm, trials }: Witnessing): Counted[] {
  const counts = trials.flatMap(({ answers }) => answers ?? []);
  const total = counts.reduce((sum, count) => sum + count.total, 0);
  if (total === 0) return [];
  const first = counts.find((count) => count.first !== undefined)?.first;
  return [
    {
      whoSaw: `${arm.id} saw`,
      share: counts.reduce((sum, count) => sum + count.otherwise, 0) / total,
      isWhole: counts.every(({ isWhole }) => isWhole),
      ...(first === undefined ? {} : { first }),
    },
  ];
}

/** On the wire statuses are seen, neither types nor codings. Without `http_errors` too few statuses were captured. */
function countStatuses({ trials }: Witnessing): Counted[] {
  return trials.flatMap(({ trialId, wire, trace }) => {
    if (!trace?.otherStatuses || !wire?.http_errors.known) return [];
    const { count, of, first } = trace.otherStatuses;
    return [
      {
        whoSaw: `the capture of ${trialId} shows`,
        share: count / of,
        isWhole: false,
        first: `status ${first}`,
      },
    ];
  });
}

/**
 * A trial with what a witness does to it: where its tool took for good what was no event stream, its completed streams,
 * its error statuses and all that rests on them are withdrawn. A tool that looks at the whole head, and one that saw the
 * same, stand; so does one that took nothing for good.
 */
export function applyAnswerWitness(
  trial: TrialEvidence,
  tool: string,
  witness: AnswerWitness | undefined,
): TrialEvidence {
  const { outcomes } = trial;
  if (!witness || trial.answers?.isWhole) return trial;
  const claimed = readClaim(trial);
  const hidden = witness.share - readOwnShare(trial, claimed);
  if (hidden <= HIDDEN_SHARE || claimed === 0) return trial;
  const first = witness.first === undefined ? '' : ` (the first: ${witness.first})`;
  const saw = `${witness.whoSaw} that ${formatPercent(witness.share)} of the answers to the same request were none${first}`;
  const reason = withdrawn(tool, { by: saw, blindness: BLINDNESS });
  const metrics = { ...trial.metrics };
  for (const id of [...RESTING_ON_BODIES, 'failure_rate'] as const)
    if (metrics[id].known) metrics[id] = reason;
  return {
    ...trial,
    metrics,
    outcomes: {
      ...outcomes,
      completed: outcomes.completed.known ? reason : outcomes.completed,
      'http-error': outcomes['http-error'].known ? reason : outcomes['http-error'],
      // Both are members of its sum.
      unaccounted: outcomes.unaccounted.known ? reason : outcomes.unaccounted,
    },
    ...(claimed === undefined || trial.contradiction
      ? {}
      : {
          contradiction: {
            by: `it takes ${formatCount(claimed)} answers for good streams, ${saw}`,
            share: Math.min(1, hidden),
            blindness: BLINDNESS,
          },
        }),
  };
}

/**
 * Share of answers, 0..1, that the tool itself did not take for streams. Of a tool that counts redirects among errors it
 * is the most that it can be: enough not to contradict it, too much to contradict others by.
 */
function readOwnShare({ answers, extra }: TrialEvidence, claimed: number | undefined): number {
  if (answers && answers.total > 0) return answers.otherwise / answers.total;
  const rejected = extra?.rejectedResponses;
  if (typeof rejected !== 'number' || rejected <= 0 || claimed === undefined) return 0;
  return rejected / (rejected + claimed);
}

/** Responses that a tool takes for good; undefined where it says none. */
function readClaim({ outcomes, metrics, extra, durationMs }: TrialEvidence): number | undefined {
  const completed = readingValue(outcomes.completed);
  if (completed !== undefined) return completed;
  if (typeof extra?.claimedResponses === 'number') return extra.claimedResponses;
  const rate = readingValue(metrics.requests_per_sec);
  return rate === undefined ? undefined : Math.round((rate * durationMs) / 1000);
}
