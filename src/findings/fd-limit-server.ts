import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatCount } from '../stats/format-figure.ts';
import { unansweredInTime } from './never-answered.ts';

/**
 * Descriptors that may be left at the limit. Unit: descriptors. Reason: a server at its limit uses every one, or all but
 * the one that some keep in reserve to turn clients away with. Doubt: samples are 100 ms apart, and a peak in between
 * goes unseen.
 */
const LEFT_AT_LIMIT = 1;

/** The target has used up its open-file limit and cannot accept more. */
export const fdLimitServer: Rule = {
  code: 'fd-limit-server',
  needs: ["the target's open descriptors and their limit"],
  evaluate(evidence) {
    const { targetOpenFiles: open, targetOpenFileLimit: limit } = evidence.process;
    if (open === undefined) {
      return { outcome: 'insufficient-data', missing: ["the target's open descriptors and their limit"] };
    }
    if (limit === undefined) return { outcome: 'clear', because: ['the target has no limit of open files'] };
    const use = `the target had ${formatCount(open)} of ${formatCount(limit)} descriptors open`;
    if (limit - open > LEFT_AT_LIMIT) return { outcome: 'clear', because: [use] };
    const effects = describeEffects(evidence);
    if (effects.length === 0) {
      return { outcome: 'clear', because: [`${use}, and nobody is seen to have waited for one`] };
    }
    return {
      outcome: 'found',
      class: 'hard-event',
      weight: 1,
      sentence: `The target is at its limit of ${formatCount(limit)} open files: further connections wait or are turned away.`,
      because: [use, ...effects],
      against: [],
    };
  },
};

/** That connections did suffer: a server may live at its limit for other reasons, such as a cache of files. */
function describeEffects(evidence: ArmEvidence): string[] {
  const { kernel, outcomes } = evidence;
  const effects: string[] = [];
  const { sockets } = kernel ?? {};
  if (sockets && sockets.looksWithQueue > 1) {
    effects.push(
      `${formatCount(sockets.acceptQueueMax)} connections waited to be accepted, in ${sockets.looksWithQueue} of ${sockets.looks} looks`,
    );
  }
  const unanswered = readingValue(unansweredInTime(evidence)) ?? 0;
  if (unanswered > 0) effects.push(`${formatCount(unanswered)} requests got no answer on the wire`);
  for (const row of ['no-headers', 'reset', 'closed-early', 'refused'] as const) {
    const count = readingValue(outcomes[row]) ?? 0;
    if (count > 0) effects.push(`the tool counted ${formatCount(count)} streams as ${row}`);
  }
  return effects;
}
