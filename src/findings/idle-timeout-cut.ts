import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { type DeathCluster, findDeathClusters } from '../stats/deadline-deaths.ts';
import { formatCount, formatPercent, formatUs } from '../stats/format-figure.ts';

/**
 * Share of the ends in mid-response that a cluster must hold. Unit: ratio 0..1. Reason: a deadline takes every stream that
 * reaches it; planted ones held all but those of the run's end. Doubt: a deadline beside another fault takes fewer.
 */
const MOST_ENDS = 0.8;

/** Share of streams from which their loss is a finding, as for every loss (see stream-loss.ts). Unit: ratio 0..1. */
const LOSS_SHARE = 0.01;

/** Silences are judged only where they are longer than the pause between two events may be. Unit: ms. */
const SHORTEST_SILENCE_MS = 500;

/** The server, or something in between, ends streams at a round age or after a round time of silence. */
export const idleTimeoutCut: Rule = {
  code: 'idle-timeout-cut',
  needs: ['a capture with the times at which the server ended connections'],
  evaluate(evidence) {
    const { trace, wire } = evidence;
    const requests = readingValue(wire?.requests_sent);
    if (!trace || requests === undefined) {
      return { outcome: 'insufficient-data', missing: ['a capture of the ends of connections'] };
    }
    const ends = trace.serverEnds.filter(({ found }) => found === 'open' || found === 'undecidable');
    const share = requests === 0 ? 0 : ends.length / requests;
    const text = `the server ended ${formatCount(ends.length)} of ${formatCount(requests)} responses before they were complete`;
    if (share <= LOSS_SHARE) return { outcome: 'clear', because: [text] };
    const cluster = findDeadline(trace.serverEnds, ends);
    if (!cluster) {
      const median = [...ends].sort((a, b) => a.ageUs - b.ageUs)[ends.length >> 1]!.ageUs;
      return {
        outcome: 'clear',
        because: [`${text}, at ages that stand at no round time (median ${formatUs(median)})`],
      };
    }
    const { what, found } = cluster;
    return {
      outcome: 'found',
      class: 'hard-event',
      weight: Math.min(1, share),
      sentence: `Streams are cut ${what} ${formatUs(found.nominalMs * 1000)}: that is a configured timeout, not a failure.`,
      because: [
        `${formatPercent(found.share)} of the ends stand ${what} ${formatUs(found.ageMs * 1000)} +- ${formatUs(found.spreadMs * 1000)}`,
        text,
      ],
      against: [
        'a restart of the server ends all connections at one moment too, which is one age where they were opened together',
      ],
    };
  },
};

function findDeadline(
  all: NonNullable<ArmEvidence['trace']>['serverEnds'],
  ends: typeof all,
): { what: string; found: DeathCluster } | undefined {
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
