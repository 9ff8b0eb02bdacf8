import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/model/comparison.ts';
import { OUTCOMES } from '../../src/model/outcome.ts';
import {
  armOf,
  type CliResult,
  findRunDir,
  makeOutDir,
  numberIn,
  outcomeOf,
  readComparison,
  readRunRecord,
  runCli,
} from '../helpers/run-cli.ts';

describe('run scenarios/quick.yaml with the real tools', () => {
  const outDir = makeOutDir();
  let result: CliResult;
  let runDir: string;
  let comparison: Comparison;

  beforeAll(async () => {
    result = await runCli(['run', 'scenarios/quick.yaml', '--out', outDir]);
    runDir = findRunDir(outDir);
    comparison = readComparison(runDir);
  }, 120_000);
  afterAll(() => rmSync(outDir, { recursive: true, force: true }));

  it('exits 0 and ends stdout with the run folder alone', () => {
    expect(result.stderr).not.toMatch(/internal error/);
    expect(result.code).toBe(0);
    expect(result.lastLine).toBe(runDir);
  });

  it('has a row for every tool and runs every trial to its end', () => {
    expect(comparison.arms.map((arm) => arm.id)).toEqual(['wrk', 'hey', 'curl', 'ssee-tester']);
    expect(readRunRecord(runDir).trials.map((trial) => [trial.id, trial.state, trial.reason])).toEqual(
      readRunRecord(runDir).trials.map((trial) => [trial.id, 'done', undefined]),
    );
    for (const arm of comparison.arms) expect(result.stdout).toContain(arm.id);
  });

  it("agrees exactly with the target's own counters for ssee-tester", () => {
    const tester = armOf(comparison, 'ssee-tester');
    expect(outcomeOf(tester, 'completed')).toBeGreaterThan(100);
    expect(outcomeOf(tester, 'completed')).toBe(numberIn(tester.truth.streams_completed));
    expect(outcomeOf(tester, 'unaccounted')).toBe(0);
    const sum = OUTCOMES.reduce((total, row) => total + outcomeOf(tester, row)!, 0);
    expect(sum).toBe(outcomeOf(tester, 'attempted'));
  });

  it("agrees with the target's own counters within 1 % for wrk", () => {
    const wrk = armOf(comparison, 'wrk');
    const truth = numberIn(wrk.truth.streams_completed)!;
    expect(truth).toBeGreaterThan(100);
    // Streams that end while wrk stops are complete at the server and not counted by wrk: at most one per connection.
    expect(Math.abs(outcomeOf(wrk, 'completed')! - truth)).toBeLessThanOrEqual(Math.max(10, truth * 0.01));
  });

  it('inverts the correction in wrk latencies: as many samples as requests without timeouts', () => {
    for (const trial of readRunRecord(runDir).trials.filter((candidate) => candidate.armId === 'wrk')) {
      const name = trial.files.find((file) => file.endsWith('.json') && file !== 'samples.json')!;
      const stored = JSON.parse(readFileSync(join(runDir, 'trials', trial.id, name), 'utf8'));
      expect(stored.requests).toBeGreaterThan(0);
    }
    const p50 = armOf(comparison, 'wrk').metrics.stream_us_p50;
    expect(p50.known && p50.note).toMatch(/corrected: none/);
  });

  it('leaves body integrity of hey unproved while its rate is confirmed by the target', () => {
    const hey = armOf(comparison, 'hey');
    expect(hey.outcomes.completed.known).toBe(false);
    expect(numberIn(hey.metrics.requests_per_sec)).toBeGreaterThan(0);
  });

  it('keeps the exact request bytes of each tool from the capture', () => {
    for (const arm of comparison.arms) {
      const cell = arm.wire.request_bytes;
      expect(cell?.known, arm.id).toBe(true);
      const text = cell?.known ? Buffer.from(String(cell.value), 'base64').toString() : '';
      expect(text).toMatch(/^GET \/events\?count=5&interval=5ms HTTP\/1\.1\r\n/);
      expect(text.endsWith('\r\n\r\n')).toBe(true);
    }
  });

  it('recognises the extra connection that wrk opens and closes without a byte', () => {
    const wrk = armOf(comparison, 'wrk');
    expect(numberIn(wrk.wire.probe_connections)).toBe(1);
    expect(numberIn(wrk.wire.connections_opened)).toBe(11);
  });

  it('proves its captures complete where trials have a namespace of their own', () => {
    for (const arm of comparison.arms) {
      expect(arm.wire.dropped_by_kernel).toMatchObject({ known: true, value: 0 });
      if (comparison.environment.namespaces) {
        expect(arm.wire.capture_complete).toMatchObject({ known: true, value: true });
      }
    }
  });

  it('writes the same bytes each time it reports', async () => {
    const read = (): string[] =>
      ['comparison.json', 'comparison.csv', 'report.md', 'report.html', 'junit.xml'].map((file) =>
        readFileSync(join(runDir, file), 'utf8'),
      );
    const first = read();
    const again = await runCli(['report', runDir]);
    expect(again.code).toBe(0);
    expect(read()).toEqual(first);
    expect((await runCli(['report', runDir])).stdout).toBe(again.stdout);
    expect(read()).toEqual(first);
  });
});
