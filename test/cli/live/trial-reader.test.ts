import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { TrialReader } from '../../../src/cli/live/trial-reader.ts';
import type { LiveReading } from '../../../src/model/live-run.ts';

const dir = mkdtempSync(join(tmpdir(), 'ssee-live-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const file = join(dir, 'series.jsonl');
beforeEach(() => rmSync(file, { force: true }));

const latency = (p50: number | null) => ({ le: [], count: 1, sumUs: 1, p50, p90: p50, p99: p50 });
const line = (requestsPerSec: number, p50: number | null): string =>
  `${JSON.stringify({
    requestsPerSec,
    eventsPerSec: 5 * requestsPerSec,
    connectionsOpen: 9,
    connectionsAsked: 10,
    latencies: { ttfb: latency(p50), ttfe: latency(p50) },
  })}\n`;
const group = (cpuMs: number) => ({ cpuMs, rssBytes: 1, threads: 1 });

function readAll(feed: (reader: TrialReader, tick: () => void) => void): LiveReading[] {
  const readings: LiveReading[] = [];
  vi.useFakeTimers();
  try {
    const reader = new TrialReader('r1-x', file, (reading) => readings.push(reading));
    feed(reader, () => vi.advanceTimersByTime(1000));
    reader.stop();
  } finally {
    vi.useRealTimers();
  }
  return readings;
}

it('gives CPUs in use since the reading before and the newest line of the series', () => {
  const readings = readAll((reader, tick) => {
    reader.takeProcessSample({ atMs: 100, tool: group(50), target: group(90) });
    reader.takeProcessSample({ atMs: 600, tool: group(250), target: group(100) });
    writeFileSync(file, `{"schema":"ssee-tester/series/1"}\n${line(100, 700)}`);
    reader.takeProcessSample({ atMs: 1100, tool: group(250), target: group(150) });
    tick();
    const half = line(200, null);
    appendFileSync(file, half.slice(0, 20));
    reader.takeProcessSample({ atMs: 2100, tool: group(1000), target: group(500) });
    tick();
    appendFileSync(file, half.slice(20));
    reader.takeProcessSample({ atMs: 2600 });
  });
  expect(readings.map(({ atS, toolCpus, targetCpus }) => [atS, toolCpus, targetCpus])).toEqual([
    [1.1, 0.5, 0.25],
    [2.1, 1, 0.5],
    [2.6, null, null],
  ]);
  expect(readings.map(({ load }) => load && [load.requestsPerSec, load.open, load.ttfbP50Us])).toEqual([
    [100, 9, 700],
    null,
    [200, 9, null],
  ]);
});

it('of a tool without a series it gives CPU time alone, and nothing where nothing was read', () => {
  const readings = readAll((reader, tick) => {
    tick();
    reader.takeProcessSample({ atMs: 100, tool: group(10) });
    tick();
    reader.takeProcessSample({ atMs: 1100, tool: group(10) });
  });
  expect(readings).toEqual([{ trialId: 'r1-x', atS: 1.1, toolCpus: 0.01, targetCpus: null, load: null }]);
});
