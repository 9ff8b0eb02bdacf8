import { type Reading, readingValue } from '../model/cell.ts';
import type { Verdict } from '../model/finding.ts';
import { clopperPearson } from '../stats/clopper-pearson.ts';
import { formatCount, formatPercent } from '../stats/format-figure.ts';

/**
 * Share of streams from which their loss is a finding. Unit: ratio 0..1. Reason: one in a hundred users notices, and
 * below that a loss does not limit a rate. Doubt: for long-lived streams one in a thousand may matter already; the
 * count is shown either way.
 */
const LOSS_SHARE = 0.01;

/** Whether so many lost streams are a finding. */
export function isLoss(lost: number, of: number): boolean {
  return of > 0 && lost / of > LOSS_SHARE;
}

/**
 * Cases from which a rare loss is a finding. Unit: count. Reason: the exact 95 % interval of five cases begins at a third of
 * what was seen, so that it is a rate and no accident. Doubt: cases of one incident are not independent of each other.
 */
export const FEWEST_CASES = 5;

/** One witness of lost streams: who says it, how many, of how many. */
export interface LossWitness {
  who: string;
  count: Reading | undefined;
  of: Reading | undefined;
  /**
   * Cases that may have another cause than the one that is judged, such as the end of the measurement. A loss below the
   * share that limits a row is told by such a witness alone whose cases are `FEWEST_CASES` more; absent: never.
   */
  innocent?: number;
}

/**
 * Judge the loss of streams by all witnesses: one that saw enough of it makes the finding, those that saw less speak
 * against it. The first witness that saw enough leads, so list the most trustworthy first. What is rare and proven is a
 * finding too, of the class that never ranks before what limits a row.
 */
export function judgeLoss(
  witnesses: readonly LossWitness[],
  words: { happened: string; sentence: (share: string, who: string) => string },
): Verdict {
  const statements = witnesses.flatMap(({ who, count, of, innocent }) => {
    const lost = readingValue(count);
    const total = readingValue(of);
    if (lost === undefined || total === undefined || total <= 0) return [];
    const isProven = innocent !== undefined && lost >= innocent + FEWEST_CASES;
    return [{ who, lost, total, share: Math.min(1, lost / total), isProven }];
  });
  if (statements.length === 0) {
    return {
      outcome: 'insufficient-data',
      missing: witnesses.map(({ who }) => `${who}: a count of streams ${words.happened}`),
    };
  }
  const say = ({ who, lost, total }: (typeof statements)[number]): string =>
    `${who}: ${formatCount(lost)} of ${formatCount(total)} streams ${words.happened}`;
  const isMuch = statements.some(({ share }) => share > LOSS_SHARE);
  const seen = statements.filter(({ share, isProven }) => (isMuch ? share > LOSS_SHARE : isProven));
  const first = seen[0];
  if (!first) return { outcome: 'clear', because: statements.map(say) };
  return {
    outcome: 'found',
    class: classOfLoss(first.share),
    weight: first.share,
    sentence: words.sentence(isMuch ? formatPercent(first.share) : formatShare(first), first.who),
    because: seen.map(say),
    against: [
      ...statements.filter((statement) => !seen.includes(statement)).map(say),
      ...(isMuch ? [] : [TOO_RARE]),
    ],
  };
}

const TOO_RARE = 'it is too rare to limit the row';

/** Whether a loss of this share limits a row. */
export function classOfLoss(share: number): 'hard-event' | 'rare-event' {
  return share > LOSS_SHARE ? 'hard-event' : 'rare-event';
}

/** `0.5 % (95 %: 0.37 % to 0.66 %)`. */
export function formatShare({ lost, total }: { lost: number; total: number }): string {
  const [low, high] = clopperPearson(Math.min(lost, total), total);
  return `${formatPercent(lost / total)} (95 %: ${formatPercent(low)} to ${formatPercent(high)})`;
}

/** A reading of a counter that may not be there. */
export function countReading(value: number | undefined, what: string): Reading {
  return value === undefined
    ? { known: false, why: 'not-collected', detail: `${what} is not counted` }
    : { known: true, value };
}
