import type { Rule } from '../model/finding.ts';
import { formatPercent } from '../stats/format-figure.ts';
import { areApart, exhaustedTogether, idleOf, OWNER_FACTOR } from './cpu-load.ts';

/** The CPUs that tool and target share have no time left, and neither side owns them. */
export const hostSaturated: Rule = {
  code: 'host-saturated',
  needs: ['CPU time of tool, target and machine'],
  evaluate(evidence) {
    const { toolCpuS, targetCpuS, steal } = evidence.process;
    const idle = idleOf(evidence, 'target');
    if (idle === undefined || toolCpuS === undefined || targetCpuS === undefined) {
      return { outcome: 'insufficient-data', missing: ['CPU time of tool, target and machine'] };
    }
    if (areApart(evidence))
      return { outcome: 'clear', because: ['tool and target are pinned to CPUs of their own'] };
    const use = exhaustedTogether(evidence);
    if (!use) {
      return {
        outcome: 'clear',
        because: [`the CPUs of the target had ${formatPercent(idle)} of their time left`],
      };
    }
    const useText = `the tool used ${toolCpuS.toFixed(2)} s of CPU, the target ${targetCpuS.toFixed(2)} s`;
    if (use.byOthers) {
      return { outcome: 'clear', because: ['other programs used a good part of it', use.idleText, useText] };
    }
    const larger = Math.max(toolCpuS, targetCpuS);
    const smaller = Math.min(toolCpuS, targetCpuS);
    if (larger >= OWNER_FACTOR * smaller) return { outcome: 'clear', because: [useText, use.idleText] };
    return {
      outcome: 'found',
      class: 'cpu-share',
      weight: Math.min(1, 1 - use.idle),
      sentence:
        'Tool and target use up the CPUs that they share: neither is shown at its best, and pinning them apart would tell.',
      because: [use.idleText, useText],
      against:
        steal !== undefined && steal > 0.05
          ? [`the hypervisor took ${formatPercent(steal)} of the CPU time`]
          : [],
    };
  },
};
