import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProbeSpec } from '../../src/model/claim.ts';
import type { RunRecord } from '../../src/model/run-record.ts';
import { openRegistry, type ProcessRegistry } from '../../src/process/process-registry.ts';
import { runProbes } from '../../src/run/run-probes.ts';
import type { RunStore } from '../../src/run/run-store.ts';

const dir = mkdtempSync(join(tmpdir(), 'ssee-probes-'));
let registry: ProcessRegistry;
beforeAll(() => {
  registry = openRegistry({ dir });
});
afterAll(() => {
  registry.killAll();
  registry.close();
  rmSync(dir, { recursive: true, force: true });
});

function probe(name: string, script: string, withinMs = 20_000): ProbeSpec {
  return { name, command: [process.execPath, '-e', script], cwd: dir, reads: 'json', withinMs };
}

async function run(probes: ProbeSpec[], signal = new AbortController().signal) {
  const record = { plan: { probes } } as RunRecord;
  let saved = 0;
  await runProbes(record, { probesDir: () => dir } as RunStore, registry, signal, () => {
    saved += 1;
  });
  return { probes: record.probes, saved };
}

test('each probe leaves its output and a record, and is stored at once', async () => {
  const { probes, saved } = await run([
    probe('good', 'console.log(process.cwd())'),
    probe('bad', 'throw new Error("no luck")'),
    probe('slow', 'setInterval(() => {}, 1000)', 200),
    { ...probe('gone', ''), command: ['no-such-program'] },
  ]);
  expect(saved).toBe(4);
  expect(probes!.good).toMatchObject({ state: 'done', file: 'good.txt' });
  expect(readFileSync(join(dir, 'good.txt'), 'utf8').trim()).toBe(dir);
  expect(probes!.bad).toMatchObject({ state: 'failed', reason: 'it ended with code 1: Error: no luck' });
  expect(probes!.slow).toMatchObject({ state: 'failed', reason: 'it took longer than 0.2 s' });
  expect(probes!.gone).toMatchObject({ state: 'failed', reason: expect.stringContaining('no-such-program') });
});

test('an interrupted run keeps no half of an answer', async () => {
  const { probes, saved } = await run([probe('good', 'console.log(1)')], AbortSignal.abort());
  expect(probes).toBeUndefined();
  expect(saved).toBe(0);
});
