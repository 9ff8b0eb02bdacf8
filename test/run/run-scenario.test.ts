import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { probeIsolation } from '../../src/process/open-space.ts';
import type { Adapters } from '../../src/run/adapters.ts';
import { runScenario } from '../../src/run/run-scenario.ts';
import { readRun } from '../../src/run/run-store.ts';

vi.mock('../../src/process/open-space.ts', () => ({ probeIsolation: vi.fn() }));

let outDir = '';

beforeEach(() => {
  outDir = mkdtempSync(join(tmpdir(), 'ssee-scenario-'));
});
afterEach(() => rmSync(outDir, { recursive: true, force: true }));

it('makes no run folder before it can write the record into it', async () => {
  let seen: string[] | undefined;
  vi.mocked(probeIsolation).mockImplementation(async () => {
    seen = readdirSync(outDir);
    return { available: false, reason: 'it is a test double' };
  });
  const { runDir } = await runScenario({
    plan: { arms: [], trials: [], warmupMs: 0, rounds: 1, sampleEveryMs: 100, allowRemote: [] },
    scenario: { name: 'empty', path: 'empty.yaml', text: '' },
    outDir,
    adapters: {} as Adapters,
    events: { onTrialPhase: () => undefined, onTrialEnd: () => undefined },
    signal: new AbortController().signal,
  });
  expect(seen).toEqual([]);
  expect(readRun(runDir)).toMatchObject({ state: 'done', environment: { namespaces: false } });
});
