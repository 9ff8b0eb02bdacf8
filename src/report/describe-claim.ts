import type { ClaimEvidence, ClaimResult } from '../model/claim.ts';

/** `refuted: [1] wrk sends no Connection header`. */
export function headOfClaim({ verdict, section, text }: ClaimResult): string {
  return `${verdict}: ${section === null ? '' : `[${section}] `}${text}`;
}

/** What a claim rests on, for a report: the quotation, the figures, what is missing, and how to measure it again. */
export function detailsOfClaim(claim: ClaimResult): string[] {
  const { quote, note, evidence, missing, trials, reproduce } = claim;
  return [
    ...(quote === null ? [] : [`quoted: "${quote}"`]),
    ...evidence.map(describeEvidence),
    ...missing.map((what) => `missing: ${what}`),
    ...(note === null ? [] : [`note: ${note}`]),
    ...(trials.length === 0 ? [] : [`from ${trials.join(', ')}`]),
    `again: ${reproduce}`,
  ];
}

function describeEvidence({ holds, sentence, shown }: ClaimEvidence): string {
  if (shown) return `here: ${sentence}`;
  return `${holds === null ? 'undecided' : holds ? 'so' : 'not so'}: ${sentence}`;
}
