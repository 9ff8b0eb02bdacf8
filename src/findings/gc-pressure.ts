import type { Rule } from '../model/finding.ts';
import { formatPercent } from '../stats/format-figure.ts';
import { judgeCpuCause, missingFigure, profileShare } from './target-cpu-cause.ts';

/**
 * Share of the target's CPU that collecting and allocating memory take together. Unit: ratio 0..1. Reason: healthy
 * handlers were at 0.03 to 0.17, those that make JSON of maps at 0.21 to 0.34, allocation storms at 0.7 and more. Doubt: a
 * server that allocates half of the time may have nothing better to do; cache misses of the program itself are not in it.
 */
const SHARE = { from: 0.3, to: 0.55 };

/** Part of that which the collector itself must have. Unit: ratio 0..1. Reason: memory that is never collected is no pressure. Doubt: as for small heaps, which are collected cheaply. */
const LEAST_COLLECTED = 0.05;

/** The target spends its CPU on making and collecting garbage. */
export const gcPressure: Rule = {
  code: 'gc-pressure',
  needs: ["a CPU profile of the target (observe.profile: [cpu]), and the target's CPU time"],
  evaluate(evidence) {
    const gc = profileShare(evidence, 'gc_share');
    // Node's profile books allocations on whoever allocates: only its collector can be told.
    const malloc = profileShare(evidence, 'malloc_share');
    const collected = gc !== undefined && gc >= LEAST_COLLECTED;
    const share = gc === undefined ? undefined : collected ? gc + (malloc ?? 0) : gc;
    return judgeCpuCause(evidence, {
      share,
      range: SHARE,
      missing: missingFigure(
        evidence,
        'gc_share',
        'the share of the collector in a CPU profile of the target',
      ),
      shareText: `collecting garbage took ${formatPercent(gc ?? 0)} of the target's CPU time${malloc === undefined ? '' : `, allocating memory for nothing else that has a name ${formatPercent(malloc)}`}`,
      sentence: `The server spends ${formatPercent(share ?? 0)} of its CPU time on making and collecting garbage.`,
    });
  },
};
