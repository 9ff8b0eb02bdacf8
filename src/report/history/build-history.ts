import {
  HISTORY_METRICS,
  type History,
  type HistoryMetric,
  type HistoryPoint,
  type HistoryRun,
  type HistorySeries,
  type ScenarioHistory,
  type SeriesChange,
} from '../../model/history.ts';
import { METRICS } from '../../model/metrics.ts';
import { findChangePoints } from '../../stats/change-points.ts';
import { hodgesLehmann } from '../../stats/hodges-lehmann.ts';
import { median } from '../../stats/median.ts';
import type { RunExtract } from './read-history-run.ts';

/** The defaults of `findChangePoints`, written down so that history.json says what was done. */
const CHANGE_POINTS = {
  method: 'e-divisive',
  alpha: 0.002,
  permutations: 999,
  minSize: 3,
  seed: 1,
} as const satisfies History['changePoints'];

/**
 * Trends of many runs. Pure: the same runs in any order give the same history.
 *
 * @param pathTo path of a run's report from the folder of the page
 */
export function buildHistory(
  extracts: readonly RunExtract[],
  about: { harnessVersion: string; warnings: readonly string[]; pathTo: (folder: string) => string },
): History {
  const names = [...new Set(extracts.map(({ scenario }) => scenario))].sort(compareText);
  return {
    schema: 'ssee-bench/history/1',
    harnessVersion: about.harnessVersion,
    changePoints: CHANGE_POINTS,
    scenarios: names.map((name) =>
      buildScenario(
        name,
        extracts.filter(({ scenario }) => scenario === name),
        about.pathTo,
      ),
    ),
    warnings: [...about.warnings],
  };
}

function buildScenario(
  name: string,
  extracts: readonly RunExtract[],
  pathTo: (folder: string) => string,
): ScenarioHistory {
  const sorted = [...extracts].sort(
    (a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt) || compareText(a.folder, b.folder),
  );
  const runs = sorted.map(
    (run, index): HistoryRun => ({
      folder: run.folder,
      report: run.hasReport ? pathTo(run.folder) : null,
      startedAt: run.startedAt,
      state: run.state,
      verdict: run.verdict,
      changes: index === 0 ? [] : describeChanges(sorted[index - 1]!.surroundings, run.surroundings),
    }),
  );
  const arms = [...new Set(sorted.flatMap((run) => run.arms.map(({ id }) => id)))];
  return {
    name,
    runs,
    series: HISTORY_METRICS.flatMap((metric) => arms.map((arm) => buildSeries(sorted, runs, arm, metric))),
  };
}

/** `Node v20.19.0 -> v22.1.0`, one clause per thing. What only one of the two runs has is another set of rows. */
function describeChanges(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.entries(after).flatMap(([what, now]) => {
    const then = before[what];
    return then === undefined || then === now ? [] : [`${what} ${then} -> ${now}`];
  });
}

function buildSeries(
  extracts: readonly RunExtract[],
  runs: readonly HistoryRun[],
  arm: string,
  metric: HistoryMetric,
): HistorySeries {
  const { unit, better } = METRICS[metric];
  const points = extracts.map((run) => readPoint(run, arm, metric));
  return { arm, metric, unit, better, points, changes: findChanges(points, runs, better) };
}

function readPoint(run: RunExtract, arm: string, metric: HistoryMetric): HistoryPoint {
  // What was measured until an interruption is stored, but is not what a whole run would have said.
  if (run.state !== 'done') {
    return { known: false, why: 'not-collected', detail: `the run was not ended: ${run.state}` };
  }
  const found = run.arms.find(({ id }) => id === arm);
  return (
    found?.points[metric] ?? { known: false, why: 'not-collected', detail: 'the run has no row of this name' }
  );
}

function findChanges(
  points: readonly HistoryPoint[],
  runs: readonly HistoryRun[],
  better: HistorySeries['better'],
): SeriesChange[] {
  const known = points.flatMap((point, run) => (point.known ? [{ run, value: point.value }] : []));
  const values = known.map(({ value }) => value);
  const found = findChangePoints(values, CHANGE_POINTS);
  return found.map(({ index, p }, position) => {
    const before = values.slice(found[position - 1]?.index ?? 0, index);
    const after = values.slice(index, found[position + 1]?.index ?? values.length);
    const { shift, interval } = hodgesLehmann(before, after);
    const run = known[index]!.run;
    const earlier = known[index - 1]!.run;
    // Runs between the two had no value: what changed in them belongs to the change as well. Noise moves the place that
    // is found by a run now and then.
    const coincidesWith = [
      ...runs.slice(earlier + 1, run + 1).flatMap(({ changes }) => changes),
      ...(runs[earlier]?.changes ?? []).map((change) => `one run earlier: ${change}`),
      ...(runs[run + 1]?.changes ?? []).map((change) => `one run later: ${change}`),
    ];
    const up = shift > 0 === (better === 'higher');
    return {
      run,
      p,
      before: median(before)!,
      after: median(after)!,
      shift: { value: shift, interval },
      // What may be no shift at all is a change of spread: neither better nor worse.
      verdict: better === 'neither' || holdsZero(interval) ? 'neither' : up ? 'better' : 'worse',
      coincidesWith,
    };
  });
}

function holdsZero([low, high]: readonly [number, number]): boolean {
  return low <= 0 && high >= 0;
}

/** By code unit: the order must not depend on the machine's locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
