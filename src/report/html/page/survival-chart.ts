import type { ReportData } from '../../../model/report-data.ts';
import { formatPercent } from '../../../stats/format-figure.ts';
import { addReadout, axis, type Drawing, dashedMarks, drawInto, onCursor } from './chart.ts';
import { armColour } from './theme.ts';

/** Steps of the share alive by age, with their intervals and the ages at which deaths cluster. */
export function drawSurvival(host: HTMLElement, data: ReportData): Drawing {
  const arms = data.arms.flatMap(({ id, survival }, index) =>
    survival.known ? [{ id, index, curve: survival.curve }] : [],
  );
  const readout = addReadout(host);
  const ages = [
    ...new Set([
      0,
      ...arms.flatMap(({ curve }) => [...curve.steps.map(({ atMs }) => atMs), curve.endMs ?? 0]),
    ]),
  ].sort((a, b) => a - b);
  const columns = arms.flatMap(({ curve }) => {
    const at = ages.map((age) =>
      curve.endMs !== null && age > curve.endMs ? undefined : stepAt(curve.steps, age),
    );
    return [
      at.map((step) => (step === undefined ? null : (step?.high ?? (step ? null : 1)))),
      at.map((step) => (step === undefined ? null : (step?.low ?? (step ? null : 1)))),
      at.map((step) => (step === undefined ? null : (step?.survival ?? 1))),
    ];
  });
  const lowest = Math.min(1, ...columns.flat().filter((value) => value !== null));
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  return drawInto(
    host,
    () => ({
      data: [ages.map((age) => age / 1000), ...columns] as uPlot.AlignedData,
      options: {
        scales: {
          x: { time: false, range: [0, Math.max(0.001, (ages.at(-1) ?? 0) / 1000) * 1.02] },
          y: { range: [lowest > 0.8 ? Math.max(0, lowest - (1 - lowest) * 0.3) : 0, 1.005] },
        },
        axes: [
          axis({ values: (_, splits) => splits.map((second) => `${second} s`) }),
          axis({ size: 62, values: (_, splits) => splits.map((share) => formatPercent(share)) }),
        ],
        series: [
          {},
          ...arms.flatMap(({ index }) => {
            const band = { stroke: `${armColour(index)}55`, width: 1, points: { show: false } };
            const line = { stroke: armColour(index), width: 2, points: { show: false } };
            return [band, band, line].map((series) => ({
              ...series,
              ...(stepped ? { paths: stepped } : {}),
            }));
          }),
        ],
        bands: arms.map(({ index }, arm) => ({
          series: [arm * 3 + 1, arm * 3 + 2] as [number, number],
          fill: `${armColour(index)}22`,
        })),
        cursor: { drag: { x: false, y: false }, points: { size: 7 } },
        plugins: [
          clusters(arms.flatMap(({ curve }) => curve.clusters)),
          onCursor((index) => {
            readout.textContent =
              index === null
                ? ''
                : [
                    `${Number(((ages[index] ?? 0) / 1000).toFixed(3))} s`,
                    ...arms.map(({ id }, arm) => {
                      const share = columns[arm * 3 + 2]?.[index];
                      return `${id} ${share === null || share === undefined ? 'n/a' : formatPercent(share)}`;
                    }),
                  ].join('  ·  ');
          }),
        ],
      },
    }),
    260,
  );
}

/** The last step at or before an age; null before the first. */
function stepAt<T extends { atMs: number }>(steps: readonly T[], ageMs: number): T | null {
  let found: T | null = null;
  for (const step of steps) {
    if (step.atMs > ageMs) break;
    found = step;
  }
  return found;
}

function clusters(
  found: readonly { ageMs: number; nominalMs: number; count: number; round: boolean }[],
): uPlot.Plugin {
  return dashedMarks(
    'bad',
    found.map(({ ageMs, nominalMs, count, round }) => ({
      at: ageMs / 1000,
      label: `${count} at ${Number(((round ? nominalMs : ageMs) / 1000).toPrecision(4))} s`,
      baseline: 12,
    })),
  );
}
