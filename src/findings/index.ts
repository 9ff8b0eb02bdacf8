import type { Rule } from '../model/finding.ts';
import { clientCpuSaturated } from './client-cpu-saturated.ts';
import { endlessResponse } from './endless-response.ts';
import { refused } from './refused.ts';
import { serverClosesEarly } from './server-closes-early.ts';
import { serverCpuSaturated } from './server-cpu-saturated.ts';
import { serverResets } from './server-resets.ts';
import { streamPaced } from './stream-paced.ts';
import { toolMisreports } from './tool-misreports.ts';
import { toolRateLimited } from './tool-rate-limited.ts';

/** Every rule; a new one is one file and one line here. Equal class and weight keep this order. */
export const RULES: readonly Rule[] = [
  endlessResponse,
  refused,
  serverResets,
  serverClosesEarly,
  toolMisreports,
  toolRateLimited,
  streamPaced,
  clientCpuSaturated,
  serverCpuSaturated,
];
