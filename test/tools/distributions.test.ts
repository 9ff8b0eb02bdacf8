import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TesterReport } from '../../src/model/tester-report.ts';
import { LatencyRecorder } from '../../src/tester/latency-recorder.ts';
import { TOOLS } from '../../src/tools/index.ts';
import { readDistributions } from '../../src/tools/ssee-tester/read-distributions.ts';
import { readRecordedRun, readRecordedRuns } from '../helpers/stored-outputs.ts';

describe.each(TOOLS.filter(({ name }) => name !== 'ssee-tester').map((tool) => [tool.name, tool] as const))(
  'the distributions of %s',
  (_, tool) => {
    const runs = readRecordedRuns(tool);

    it.each(runs.map((run) => [run.name, run] as const))('of %s fit its percentiles', (_name, run) => {
      const result = tool.normalize(run.output, run.trial);
      for (const { base, corrected, counts } of result.distributions ?? []) {
        expect(
          counts.every(([value, count], index) => count > 0 && value > (counts[index - 1]?.[0] ?? -1)),
        ).toBe(true);
        const max = result.metrics[`${base}_max`];
        if (corrected === 'none' && max?.known) expect(counts.at(-1)?.[0]).toBe(max.value);
      }
    });
  },
);

it("wrk's has the samples as recorded and as reported, with the added ones", () => {
  const tool = TOOLS.find(({ name }) => name === 'wrk')!;
  const { output, trial } = readRecordedRun(tool, 'wrk-finite');
  const [raw, corrected] = tool.normalize(output, trial).distributions ?? [];
  const sum = (counts: readonly (readonly [number, number])[] | undefined): number =>
    (counts ?? []).reduce((total, [, count]) => total + count, 0);
  expect([raw?.corrected, corrected?.corrected]).toEqual(['none', 'post-recording']);
  expect(sum(raw?.counts)).toBe(JSON.parse(output.files['wrk.json']!).requests);
  expect(sum(corrected?.counts)).toBeGreaterThanOrEqual(sum(raw?.counts));
});

it("ssee-tester's histograms come back sample by sample, within a thousandth, for any latencies", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3_000_000_000 }), { minLength: 1 }), (samples) => {
      const recorder = new LatencyRecorder();
      for (const sample of samples) recorder.recordUs(sample, 2);
      const latencies = { ttfb_us: recorder.summarize(), stream_us: null };
      const found = readDistributions({ latencies } as unknown as TesterReport);
      expect(found.map(({ base, corrected }) => [base, corrected])).toEqual([['ttfb_us', 'none']]);
      const back = found[0]!.counts.flatMap(([value, count]) => new Array<number>(count).fill(value));
      const sorted = samples.flatMap((sample) => [sample, sample]).sort((a, b) => a - b);
      expect(back).toHaveLength(sorted.length);
      for (const [index, value] of back.entries()) {
        expect(Math.abs(value - sorted[index]!)).toBeLessThanOrEqual(sorted[index]! * 0.001 + 1);
      }
    }),
  );
});

it('response times of an open loop are corrected ones, and a text that is no histogram is none', () => {
  const recorder = new LatencyRecorder();
  recorder.recordUs(500, 3);
  const responseTimes = { ttfb_us: recorder.summarize(), ttfe_us: null, stream_us: null };
  const broken = { ...recorder.summarize()!, histogram: 'HISTFAAAA' };
  const report = { latencies: { stream_us: broken }, openLoop: { responseTimes } };
  expect(readDistributions(report as unknown as TesterReport)).toEqual([
    { base: 'ttfb_us', corrected: 'at-recording', counts: [[500, 3]] },
  ]);
});
