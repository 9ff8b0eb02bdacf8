import type { LatencyBase } from '../../../model/metrics.ts';
import { curveTail, type LatencyCurve, type ReportData } from '../../../model/report-data.ts';
import { formatUs } from '../../../stats/format-figure.ts';
import { addReadout, axis, type Drawing, drawInto, onCursor } from './chart.ts';
import { armColour } from './theme.ts';

/** Latencies that spread wider than this are drawn on a logarithmic axis: on a linear one the body would be flat. */
const LOG_FROM = 20;

/** Percentile curves: x is 1 / (share of samples beyond), logarithmic, so that each nine takes the same room. */
export function drawLatency(host: HTMLElement, data: ReportData): Drawing {
  const base = host.dataset.base as LatencyBase;
  const lines = data.arms.flatMap(({ id, curves }, arm) =>
    curves.filter((curve) => curve.base === base).map((curve) => ({ id, arm, curve })),
  );
  const readout = addReadout(host);
  const longest = Math.max(...lines.map(({ curve }) => curve.valuesUs.length));
  const xs = Array.from({ length: longest }, (_, index) => xOf(index));
  const columns = lines.map(({ curve }) => columnOf(curve, xs));
  const values = columns.flat().filter((value) => value !== null && value > 0) as number[];
  const lowest = Math.min(...values);
  const highest = Math.max(...values);
  const logarithmic = highest / lowest > LOG_FROM;
  return drawInto(
    host,
    () => ({
      data: [xs, ...columns] as uPlot.AlignedData,
      options: {
        scales: {
          x: { time: false, distr: 3, log: 10, range: [1, Math.max(10, xs.at(-1) ?? 10)] },
          y: logarithmic
            ? { distr: 3, log: 10, range: [lowest * 0.8, highest * 1.25] }
            : { range: linearRange(lowest, highest) },
        },
        axes: [
          axis({
            splits: percentileSplits,
            // The default leaves out labels that are no powers of ten.
            filter: (_, splits) => splits,
            values: (chart, splits) => thinLabels(splits.map(percentileLabel), chart.bbox.width),
          }),
          axis({
            size: 66,
            ...(logarithmic ? { splits: decadeSplits } : {}),
            values: (_, splits) => splits.map((us) => (us === null ? '' : formatUs(us))),
          }),
        ],
        series: [
          {},
          ...lines.map(({ arm, curve }) => ({
            stroke: armColour(arm),
            width: 2,
            points: { show: false },
            ...(curve.corrected === 'none' ? {} : { dash: [6, 4] }),
          })),
        ],
        cursor: { drag: { x: false, y: false }, points: { size: 7 } },
        plugins: [
          onCursor((index) => {
            readout.textContent =
              index === null
                ? ''
                : [
                    `p${shareLabel(curveTail(index))}`,
                    ...lines.flatMap(({ id, curve }, line) => {
                      const value = columns[line]?.[index];
                      const mark = curve.corrected === 'none' ? '' : ' corrected';
                      return value === null || value === undefined ? [] : [`${id}${mark} ${formatUs(value)}`];
                    }),
                  ].join('  ·  ');
          }),
        ],
      },
    }),
    260,
  );
}

function xOf(index: number): number {
  return 1 / curveTail(index);
}

/** The maximum has no percentile of its own: it stands where the sample beyond all others is. */
function columnOf({ valuesUs }: LatencyCurve, xs: readonly number[]): (number | null)[] {
  return xs.map((_, index) => valuesUs[index] ?? null);
}

function linearRange(lowest: number, highest: number): uPlot.Range.MinMax {
  const from = lowest < highest * 0.5 ? 0 : lowest - (highest - lowest) * 0.15;
  return [Math.max(0, from), highest + (highest - from) * 0.08];
}

function percentileSplits(_: uPlot, __: number, min: number, max: number): number[] {
  const splits = [2];
  for (let x = 10; x <= max * 1.001; x *= 10) splits.push(x);
  return splits.filter((x) => x >= min);
}

/** Lines at 1, 2 and 5 times a power of ten where there are few decades, at the powers alone where there are many. */
function decadeSplits(_: uPlot, __: number, min: number, max: number): number[] {
  const factors = max / min > 1e4 ? [1] : max / min > 200 ? [1, 3] : [1, 2, 5];
  const splits: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(min)); power <= max; power *= 10) {
    for (const factor of factors) splits.push(factor * power);
  }
  return splits.filter((value) => value >= min && value <= max);
}

function percentileLabel(x: number | null): string {
  return x === null ? '' : `p${shareLabel(1 / x)}`;
}

/** Every second label, counted from the last, where all of them would run into each other. */
function thinLabels(labels: string[], width: number): string[] {
  const room = width / devicePixelRatio / labels.length;
  const every = room > 58 ? 1 : room > 29 ? 2 : 3;
  return labels.map((label, index) => ((labels.length - 1 - index) % every === 0 ? label : ''));
}

/** `99.9` of a tail of 0.001, without the digits that binary fractions add. */
function shareLabel(tail: number): string {
  return String(Number((100 * (1 - tail)).toFixed(6)));
}
