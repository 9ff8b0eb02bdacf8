import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatCount, formatPercent } from '../stats/format-figure.ts';
import { countersRounds, ownCounters } from './figures.ts';

/**
 * Share of connections that may be missing. Unit: ratio 0..1. Reason: a rate per connection is wrong by this much, and
 * measurements of one machine repeat to a percent at best. Doubt: with few connections one missing is far above it.
 */
const MISSING_SHARE = 0.005;

/** The tool never had as many connections as it was told to hold. */
export const clientConcurrencyShort: Rule = {
  code: 'client-concurrency-short',
  needs: ['connects on the wire, or kernel counters of a network namespace of its own'],
  evaluate(evidence) {
    const { arm, process, kernel } = evidence;
    if (arm.ratePerConnection !== undefined) {
      return { outcome: 'clear', because: ['a rate limit lets a tool do with fewer connections'] };
    }
    const tried = countConnects(evidence);
    if (!tried) {
      return {
        outcome: 'insufficient-data',
        missing: ['a capture, or kernel counters of a network namespace of its own (root)'],
      };
    }
    const text = `${tried.who} ${arm.tool} opened ${formatCount(tried.count)} of ${arm.connections} connections`;
    const missing = 1 - tried.count / arm.connections;
    if (missing <= MISSING_SHARE) return { outcome: 'clear', because: [text] };
    const range = kernel?.settings?.portRange;
    if (range && range[1] - range[0] + 1 < arm.connections) {
      return { outcome: 'clear', because: ['there are fewer ports than connections', text] };
    }
    const { toolOpenFiles: open, toolOpenFileLimit: limit } = process;
    const atLimit = open !== undefined && limit !== undefined && limit - open <= 1;
    return {
      outcome: 'found',
      class: 'hard-event',
      weight: Math.min(1, missing),
      sentence: `${arm.id} worked with ${formatCount(tried.count)} connections instead of ${arm.connections}: ${formatPercent(missing)} of the load was never there.`,
      because: [
        text,
        ...(atLimit ? [`it had ${formatCount(open)} of ${formatCount(limit)} descriptors open`] : []),
      ],
      against: [],
    };
  },
};

/**
 * Connects that were tried at all, by the witness that sees them best. One without a byte is the test that wrk makes
 * before a run; further ones had no time left for their request, and were there all the same.
 */
function countConnects(evidence: ArmEvidence): { who: string; count: number } | undefined {
  const { wire } = evidence;
  const attempts = readingValue(wire?.connect_attempts);
  const tests = readingValue(wire?.probe_connections);
  if (attempts !== undefined && tests !== undefined) {
    return { who: 'on the wire', count: Math.max(0, attempts - Math.min(tests, 1)) };
  }
  const opens = ownCounters(evidence)?.ActiveOpens;
  const rounds = countersRounds(evidence);
  return opens === undefined || rounds === 0
    ? undefined
    : { who: 'by the kernel', count: Math.round(opens / rounds) };
}
