import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../../src/model/comparison.ts';
import { buildHistory } from '../../../src/report/history/build-history.ts';
import { extractRun, type RunExtract } from '../../../src/report/history/read-history-run.ts';
import { historyRuns } from '../../helpers/history-runs.ts';
import { sampleComparison } from '../../helpers/sample-comparison.ts';

const ABOUT = { harnessVersion: '0', warnings: [], pathTo: (folder: string) => `${folder}/report.html` };
const build = (runs: readonly RunExtract[]) => buildHistory(runs, ABOUT);

describe('buildHistory', () => {
  it('finds the run with which a row became slower, and names what else changed with it', () => {
    const [scenario] = build(historyRuns(40, { slowerFrom: 25, nodeFrom: 25 })).scenarios;
    const changed = scenario!.series.filter(({ changes }) => changes.length > 0);
    expect([...new Set(changed.map(({ arm }) => arm))]).toEqual(['ssee-tester']);
    const rate = changed.find(({ metric }) => metric === 'requests_per_sec')!;
    expect(rate.changes).toHaveLength(1);
    const [change] = rate.changes;
    expect(change).toMatchObject({ run: 25, verdict: 'worse', coincidesWith: ['Node v20.19.0 -> v22.1.0'] });
    expect(change!.after / change!.before).toBeCloseTo(0.8, 1);
    expect(change!.shift.interval[0]).toBeLessThanOrEqual(change!.shift.value);
    expect(change!.shift.interval[1]).toBeLessThan(0);
    expect(changed.find(({ metric }) => metric === 'ttfe_us_p50')!.changes[0]!.verdict).toBe('worse');
  });

  it('names surroundings that changed one run beside, and says so', () => {
    const coincidence = (nodeFrom: number): string[] =>
      build(historyRuns(40, { slowerFrom: 25, nodeFrom })).scenarios[0]!.series.find(
        ({ arm, metric }) => arm === 'ssee-tester' && metric === 'requests_per_sec',
      )!.changes[0]!.coincidesWith;
    expect(coincidence(24)).toEqual(['one run earlier: Node v20.19.0 -> v22.1.0']);
    expect(coincidence(26)).toEqual(['one run later: Node v20.19.0 -> v22.1.0']);
    expect(coincidence(10)).toEqual([]);
  });

  it('is the same whatever order the folders were read in', () => {
    const runs = historyRuns(20, { slowerFrom: 12 });
    expect(build([...runs].reverse())).toEqual(build(runs));
  });

  it('keeps scenarios apart and counts changes from run to run of one scenario only', () => {
    const first = historyRuns(4);
    const other = historyRuns(4, { nodeFrom: 0 }).map((run) => ({
      ...run,
      scenario: 'another',
      folder: `${run.folder}-another`,
    }));
    const { scenarios } = build([...first, ...other]);
    expect(scenarios.map(({ name, runs }) => [name, runs.length])).toEqual([
      ['another', 4],
      [first[0]!.scenario, 4],
    ]);
    expect(scenarios.flatMap(({ runs }) => runs.flatMap(({ changes }) => changes))).toEqual([]);
  });

  it('leaves a run that was not ended out of the trend and says why', () => {
    const runs = historyRuns(8).map((run, index) =>
      index === 3 ? { ...run, state: 'interrupted' as const } : run,
    );
    for (const { points } of build(runs).scenarios[0]!.series) {
      expect(points[3]).toEqual({
        known: false,
        why: 'not-collected',
        detail: 'the run was not ended: interrupted',
      });
    }
  });

  it('has a reason for every value of a row that a run does not have', () => {
    const runs = historyRuns(3).map((run, index) => (index === 1 ? { ...run, arms: [] } : run));
    const points = build(runs).scenarios[0]!.series[0]!.points;
    expect(points[1]).toMatchObject({ known: false, detail: 'the run has no row of this name' });
  });
});

describe('extractRun', () => {
  const good = sampleComparison();

  it('takes what tools could not see as what it is', () => {
    const { arms } = extractRun(good, 'a', true);
    const wrk = arms.find(({ id }) => id === 'wrk')!;
    expect(wrk.points.ttfe_us_p50).toMatchObject({ known: false, why: 'not-observable' });
    expect(wrk.points.requests_per_sec).toMatchObject({ known: true });
  });

  it.each([
    ['null', null],
    ['a list', []],
    ['another schema', { ...good, schema: 'ssee-bench/comparison/9' }],
    ['no arms', { ...good, arms: undefined }],
    ['an arm without metrics', { ...good, arms: [{ id: 'x' }] }],
    ['no time', { ...good, startedAt: 'yesterday' }],
    ['no environment', { ...good, environment: null } as unknown as Comparison],
  ])('refuses %s', (_, value) => {
    expect(() => extractRun(value, 'a', false)).toThrow(TypeError);
  });

  it('takes a value that is no number for none', () => {
    const broken = structuredClone(good);
    broken.arms[0]!.metrics.requests_per_sec = {
      known: true,
      value: 'many',
      unit: '1/s',
      definition: 'rps/1',
    };
    expect(extractRun(broken, 'a', false).arms[0]!.points.requests_per_sec).toMatchObject({ known: false });
  });
});
