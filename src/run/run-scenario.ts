import { createHash } from 'node:crypto';
import type { Plan } from '../model/plan.ts';
import type { RunRecord } from '../model/run-record.ts';
import { readEnvironment } from '../observe/environment.ts';
import { probeIsolation } from '../process/open-space.ts';
import type { Adapters } from './adapters.ts';
import { executePlan, type RunEvents } from './execute-plan.ts';
import { cannotWriteResults, createRunStore } from './run-store.ts';
import { HARNESS_VERSION } from './version.ts';

export interface RunRequest {
  plan: Plan;
  scenario: { name: string; description?: string; path: string; text: string };
  outDir: string;
  adapters: Adapters;
  events: RunEvents;
  signal: AbortSignal;
}

/**
 * Execute a plan into a fresh run folder.
 * @returns the folder and the record, which is newer than the stored one where that could not be written
 * @throws UserError when the results folder cannot be written; no target has been launched then
 */
export async function runScenario(request: RunRequest): Promise<{ runDir: string; run: RunRecord }> {
  const { plan, scenario, signal } = request;
  // Before there is a folder: a kill in the meantime must not leave one without its record.
  const isolation = await probeIsolation(request.adapters.registry);
  const startedAt = new Date();
  const store = createRunStore(request.outDir, scenario.name, startedAt);
  const run: RunRecord = {
    schema: 'ssee-bench/run/1',
    harnessVersion: HARNESS_VERSION,
    scenario: {
      name: scenario.name,
      ...(scenario.description ? { description: scenario.description } : {}),
      path: scenario.path,
      sha256: createHash('sha256').update(scenario.text).digest('hex'),
    },
    plan,
    ...(request.events.watch ? { live: 'during-trials' as const } : {}),
    environment: { ...readEnvironment(), namespaces: isolation.available },
    startedAt: startedAt.toISOString(),
    state: 'running',
    problems: [],
    tools: {},
    trials: [],
  };
  try {
    store.write(run);
  } catch (error) {
    throw cannotWriteResults(store.dir, error);
  }
  await executePlan(run, store, request.adapters, request.events, signal);
  return { runDir: store.dir, run };
}
