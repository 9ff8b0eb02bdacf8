import { type Reading, readingValue } from '../model/cell.ts';
import type { Verdict } from '../model/finding.ts';
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

/** One witness of lost streams: who says it, how many, of how many. */
export interface LossWitness {
  who: string;
  count: Reading | undefined;
  of: Reading | undefined;
}

/**
 * Judge the loss of streams by all witnesses: one that saw enough of it makes the finding, those that saw less speak
 * against it. The first witness that saw enough leads, so list the most trustworthy first.
 */
export function judgeLoss(
  witnesses: readonly LossWitness[],
  words: { happened: string; sentence: (share: string, who: string) => string },
): Verdict {
  const statements = witnesses.flatMap(({ who, count, of }) => {
    const lost = readingValue(count);
    const total = readingValue(of);
    if (lost === undefined || total === undefined || total <= 0) return [];
    return [{ who, lost, total, share: Math.min(1, lost / total) }];
  });
  if (statements.length === 0) {
    return {
      outcome: 'insufficient-data',
      missing: witnesses.map(({ who }) => `${who}: a count of streams ${words.happened}`),
    };
  }
  const say = ({ who, lost, total }: (typeof statements)[number]): string =>
    `${who}: ${formatCount(lost)} of ${formatCount(total)} streams ${words.happened}`;
  const seen = statements.filter(({ share }) => share > LOSS_SHARE);
  const first = seen[0];
  if (!first) return { outcome: 'clear', because: statements.map(say) };
  return {
    outcome: 'found',
    class: 'hard-event',
    weight: first.share,
    sentence: words.sentence(formatPercent(first.share), first.who),
    because: seen.map(say),
    against: statements.filter(({ share }) => share <= LOSS_SHARE).map(say),
  };
}

/** A reading of a counter that may not be there. */
export function countReading(value: number | undefined, what: string): Reading {
  return value === undefined
    ? { known: false, why: 'not-collected', detail: `${what} is not counted` }
    : { known: true, value };
}
