import type { ArmEvidence } from '../model/evidence.ts';
import type { Finding, Verdict } from '../model/finding.ts';
import { withoutBrokenCapture } from './capture-incomplete.ts';
import { RULES } from './index.ts';

type Found = Extract<Verdict, { outcome: 'found' }>;

/** What happened outranks what was waited for, which outranks what was busy: the later ones follow from the earlier. */
const CLASS_ORDER: Record<Found['class'], number> = {
  'hard-event': 0,
  wait: 1,
  'cpu-share': 2,
  'rare-event': 3,
};

/** What every rule says about an arm, found or not, in the order of the list. */
export function evaluateRules(evidence: ArmEvidence): { code: string; needs: string[]; verdict: Verdict }[] {
  const sound = withoutBrokenCapture(evidence);
  return RULES.map((rule) => ({
    code: rule.code,
    needs: rule.needs,
    // The one rule about the capture itself has to see it.
    verdict: rule.evaluate(rule.code === 'capture-incomplete' ? evidence : sound),
  }));
}

/**
 * All findings of an arm, the bottleneck first. Without any that limits the arm, the finding `unproven` says what was looked
 * at and what was missing, before what is rare: a cause is never made up.
 */
export function judgeArm(evidence: ArmEvidence): Finding[] {
  const verdicts = evaluateRules(evidence);
  const found = verdicts.flatMap(({ code, verdict }) =>
    verdict.outcome === 'found' ? [{ code, verdict }] : [],
  );
  const isLimited = found.some(({ verdict }) => verdict.class !== 'rare-event');
  const unexplained = ({ code, verdict }: (typeof found)[number]): number =>
    verdict.weight * (1 - explainedBy(code, found));
  const ranked = found
    .sort(
      (a, b) =>
        CLASS_ORDER[a.verdict.class] - CLASS_ORDER[b.verdict.class] || unexplained(b) - unexplained(a),
    )
    .map(
      ({ code, verdict }, index): Finding => ({
        code,
        outcome: 'found',
        rank: index + (isLimited ? 1 : 2),
        sentence: verdict.sentence,
        because: verdict.because,
        against: verdict.against,
      }),
    );
  return isLimited ? ranked : [unproven(verdicts), ...ranked];
}

/** How surely other findings give the reason for this one, 0..1: "no CPU left" says less than what the CPU is used for. */
function explainedBy(code: string, found: readonly { verdict: Found }[]): number {
  return found.reduce((most, { verdict: { explains } }) => {
    return explains?.codes.includes(code) ? Math.max(most, explains.confidence) : most;
  }, 0);
}

function unproven(verdicts: readonly { code: string; verdict: Verdict }[]): Finding {
  const clear = verdicts.filter(({ verdict }) => verdict.outcome === 'clear').map(({ code }) => code);
  const blind = verdicts
    .filter(({ verdict }) => verdict.outcome === 'insufficient-data')
    .map(({ code }) => code);
  const looked = clear.length > 0 ? `ruled out: ${clear.join(', ')}` : 'nothing could be ruled out';
  const missing = blind.length > 0 ? `; not enough data for ${blind.join(', ')}` : '';
  return {
    code: 'unproven',
    outcome: 'unproven',
    rank: 1,
    sentence: `What limits this row is unproven (${looked}${missing}).`,
    because: verdicts.flatMap(({ code, verdict }) =>
      verdict.outcome === 'found' ? [] : [describe(code, verdict)],
    ),
    against: [],
  };
}

function describe(code: string, verdict: Exclude<Verdict, Found>): string {
  if (verdict.outcome === 'insufficient-data') return `${code}: missing ${verdict.missing.join(', ')}`;
  return `${code}: ruled out, ${verdict.because.join('; ')}`;
}
