import type { Rule } from '../model/finding.ts';
import { formatPercent } from '../stats/format-figure.ts';
import { judgeCpuCause, missingFigure, profileShare } from './target-cpu-cause.ts';

/**
 * Share of the target's CPU that JSON codecs take, their allocations included. Unit: ratio 0..1. Reason: handlers that
 * encode maps of 50 keys were at 0.47 to 0.54, all others at 0. Doubt: the collector's work for what they allocate is
 * in its own share; 0.15 is where a reader would begin to ask.
 */
const SHARE = { from: 0.15, to: 0.4 };

/** The target spends its CPU on encoding and decoding JSON. */
export const serializationCost: Rule = {
  code: 'serialization-cost',
  needs: ["a CPU profile of the target (observe.profile: [cpu]), and the target's CPU time"],
  evaluate(evidence) {
    const share = profileShare(evidence, 'json_share');
    const gc = profileShare(evidence, 'gc_share') ?? 0;
    return judgeCpuCause(evidence, {
      share,
      range: SHARE,
      missing: missingFigure(
        evidence,
        'json_share',
        'the share of JSON codecs in a CPU profile of the target',
      ),
      shareText: `JSON codecs took ${formatPercent(share ?? 0)} of the target's CPU time`,
      sentence: `The server spends ${formatPercent(share ?? 0)} of its CPU time on encoding JSON.`,
      because: [`collecting garbage, theirs among it, took another ${formatPercent(gc)}`],
      explains: ['gc-pressure'],
    });
  },
};
