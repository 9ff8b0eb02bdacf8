import type { Rule } from '../model/finding.ts';
import { judgeThrottling } from './throttled.ts';

/** A CPU quota stops the target again and again. */
export const serverCpuThrottled: Rule = {
  code: 'server-cpu-throttled',
  needs: ["the counters of the target's CPU quota, or its waits for a CPU"],
  evaluate: (evidence) => judgeThrottling(evidence, 'target'),
};
