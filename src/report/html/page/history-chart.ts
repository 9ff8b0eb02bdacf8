import type { HistorySeries, ScenarioHistory } from '../../../model/history.ts';
import { formatFigure } from '../../history/format-figure.ts';
import { addReadout, axis, type Drawing, drawInto, onCursor } from './chart.ts';
import { armColour, colour } from './theme.ts';

interface Trend {
  series: HistorySeries;
  stroke: string;
}

const HEIGHT = 210;

/**
 * One metric over all runs of a scenario, a line per row, with the levels between changes and a mark where the
 * surroundings changed. A click opens the report of the run.
 *
 * @param chosen name of the row that is shown alone; empty shows all
 */
export function drawTrend(
  host: HTMLElement,
  scenario: ScenarioHistory,
  metric: string,
  chosen: () => string,
): Drawing {
  const readout = addReadout(host);
  const { runs } = scenario;
  const arms = [...new Set(scenario.series.map(({ arm }) => arm))];
  let under: number | null = null;
  host.addEventListener('click', () => {
    const report = under === null ? null : runs[under]?.report;
    if (report) location.href = report;
  });
  return drawInto(
    host,
    () => {
      const trends = scenario.series
        .filter((series) => series.metric === metric && (chosen() === '' || series.arm === chosen()))
        .map((series): Trend => ({ series, stroke: armColour(arms.indexOf(series.arm)) }))
        .filter(({ series }) => series.points.some((point) => point.known));
      const first = trends[0];
      if (!first) return `no run has this figure of ${chosen()}: see the table`;
      const { unit } = first.series;
      const values = trends.map(({ series }) =>
        series.points.map((point) => (point.known ? point.value : null)),
      );
      const seen = values.flat().filter((value) => value !== null);
      const few = runs.length <= 60;
      return {
        data: [runs.map((_, index) => index), ...values] as uPlot.AlignedData,
        options: {
          scales: {
            x: { time: false, range: [-0.5, runs.length - 0.5] },
            y: { range: rangeOf(seen) },
          },
          axes: [
            axis({
              space: 90,
              incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
              values: (_, splits) => splits.map((index) => dayOf(runs[index]?.startedAt)),
            }),
            axis({ size: 76, values: (_, splits) => splits.map((value) => formatFigure(value, unit)) }),
          ],
          series: [
            {},
            ...trends.map(({ stroke }) => ({
              stroke: few ? stroke : `${stroke}99`,
              width: few ? 1.5 : 1,
              points: { show: few, size: 5, fill: stroke },
              spanGaps: false,
            })),
          ],
          cursor: { drag: { x: false, y: false }, points: { size: 7 } },
          plugins: [
            marks(scenario, trends),
            onCursor((index) => {
              under = index;
              readout.textContent = index === null ? '' : describeRun(scenario, trends, index);
            }),
          ],
        },
      };
    },
    HEIGHT,
  );
}

/** From the values, not from 0: a trend is small beside its level. Rates that never move get some room. */
function rangeOf(values: readonly number[]): [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (low === high)
    return low === 0 ? [0, 1] : [Math.min(low * 0.9, low * 1.1), Math.max(low * 0.9, low * 1.1)];
  const margin = (high - low) * 0.12;
  return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
}

function describeRun({ runs }: ScenarioHistory, trends: readonly Trend[], index: number): string {
  const run = runs[index];
  if (!run) return '';
  return [
    run.startedAt.slice(0, 16).replace('T', ' '),
    ...trends.map(({ series }) => {
      const point = series.points[index];
      return `${series.arm} ${point?.known ? formatFigure(point.value, series.unit) : 'n/a'}`;
    }),
    ...run.changes,
  ].join('  ·  ');
}

/** Dashed lines where surroundings changed, the level of each stretch, and a triangle where one begins. */
function marks({ runs }: ScenarioHistory, trends: readonly Trend[]): uPlot.Plugin {
  return {
    hooks: {
      draw: [
        (chart: uPlot) => {
          const { ctx, bbox } = chart;
          const ratio = devicePixelRatio;
          const xOf = (run: number): number => chart.valToPos(run, 'x', true);
          const yOf = (value: number): number => chart.valToPos(value, 'y', true);
          ctx.save();
          ctx.beginPath();
          ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
          ctx.clip();
          ctx.strokeStyle = colour('ink-3');
          ctx.lineWidth = ratio;
          ctx.setLineDash([3 * ratio, 3 * ratio]);
          for (const [run, { changes }] of runs.entries()) {
            if (changes.length === 0) continue;
            ctx.beginPath();
            ctx.moveTo(xOf(run - 0.5), bbox.top);
            ctx.lineTo(xOf(run - 0.5), bbox.top + bbox.height);
            ctx.stroke();
          }
          ctx.setLineDash([]);
          for (const { series, stroke } of trends) {
            ctx.strokeStyle = stroke;
            ctx.fillStyle = stroke;
            ctx.lineWidth = 3 * ratio;
            for (const { from, to, value } of levelsOf(series, runs.length)) {
              ctx.beginPath();
              ctx.moveTo(xOf(from - 0.5), yOf(value));
              ctx.lineTo(xOf(to - 0.5), yOf(value));
              ctx.stroke();
            }
            for (const change of series.changes) {
              const x = xOf(change.run - 0.5);
              const y = yOf(change.after);
              const up = change.after >= change.before ? 1 : -1;
              const size = 6 * ratio;
              ctx.beginPath();
              ctx.moveTo(x, y - up * size * 1.4);
              ctx.lineTo(x - size, y);
              ctx.lineTo(x + size, y);
              ctx.closePath();
              ctx.fill();
            }
          }
          ctx.restore();
        },
      ],
    },
  };
}

function levelsOf({ changes }: HistorySeries, runs: number): { from: number; to: number; value: number }[] {
  const [first] = changes;
  if (!first) return [];
  return [
    { from: 0, to: first.run, value: first.before },
    ...changes.map(({ run, after }, index) => ({
      from: run,
      to: changes[index + 1]?.run ?? runs,
      value: after,
    })),
  ];
}

function dayOf(startedAt: string | undefined): string {
  return startedAt?.slice(0, 10) ?? '';
}
