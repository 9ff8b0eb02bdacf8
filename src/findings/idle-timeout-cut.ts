import { representativeTrials } from '../evidence/build-arm-evidence.ts';
import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule, Verdict } from '../model/finding.ts';
import type { ServerEnd } from '../model/wire.ts';
import { type DeathCluster, findDeathClusters } from '../stats/deadline-deaths.ts';
import { formatCount, formatPercent, formatUs } from '../stats/format-figure.ts';
import { isLoss } from './stream-loss.ts';

/**
 * Share of the ends in mid-response that a cluster must hold. Unit: ratio 0..1. Reason: a deadline takes every stream that
 * reaches it; planted ones held all but those of the run's end. Doubt: a deadline beside another fault takes fewer.
 */
const MOST_ENDS = 0.8;

/**
 * Share of the server's ends at which the wire may not show whether the response was complete, for it to be a witness alone. Unit:
 * ratio 0..1. Reason: undecided ones differ in kind, as for the counts of the wire (DECIDED_SHARE of src/pcap). Doubt: none
 * where tool or target count early ends too: then these are asked.
 */
const MOST_UNDECIDED = 0.1;

/** How long streams lived by a tool that says so (ssee-tester): all of them, and the ages at which they died. */
interface ToolLifetimes {
  count: number;
  deaths: Record<'fin' | 'rst' | 'stall' | 'protocol', number>;
  clusters: DeathCluster[];
}

/** Silences are judged only where they are longer than the pause between two events may be. Unit: ms. */
const SHORTEST_SILENCE_MS = 500;

/** What the wire says, and whether others may know better: a capture may be too short, or show too little of responses. */
interface WireJudgement {
  verdict: Verdict;
  askTool: boolean;
}

/** The server, or something in between, ends streams at a round age or after a round time of silence. */
export const idleTimeoutCut: Rule = {
  code: 'idle-timeout-cut',
  needs: [
    'a capture with the times at which the server ended connections, or a tool that gives the ages of dead streams',
    'early ends by tool or target, where the capture does not show whether responses were complete',
  ],
  evaluate(evidence) {
    const { verdict, askTool } = judgeWire(evidence);
    return (askTool ? judgeByTool(evidence) : undefined) ?? verdict;
  },
};

function judgeWire(evidence: ArmEvidence): WireJudgement {
  const { trace, wire } = evidence;
  const requests = readingValue(wire?.requests_sent);
  if (!trace || requests === undefined) {
    return {
      verdict: { outcome: 'insufficient-data', missing: ['a capture of the ends of connections'] },
      askTool: true,
    };
  }
  // Ends by FIN alone: a server that fails after equal work resets at one age too, which is no timeout.
  const fins = trace.serverEnds.filter(({ how }) => how === 'fin');
  const proven = fins.filter(({ found }) => found === 'open');
  const undecided = fins.filter(({ found }) => found === 'undecidable');
  const early = countEarlyEnds(evidence);
  const seen = early.find(({ share }) => isLoss(share, 1));
  let ends = proven;
  if (undecided.length > MOST_UNDECIDED * fins.length && isLoss(undecided.length, requests)) {
    const text = `the capture does not show whether ${formatCount(undecided.length)} of ${formatCount(requests)} responses were complete when the server ended them`;
    if (seen === undefined && early.length > 0 && !isLoss(proven.length, requests)) {
      return {
        verdict: { outcome: 'clear', because: [...early.map((count) => count.text), text] },
        askTool: false,
      };
    }
    const agrees = early.some(
      ({ share }) => share * requests >= MOST_ENDS * (proven.length + undecided.length),
    );
    if (agrees) ends = [...proven, ...undecided];
    else if (!isLoss(proven.length, requests)) {
      return {
        verdict: {
          outcome: 'insufficient-data',
          missing: [`early ends by tool or target, as many as the wire has ends: ${text}`],
        },
        askTool: true,
      };
    }
  }
  const text = `the server ended ${formatCount(ends.length)} of ${formatCount(requests)} responses before they were complete`;
  if (!isLoss(ends.length, requests)) return judgeNoEnds(trace.serverEnds, requests, text, seen?.text);
  const cluster = findDeadline(ends);
  if (!cluster) {
    const median = [...ends].sort((a, b) => a.ageUs - b.ageUs)[ends.length >> 1]!.ageUs;
    const because = [`${text}, at ages that stand at no round time (median ${formatUs(median)})`];
    return { verdict: { outcome: 'clear', because }, askTool: false };
  }
  const { what, found } = cluster;
  const spread = `${formatPercent(found.share)} of the ends stand ${what} ${formatUs(found.ageMs * 1000)} +- ${formatUs(found.spreadMs * 1000)}`;
  return {
    verdict: sayCut(what, found, Math.min(1, ends.length / requests), [spread, text]),
    askTool: false,
  };
}

/** The capture has no early end by FIN: it may be shorter than streams live, or they end by RST. */
function judgeNoEnds(
  ends: readonly ServerEnd[],
  requests: number,
  text: string,
  counted: string | undefined,
): WireJudgement {
  const resets = ends.filter(({ how, found }) => how === 'reset' && found !== 'complete' && found !== 'none');
  const cluster = isLoss(resets.length, requests) ? findDeadline(resets) : undefined;
  if (cluster) {
    const { what, found } = cluster;
    const missing = `what tells a timeout that resets from a failure after equal work: ${formatPercent(found.share)} of the resets stand ${what} ${formatUs(found.ageMs * 1000)}, and both do`;
    return { verdict: { outcome: 'insufficient-data', missing: [missing] }, askTool: false };
  }
  if (counted !== undefined) {
    const missing = `a capture as long as streams live: ${counted}, and on the wire ${text}`;
    return { verdict: { outcome: 'insufficient-data', missing: [missing] }, askTool: true };
  }
  return { verdict: { outcome: 'clear', because: [text] }, askTool: false };
}

/**
 * The ages at which a tool saw streams end by FIN, over the whole of the measured trials: a deadline that is longer than a
 * capture shows there alone. Undefined where no tool says so.
 */
function judgeByTool({ trials }: ArmEvidence): Verdict | undefined {
  for (const { extra, trialId } of representativeTrials(trials)) {
    const lifetimes = extra?.lifetimes as ToolLifetimes | undefined;
    if (!lifetimes) continue;
    const deaths = Object.values(lifetimes.deaths).reduce((sum, count) => sum + count, 0);
    const cluster = lifetimes.clusters.find(({ round, count }) => round && count >= MOST_ENDS * deaths);
    if (!cluster || lifetimes.deaths.fin < MOST_ENDS * deaths) continue;
    if (!isLoss(cluster.count, lifetimes.count)) continue;
    const text = `in ${trialId} the tool saw ${formatCount(lifetimes.deaths.fin)} of ${formatCount(lifetimes.count)} streams end early, ${formatPercent(cluster.share)} of them at the age of ${formatUs(cluster.ageMs * 1000)} +- ${formatUs(cluster.spreadMs * 1000)}`;
    return sayCut('at the age of', cluster, cluster.count / lifetimes.count, [text]);
  }
  return undefined;
}

function sayCut(what: string, found: DeathCluster, weight: number, because: string[]): Verdict {
  return {
    outcome: 'found',
    class: 'hard-event',
    weight,
    sentence: `Streams are cut ${what} ${formatUs(found.nominalMs * 1000)}: that is a configured timeout, not a failure.`,
    because,
    against: [
      'a restart of the server ends all connections at one moment too, which is one age where they were opened together',
      'a server that ends streams after equal work does so at one age too, which is a round one by chance only',
    ],
  };
}

/** Shares of streams that ended early by FIN, by whoever counts them over the measured trials. */
function countEarlyEnds({ arm, truth, outcomes }: ArmEvidence): { share: number; text: string }[] {
  // Behind a proxy the target does not see what its client got.
  const target = arm.target.proxy ? undefined : truth;
  return [
    { who: 'the target', early: target?.streamsClosedEarly, of: target?.requests },
    { who: 'the tool', early: readingValue(outcomes['closed-early']), of: readingValue(outcomes.attempted) },
  ].flatMap(({ who, early, of }) =>
    early === undefined || of === undefined || of === 0
      ? []
      : [
          {
            share: early / of,
            text: `${who} counted ${formatCount(early)} of ${formatCount(of)} streams as ended early`,
          },
        ],
  );
}

function findDeadline(ends: readonly ServerEnd[]): { what: string; found: DeathCluster } | undefined {
  const silences = ends.map(({ idleUs }) => idleUs / 1000).filter((ms) => ms >= SHORTEST_SILENCE_MS);
  const candidates = [
    { what: 'after a silence of', ages: silences },
    { what: 'at the age of', ages: ends.map(({ ageUs }) => ageUs / 1000) },
  ];
  for (const { what, ages } of candidates) {
    const found = findDeathClusters(ages).find(
      ({ round, count }) => round && count >= MOST_ENDS * ends.length,
    );
    if (found) return { what, found };
  }
  return undefined;
}
