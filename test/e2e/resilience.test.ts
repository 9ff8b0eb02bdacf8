import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultReaction, SignalReaction } from '../../src/model/resilience.ts';
import { comparisonSchema } from '../../src/report/comparison-schema.ts';
import { type CliResult, findRunDir, makeOutDir, readComparison, runCli } from '../helpers/run-cli.ts';

const outDir = makeOutDir();
let result: CliResult;
let faults: FaultReaction[];
let runDir: string;

beforeAll(async () => {
  const file = join(outDir, 'scenario.yaml');
  writeFileSync(
    file,
    `
name: two-faults
target: {use: node-http, ready: {path: /healthz, within: 10s}, metrics: /metrics}
request: {path: "/events?count=4&interval=20ms", headers: {Accept: text/event-stream}}
stream: finite
load: {connections: 8, duration: 12s, timeout: 2s}
tools: [ssee-tester]
capture: off
faults:
  - {at: 2s, for: 700ms, pause: true}
  - {at: 4500ms, for: 300ms, restart: kill}
slo: [{metric: failure_rate, max: 90%}]
`,
  );
  result = await runCli(['run', file, '--out', join(outDir, 'runs')]);
  runDir = findRunDir(join(outDir, 'runs'));
  faults = readComparison(runDir).resilience?.[0]?.faults ?? [];
});
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

const signal = (fault: FaultReaction | undefined, name: SignalReaction['signal']): SignalReaction =>
  fault!.signals.find((reaction) => reaction.signal === name)!;

describe('a run with faults on a timeline', () => {
  it('ends well, with every fault injected and undone at its time', () => {
    expect(result.stderr).not.toContain('failed');
    expect(result.code).toBe(0);
    expect(faults.map(({ id, state }) => [id, state])).toEqual([
      ['1-pause', 'undone'],
      ['2-restart', 'undone'],
    ]);
    for (const { askedAtS, askedForS, startedAtS, endedAtS } of faults) {
      expect(startedAtS).toBeGreaterThanOrEqual(askedAtS);
      expect(endedAtS! - startedAtS!).toBeGreaterThanOrEqual(askedForS - 0.002);
    }
  });

  it('says that a pause stopped the events and failed nobody', () => {
    const [pause] = faults;
    const throughput = signal(pause, 'throughput');
    expect(throughput.verdict).toBe('broken');
    expect(throughput.worst).toBe(0);
    expect(Math.abs(throughput.brokeAtS! - pause!.startedAtS!)).toBeLessThanOrEqual(0.5);
    expect(throughput.recoveredAtS).toBeGreaterThanOrEqual(pause!.endedAtS! - 0.2);
    expect(signal(pause, 'gap').verdict).toBe('broken');
    expect(signal(pause, 'errors').verdict).toBe('kept');
  });

  it('says that a restart failed streams, measured against the promise, and was seen by the health probes', () => {
    const restart = faults[1];
    const errors = signal(restart, 'errors');
    expect(errors).toMatchObject({ verdict: 'broken', limitFrom: 'slo', limit: 0.9 });
    expect(Math.abs(errors.brokeAtS! - restart!.startedAtS!)).toBeLessThanOrEqual(0.5);
    expect(restart!.health!.green).toBeLessThan(restart!.health!.probes);
    expect(['C', 'D']).toContain(restart!.grade);
  });

  it('tells the same in every report, and by the published schema', () => {
    expect(comparisonSchema.safeParse(readComparison(runDir)).success).toBe(true);
    const texts = [
      result.stdout,
      ...['report.md', 'report.html'].map((name) => readFileSync(join(runDir, name), 'utf8')),
    ];
    for (const text of texts) {
      expect(text).toContain('Resilience report');
      expect(text).toContain('2-restart');
    }
  });

  it('does not take the counters of a new process for those of the old one', () => {
    const { truth } = readComparison(runDir).arms[0]!;
    expect(truth.events).toMatchObject({ known: false });
  });
});
