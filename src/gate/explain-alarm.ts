import type { AlarmFinding, InvariantCount, SideArm, SideFinding } from '../model/gate.ts';
import type { MetricId } from '../model/metrics.ts';
import { isStreamRate } from '../scenario/gate-defaults.ts';

const UNPROVEN = 'unproven';

/** The findings that count what an invariant counts; the others have no rule of their own. */
const BY_INVARIANT: Partial<Record<InvariantCount['name'], string>> = {
  'lost-events': 'events-lost',
  'server-resets': 'server-resets',
};

/** Streams that are lost: what makes a rate of failures, and no reason why a figure of those that were not is worse. */
const OF_LOSSES: ReadonlySet<string> = new Set([
  'server-resets',
  'server-closes-early',
  'idle-timeout-cut',
  'events-lost',
  'http-errors',
  'refused',
  'never-answered',
  'stalled-stream',
]);

/** The finding of head that counts the same as a broken invariant. */
export function explainBroken(
  name: InvariantCount['name'],
  head: SideArm,
  base: SideArm | undefined,
): AlarmFinding {
  const code = BY_INVARIANT[name];
  const found = findingsOf(head).find((finding) => finding.code === code);
  return found
    ? holdAgainst(found, base)
    : unproven(`No finding of this row counts ${name}: too few, or no rule is about them.`);
}

/**
 * The finding of head that goes with a metric that got worse: of what base does not have the first, else what limits the
 * row. A rate of failures goes with a finding about lost streams; all other figures only where that limits the row.
 */
export function explainWorse(metric: MetricId, head: SideArm, base: SideArm | undefined): AlarmFinding {
  const findings = findingsOf(head).filter(({ code }) => code !== UNPROVEN);
  const [first] = findingsOf(head);
  const able = findings.filter(({ code }) =>
    isStreamRate(metric) ? OF_LOSSES.has(code) : code === first?.code || !OF_LOSSES.has(code),
  );
  const isNew = ({ code }: SideFinding): boolean => !findingsOf(base).some((known) => known.code === code);
  const found = (base === undefined ? undefined : able.find(isNew)) ?? able[0];
  if (found) return holdAgainst(found, base);
  return unproven(
    first?.code === UNPROVEN ? first.sentence : `No finding of this row explains its ${metric}.`,
  );
}

/** Of baselines of older versions the first alone is known. */
function findingsOf(side: SideArm | undefined): SideFinding[] {
  return side?.findings ?? (side?.finding ? [side.finding] : []);
}

function holdAgainst({ code, sentence }: SideFinding, base: SideArm | undefined): AlarmFinding {
  return { code, sentence, base: findingsOf(base).find((known) => known.code === code)?.sentence ?? null };
}

function unproven(sentence: string): AlarmFinding {
  return { code: UNPROVEN, sentence, base: null };
}
