import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type LiveRun, startLiveRun } from '../../../src/cli/live/live-run.ts';
import type { LiveEvents } from '../../../src/model/live-run.ts';
import type { Plan, Trial } from '../../../src/model/plan.ts';
import type { RunRecord } from '../../../src/model/run-record.ts';
import { readRun } from '../../../src/run/run-store.ts';
import { EventDecoder } from '../../../src/sse/event-decoder.ts';
import { requireTool } from '../../../src/tools/index.ts';
import { makeRunsDir, writeStoredRun } from '../../helpers/stored-run.ts';
import { waitUntil } from '../../helpers/wait-until.ts';

const dir = mkdtempSync(join(tmpdir(), 'ssee-live-run-'));
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  rmSync(dir, { recursive: true, force: true });
});

interface Seen {
  sentences: string[];
  results: LiveEvents['results'][];
  readings: LiveEvents['reading'][];
  end: LiveEvents['end'] | undefined;
}

/** A run of one row that was stored before, told again trial by trial, with a browser that looks on. */
async function lookOn(
  duringTrials: boolean,
): Promise<{ live: LiveRun; run: RunRecord; runDir: string; seen: Seen }> {
  const runsDir = makeRunsDir();
  cleanUp.push(() => rmSync(runsDir, { recursive: true, force: true }));
  const runDir = writeStoredRun(runsDir, 'run', { arms: [{}], rounds: 2 });
  const stored = readRun(runDir);
  const plan: Plan = {
    ...stored.plan,
    trials: stored.trials.map(
      ({ id, armId, round, durationMs }): Trial => ({
        id,
        armId,
        kind: 'measured',
        round,
        durationMs,
        capture: 'off',
      }),
    ),
  };
  const live = await startLiveRun({
    port: 0,
    duringTrials,
    plan,
    scenario: { name: 'night' },
    findTool: requireTool,
  });
  cleanUp.push(() => live.close());
  const seen: Seen = { sentences: [], results: [], readings: [], end: undefined };
  const decoder = new EventDecoder(({ type, data }) => {
    const value: unknown = JSON.parse(data);
    if (type === 'progress') seen.sentences.push((value as LiveEvents['progress']).sentence);
    else if (type === 'results') seen.results.push(value as LiveEvents['results']);
    else if (type === 'reading') seen.readings.push(value as LiveEvents['reading']);
    else if (type === 'end') seen.end = value as LiveEvents['end'];
  });
  const asked = get(`${live.url}events`, { agent: false }, (response) => {
    response.on('data', (chunk: Buffer) => decoder.push(chunk));
    response.on('error', () => {});
  });
  asked.on('error', () => {});
  cleanUp.push(() => asked.destroy());
  await waitUntil('the first sentence', () => seen.sentences.length > 0);
  const run: RunRecord = { ...stored, plan, trials: [] };
  live.events.onRunStart?.(run, runDir);
  return { live, run, runDir, seen };
}

it('says nothing while a tool measures, tells what comes before, and shows the table when it has grown', async () => {
  const { live, run, runDir, seen } = await lookOn(false);
  expect(live.events.watch).toBeUndefined();
  const [trial] = run.plan.trials;
  live.events.onTrialPhase(trial!, 'launching', 1, 2);
  live.events.onTrialPhase(trial!, 'measuring', 1, 2);
  live.events.onTrialPhase(trial!, 'draining', 1, 2);
  const stored = readRun(runDir).trials[0]!;
  run.trials.push(stored);
  live.events.onTrialEnd(stored);
  await waitUntil('the end of the trial', () => seen.sentences.at(-1)?.includes('done') === true);
  expect(seen.sentences).toEqual([
    'Starting',
    'Round 1: ssee-tester is launching, then measures for 30s',
    'Round 1: ssee-tester has measured; its connections drain',
    'r1-ssee-tester done',
  ]);
  expect(seen.results).toHaveLength(1);
  expect(seen.results[0]!.html).toContain('class="comparison"');
  expect(seen.results[0]!.news).toMatch(/^ssee-tester: [a-z-]+$/);
});

it('looks into a trial where that is asked for', async () => {
  const { live, run, runDir, seen } = await lookOn(true);
  const [trial] = run.plan.trials;
  live.events.onTrialPhase(trial!, 'launching', 1, 2);
  live.events.onTrialPhase(trial!, 'measuring', 1, 2);
  const watch = live.events.watch!;
  watch.onProcessSample(trial!, { atMs: 100 });
  watch.onProcessSample(trial!, { atMs: 1100, target: { cpuMs: 500, rssBytes: 1, threads: 1 } });
  mkdirSync(join(runDir, 'trials', trial!.id), { recursive: true });
  writeFileSync(join(runDir, 'trials', trial!.id, 'series.jsonl'), '{"schema":"ssee-tester/series/1"}\n');
  live.events.onTrialPhase(trial!, 'draining', 1, 2);
  await waitUntil('the reading', () => seen.readings.length === 1);
  expect(seen.sentences).toContain('Round 1: ssee-tester measures for 30s');
  expect(seen.readings[0]).toEqual({
    trialId: trial!.id,
    atS: 1.1,
    toolCpus: null,
    targetCpus: 0.5,
    load: null,
  });
});

it('goes on when what is shown cannot be read', async () => {
  const { live, run, runDir, seen } = await lookOn(false);
  const stored = readRun(runDir).trials[0]!;
  run.trials.push(stored);
  rmSync(join(runDir, 'trials'), { recursive: true });
  live.events.onTrialEnd(stored);
  await live.finish({ sentence: 'over', report: undefined, folder: 'results/x' });
  await waitUntil('the end', () => seen.end !== undefined);
  expect(seen.end).toEqual({ sentence: 'over', report: null, folder: 'results/x' });
});
