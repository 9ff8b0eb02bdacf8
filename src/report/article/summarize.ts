import { formatFigure } from '../../claims/format-figure.ts';
import type { ArticleResult } from '../../model/article.ts';
import type { ClaimResult, ClaimVerdict } from '../../model/claim.ts';

const VERDICTS: readonly ClaimVerdict[] = ['confirmed', 'refuted', 'unproven'];

function claimsOf({ parts }: ArticleResult): ClaimResult[] {
  return parts.flatMap(({ claims }) => claims);
}

/** `52 claims: 14 confirmed, 33 refuted, 5 unproven.` */
export function countVerdicts(article: ArticleResult): string {
  const claims = claimsOf(article);
  const counts = VERDICTS.map(
    (verdict) => `${claims.filter((claim) => claim.verdict === verdict).length} ${verdict}`,
  );
  return `${claims.length} claims: ${counts.join(', ')}.`;
}

/** One figure of the article's table beside the one measured here. */
export interface TableRow {
  figure: string;
  article: string;
  here: string;
  verdict: ClaimVerdict;
}

/** The article's table beside ours, from the claims that carry a published figure. */
export function compareTable(article: ArticleResult): TableRow[] {
  return claimsOf(article).flatMap(({ text, published, verdict, evidence, missing }) => {
    if (published === null) return [];
    const figure = evidence.find((item) => item.figure !== null)?.figure;
    return [
      {
        figure: text,
        article: published,
        here: figure
          ? `${figure.source} ${formatFigure(figure.value, figure.unit)}`
          : (missing[0] ?? 'nothing measured'),
        verdict,
      },
    ];
  });
}

/** `2 x AMD EPYC, Debian 12, Linux 6.1, Node v20.20.2, ssee-bench 0.1.0`. */
function describeMachine({ environment, harnessVersion }: ArticleResult): string {
  const { cpus, cpuModel, os, kernel, node } = environment;
  return [`${cpus} x ${cpuModel}`, os, kernel, `Node ${node}`, `ssee-bench ${harnessVersion}`].join(', ');
}

/** What was run, and whether that was all. */
export function describeRun(article: ArticleResult): string {
  const minutes = (article.durationS / 60).toFixed(1);
  const scope = article.complete ? 'all scenarios' : 'not all scenarios';
  return `Measured ${article.startedAt.slice(0, 10)} in ${minutes} minutes, ${scope}: ${describeMachine(article)}`;
}
