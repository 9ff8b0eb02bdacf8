import type { Rule } from '../model/finding.ts';
import { judgeThrottling } from './throttled.ts';

/** A CPU quota stops the load generator again and again: its figures describe the quota. */
export const clientThrottled: Rule = {
  code: 'client-throttled',
  needs: ["the counters of the tool's CPU quota, or its waits for a CPU"],
  evaluate: (evidence) => judgeThrottling(evidence, 'tool'),
};
