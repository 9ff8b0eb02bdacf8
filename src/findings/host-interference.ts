import type { Rule } from '../model/finding.ts';
import { formatPercent } from '../stats/format-figure.ts';
import { foreignCpu } from './cpu-load.ts';

/**
 * Idle share of the machine above which others do no harm that CPU figures could show. Unit: ratio 0..1. Reason: whoever
 * wants a CPU gets one soon. Doubt: on one CPU of many a pinned side may suffer all the same.
 */
const ROOM_LEFT = 0.15;

/** Hypervisors that take this much are other programs as well. Unit: ratio 0..1. Reason and doubt: as for those. */
const STOLEN = 0.1;

/** Other programs use up what the machine has: the figures are not those of tool and target alone. */
export const hostInterference: Rule = {
  code: 'host-interference',
  needs: ['CPU time of tool, target and machine'],
  evaluate({ process }) {
    const { idle, unaccounted, steal } = process;
    if (idle === undefined || unaccounted === undefined) {
      return { outcome: 'insufficient-data', missing: ['CPU time of tool, target and machine'] };
    }
    const foreign = foreignCpu(process);
    const stolen = steal !== undefined && steal > STOLEN ? steal : undefined;
    const text = `programs other than tool and target used ${formatPercent(unaccounted)} of the machine's CPU time`;
    const idleText = `${formatPercent(idle)} of it was left`;
    if (foreign === undefined && stolen === undefined) return { outcome: 'clear', because: [text] };
    if (idle > ROOM_LEFT)
      return { outcome: 'clear', because: [text, `${idleText}, so nobody had to wait long`] };
    return {
      outcome: 'found',
      class: 'cpu-share',
      weight: Math.min(1, 1 - idle),
      sentence: `Other programs used ${formatPercent((foreign ?? 0) + (stolen ?? 0))} of the machine, which had none to spare: measure again on a quiet one.`,
      because: [
        text,
        idleText,
        ...(stolen === undefined ? [] : [`the hypervisor took ${formatPercent(stolen)}`]),
      ],
      against: [],
    };
  },
};
