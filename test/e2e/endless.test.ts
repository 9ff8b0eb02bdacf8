import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/model/comparison.ts';
import {
  armOf,
  type CliResult,
  findRunDir,
  makeOutDir,
  numberIn,
  outcomeOf,
  readComparison,
  runCli,
} from '../helpers/run-cli.ts';

const SCENARIO = `
name: endless
target: {use: node-http, metrics: /metrics, ready: {path: /healthz, within: 10s}}
request:
  method: GET
  path: /events?interval=50ms
  headers: {Accept: text/event-stream}
stream: endless
load: {connections: 20, duration: 2s, timeout: 1s, rounds: 1}
tools: [wrk, hey, curl, ssee-tester]
capture: off
`;

describe('an endless stream', () => {
  const outDir = makeOutDir();
  let result: CliResult;
  let comparison: Comparison;

  beforeAll(async () => {
    const scenario = join(outDir, 'endless.yaml');
    writeFileSync(scenario, SCENARIO);
    result = await runCli(['run', scenario, '--out', join(outDir, 'runs')]);
    comparison = readComparison(findRunDir(join(outDir, 'runs')));
  }, 120_000);
  afterAll(() => rmSync(outDir, { recursive: true, force: true }));

  it('exits 0', () => {
    expect(result.stderr).not.toMatch(/internal error/);
    expect(result.code).toBe(0);
  });

  it('is held by ssee-tester on every connection, with the events that the target says it sent', () => {
    const tester = armOf(comparison, 'ssee-tester');
    expect(outcomeOf(tester, 'held')).toBe(20);
    expect(outcomeOf(tester, 'attempted')).toBe(20);
    const perSecond = numberIn(tester.metrics.events_per_sec)!;
    const truth = numberIn(tester.truth.events)! / 2;
    // 20 streams x 41 events; at most one event per stream can be on its way at the deadline.
    expect(Math.abs(perSecond - truth) / truth).toBeLessThan(0.03);
  });

  it('gives wrk and hey no request rate and says why', () => {
    for (const id of ['wrk', 'hey']) {
      const cell = armOf(comparison, id).metrics.requests_per_sec;
      expect(cell).toMatchObject({ known: false, why: 'not-observable' });
      expect(cell.known ? '' : cell.detail).toMatch(/endless|never/);
    }
  });

  it('ends hey by the hard deadline and shows the overrun', () => {
    expect(numberIn(armOf(comparison, 'hey').metrics.overrun_s)).toBeGreaterThan(1);
  });
});
