import type { Rule } from '../model/finding.ts';
import { formatPercent } from '../stats/format-figure.ts';
import { EXHAUSTED_IDLE, foreignCpu, OWNER_FACTOR } from './cpu-load.ts';

/** The machine has no CPU left, and neither tool nor target owns it. */
export const hostSaturated: Rule = {
  code: 'host-saturated',
  needs: ['CPU time of tool, target and machine'],
  evaluate({ process }) {
    const { idle, toolCpuS, targetCpuS, steal } = process;
    if (idle === undefined || toolCpuS === undefined || targetCpuS === undefined) {
      return { outcome: 'insufficient-data', missing: ['CPU time of tool, target and machine'] };
    }
    const idleText = `the machine had ${formatPercent(idle)} of its CPU time left`;
    if (idle >= EXHAUSTED_IDLE) return { outcome: 'clear', because: [idleText] };
    const useText = `the tool used ${toolCpuS.toFixed(2)} s of CPU, the target ${targetCpuS.toFixed(2)} s`;
    if (foreignCpu(process) !== undefined) {
      return { outcome: 'clear', because: ['other programs used a good part of it', idleText] };
    }
    const larger = Math.max(toolCpuS, targetCpuS);
    const smaller = Math.min(toolCpuS, targetCpuS);
    if (larger >= OWNER_FACTOR * smaller) return { outcome: 'clear', because: [useText, idleText] };
    return {
      outcome: 'found',
      class: 'cpu-share',
      weight: Math.min(1, 1 - idle),
      sentence:
        'Tool and target use up the machine together: neither is shown at its best, and pinning them apart would tell.',
      because: [idleText, useText],
      against:
        steal !== undefined && steal > 0.05
          ? [`the hypervisor took ${formatPercent(steal)} of the CPU time`]
          : [],
    };
  },
};
