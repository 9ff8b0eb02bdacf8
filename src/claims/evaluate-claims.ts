import type {
  ClaimCondition,
  ClaimEvidence,
  ClaimResult,
  ClaimSpec,
  ClaimVerdict,
  Irrefutable,
} from '../model/claim.ts';
import { quoteArgument } from '../report/quote-argument.ts';
import { type Judged, judgeCondition, showFigure } from './judge-condition.ts';
import type { ClaimGround } from './read-figure.ts';

/** What a claim is written in. */
export interface ClaimOrigin {
  /** Path of the scenario, as the user named it. */
  file: string;
}

/**
 * Each claim held against the evidence.
 *
 * confirmed and refuted need their condition to hold and the other one not to; without a condition to refute it, a claim is
 * refuted where what would confirm it certainly is not so. One that nothing can refute is confirmed or unproven.
 * Everything else is unproven and says what is missing.
 */
export function evaluateClaims(
  claims: readonly ClaimSpec[],
  ground: ClaimGround,
  origin: ClaimOrigin,
): ClaimResult[] {
  return claims.map((claim) => judgeClaim(claim, ground, origin));
}

/** The claims of a scenario that could not be run. */
export function unjudgedClaims(
  claims: readonly ClaimSpec[],
  reason: string,
  origin: ClaimOrigin,
): ClaimResult[] {
  return claims.map((claim) =>
    publish(claim, { verdict: 'unproven', evidence: [], missing: [reason] }, origin, []),
  );
}

function judgeClaim(claim: ClaimSpec, ground: ClaimGround, origin: ClaimOrigin): ClaimResult {
  const confirm = claim.confirm && judgeCondition(claim.confirm, ground);
  const refute = claim.refute && judgeCondition(claim.refute, ground);
  const { irrefutable } = claim;
  if (irrefutable) return judgeIrrefutable(claim, irrefutable, confirm, ground, origin);
  const evidence = distinct([...(confirm?.evidence ?? []), ...(refute?.evidence ?? [])]);
  return publish(claim, { ...reachVerdict(confirm, refute), evidence }, origin, rowsOf(claim, ground));
}

/** Its figure is shown for the reader to compare; nothing is asked of it. */
function judgeIrrefutable(
  claim: ClaimSpec,
  { because, beside }: Irrefutable,
  confirm: Judged | undefined,
  ground: ClaimGround,
  origin: ClaimOrigin,
): ClaimResult {
  const shown = beside && showFigure(beside, ground);
  const evidence = distinct([...(confirm?.evidence ?? []), ...(shown?.evidence ?? [])]);
  const judged: Pick<ClaimResult, 'verdict' | 'missing'> =
    confirm?.holds === true
      ? { verdict: 'confirmed', missing: [] }
      : unproven([
          ...new Set([...(confirm?.missing ?? []), ...(shown?.missing ?? [])]),
          `any measurement here that could refute it: ${because}`,
        ]);
  return publish(claim, { ...judged, evidence }, origin, rowsOf(claim, ground));
}

function reachVerdict(
  confirm: Judged | undefined,
  refute: Judged | undefined,
): { verdict: ClaimVerdict; missing: string[] } {
  const isConfirmed = confirm?.holds ?? null;
  const isRefuted = refute ? refute.holds : isConfirmed === null ? null : !isConfirmed;
  if (isConfirmed === true && isRefuted === true)
    return unproven(['what would confirm it and what would refute it both hold']);
  if (isConfirmed === true && isRefuted === false) return { verdict: 'confirmed', missing: [] };
  if (isRefuted === true && isConfirmed !== true) return { verdict: 'refuted', missing: [] };
  const missing = [...new Set([...(confirm?.missing ?? []), ...(refute?.missing ?? [])])];
  if (missing.length > 0) return unproven(missing);
  return unproven([
    confirm
      ? 'neither what would confirm it nor what would refute it holds'
      : 'what would refute it does not hold, and nothing here would confirm it',
  ]);
}

function unproven(missing: string[]): { verdict: ClaimVerdict; missing: string[] } {
  return { verdict: 'unproven', missing };
}

function publish(
  { id, text, quote, section, published, note, line, column }: ClaimSpec,
  judged: Pick<ClaimResult, 'verdict' | 'evidence' | 'missing'>,
  { file }: ClaimOrigin,
  rows: string[],
): ClaimResult {
  return {
    id,
    text,
    quote: quote ?? null,
    section: section ?? null,
    published: published ?? null,
    note: note ?? null,
    ...judged,
    trials: [...new Set(judged.evidence.flatMap(({ trials }) => trials))],
    reproduce: `npm run bench -- ${quoteArgument(file)}${rows.length === 0 ? '' : ` --tools ${rows.join(',')}`}`,
    file,
    line,
    column,
  };
}

/** Rows that the claim needs, with those whose requests they replay; empty where it needs none. */
function rowsOf({ confirm, refute, irrefutable }: ClaimSpec, { arms }: ClaimGround): string[] {
  const { beside } = irrefutable ?? {};
  const named = new Set([
    ...[confirm, refute].flatMap((condition) => (condition ? armsIn(condition) : [])),
    ...(beside && 'arm' in beside ? [beside.arm] : []),
  ]);
  const replayed = arms.flatMap(({ id, replay }) => (named.has(id) && replay !== undefined ? [replay] : []));
  const needed = new Set([...named, ...replayed]);
  return arms.every(({ id }) => needed.has(id)) ? [] : [...needed];
}

function armsIn(condition: ClaimCondition): string[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(armsIn);
    case 'not':
      return armsIn(condition.of);
    case 'compare': {
      const { figure, operand } = condition;
      return [figure, ...('figure' in operand ? [operand.figure] : [])].flatMap((source) =>
        'arm' in source ? [source.arm] : [],
      );
    }
    default:
      return [condition.arm];
  }
}

/** A condition and its opposite say the same figure twice. */
function distinct(evidence: readonly ClaimEvidence[]): ClaimEvidence[] {
  return [...new Map(evidence.map((item) => [item.sentence, item])).values()];
}
