import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { expect } from 'vitest';
import { OUTCOMES, type Outcome } from '../../src/model/outcome.ts';
import type { TesterResult } from '../../src/model/tester-report.ts';
import type { LoadOptions } from '../../src/tester/load-options.ts';
import { type LoadHooks, runLoad } from '../../src/tester/run-load.ts';

/** Run a load and check what holds of every result, whatever the server did. */
export async function runChecked(options: LoadOptions, hooks: LoadHooks = {}): Promise<TesterResult> {
  const result = await runLoad(options, hooks);
  checkResult(result);
  if (result.openLoop !== undefined) checkOpenLoop(result, options);
  return result;
}

function checkResult(result: TesterResult): void {
  const { outcomes, latencies, series } = result;
  const sum = OUTCOMES.reduce((total, outcome) => total + outcomes[outcome], 0);
  expect(outcomes.attempted - sum, 'unaccounted streams').toBe(0);
  expect(result.completedInWindow + result.completedInDrain).toBe(outcomes.completed);
  expect(latencies.stream_us?.count ?? 0).toBe(outcomes.completed);
  expect(latencies.connect_us?.count ?? 0).toBe(result.connectionsOpened);
  expect((latencies.ttfe_us?.count ?? 0) + (latencies.gap_us?.count ?? 0)).toBe(result.eventsTotal);
  expect(add(series.events)).toBe(result.events);
  expect(add(series.completed)).toBe(result.completedInWindow);
  expect(series.open).toHaveLength(series.events.length);
  expect(result.events).toBeLessThanOrEqual(result.eventsTotal);
  expect(result.holdRatio).toBeGreaterThanOrEqual(0);
  expect(result.holdRatio).toBeLessThanOrEqual(1);
  for (const latency of Object.values(latencies)) {
    if (latency === null) continue;
    const { min, p50, p90, p99, p999, max } = latency;
    expect([min, p50, p90, p99, p999, max]).toEqual([min, p50, p90, p99, p999, max].sort((a, b) => a - b));
    expect(decodeFromCompressedBase64(latency.histogram).totalCount).toBe(latency.count);
  }
}

/** Of finite streams: an endless one that goes on after a loss is attempted again, but no arrival. */
function checkOpenLoop(
  { outcomes, openLoop, latencies, staleReuses }: TesterResult,
  options: LoadOptions,
): void {
  const { arrivals, unsent, sendLatenessUs, responseTimes } = openLoop!;
  if (options.stream === 'endless') return;
  expect(outcomes.attempted + unsent, 'arrivals').toBe(arrivals);
  expect(sendLatenessUs?.count ?? 0).toBeLessThanOrEqual(outcomes.attempted);
  expect(responseTimes.stream_us?.count ?? 0).toBe(outcomes.completed);
  expect(responseTimes.ttfe_us?.count ?? 0).toBe(latencies.ttfe_us?.count ?? 0);
  if (staleReuses === 0) expect(responseTimes.ttfb_us?.count ?? 0).toBe(latencies.ttfb_us?.count ?? 0);
}

function add(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The outcomes that a result has, in the order of the list of all. */
export function outcomesOf(result: TesterResult): Outcome[] {
  return OUTCOMES.filter((outcome) => result.outcomes[outcome] > 0);
}
