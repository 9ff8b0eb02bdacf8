import { dirname, resolve } from 'node:path';
import { planTrials } from '../scenario/plan-trials.ts';
import { readScenario } from './run-command.ts';

/** `ssee-bench validate SCENARIO`: every error at once, nothing is launched. What `run` would refuse is refused. */
export function validateCommand(scenarioPath: string, options: { allowRemote?: string[] } = {}): number {
  const { scenario } = readScenario(scenarioPath);
  const plan = planTrials(scenario, { scenarioDir: dirname(resolve(scenarioPath)), ...options });
  process.stdout.write(
    `${scenarioPath}: valid; ${plan.arms.length} arms, ${plan.rounds} rounds, ${plan.trials.length} trials\n`,
  );
  return 0;
}
