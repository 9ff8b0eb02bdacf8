import type { ClaimResult, ClaimVerdict } from '../../model/claim.ts';
import { detailsOfClaim } from '../describe-claim.ts';
import { html, type SafeHtml } from './html.ts';
import { part, scrollable, table } from './parts.ts';

const TONES: Record<ClaimVerdict, string> = { confirmed: 'agree', refuted: 'differ', unproven: 'blind' };

/** What the scenario's sentences are worth, with the evidence of each. */
export function renderClaims(claims: readonly ClaimResult[]): SafeHtml {
  return part(
    'claims',
    'Claims',
    'Sentences of others that the scenario quotes. They are no findings: each is held against what was measured here.',
    html`<div class="panel">${scrollable('Claims', claimTable(claims))}</div>`,
  );
}

/** One row per claim; also the body of the page about the article. */
export function claimTable(claims: readonly ClaimResult[]): SafeHtml {
  return table(
    'Claims and their verdicts',
    [{ head: 'claim' }, { head: 'verdict' }, { head: 'evidence' }],
    claims.map((claim) => [
      html`${claim.section !== null && html`<code>${claim.section}</code> `}${claim.text}`,
      html`<span class="badge ${TONES[claim.verdict]}">${claim.verdict}</span>`,
      html`<ul class="list">${detailsOfClaim(claim).map((line) => html`<li>${line}</li>`)}</ul>`,
    ]),
    'hidden',
  );
}
