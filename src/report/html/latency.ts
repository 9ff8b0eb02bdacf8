import type { Comparison } from '../../model/comparison.ts';
import { LATENCIES, type LatencyBase } from '../../model/metrics.ts';
import { CURVE_LANDMARKS, curveTail, type LatencyCurve, type ReportData } from '../../model/report-data.ts';
import { formatCount, formatUs } from '../../stats/format-figure.ts';
import { type Content, html, type SafeHtml } from './html.ts';
import { armClass, nothing, part, table, tableBehind } from './parts.ts';

const CHARTS: readonly { base: LatencyBase; title: string }[] = [
  { base: 'ttfb_us', title: 'Time to first byte' },
  { base: 'ttfe_us', title: 'Time to first event' },
  { base: 'gap_us', title: 'Gap between events' },
  { base: 'stream_us', title: 'Stream duration' },
  { base: 'connect_us', title: 'Connect' },
  { base: 'delivery_lag_us', title: 'Delivery lag' },
];
/** Shown with a sentence where nobody has them; the others are left out then. */
const ALWAYS: ReadonlySet<LatencyBase> = new Set(['ttfb_us', 'ttfe_us', 'gap_us', 'stream_us']);

const CORRECTION_NAMES = {
  none: '',
  'at-recording': 'response time',
  'post-recording': 'corrected',
} as const;

/** One curve with the arm it belongs to. */
interface Line {
  arm: string;
  index: number;
  curve: LatencyCurve;
  same: boolean;
}

/** Percentile curves of every latency, the tail stretched: a step to the right is another nine. */
export function renderLatencies({ arms }: Comparison, data: ReportData): SafeHtml {
  return part(
    'latency',
    'Latency',
    'All samples of the measured rounds together. Each step to the right is another nine, so the tail has as much room as the rest. Dashed: with samples or waiting that the tool added for coordinated omission.',
    html`<div class="grid two three">${CHARTS.map(({ base, title }) => {
      const lines = linesOf(base, data);
      if (lines.length === 0 && !ALWAYS.has(base)) return undefined;
      return html`<figure class="panel"><figcaption><h3>${title}</h3><span class="unit">${LATENCIES[base]}</span></figcaption>
${
  lines.length === 0
    ? nothing(whyNone(base, arms))
    : html`${renderLegend(lines)}<div class="chart needs-script" data-chart="latency" data-base="${base}" role="img" aria-label="${describe(title, lines)}"></div>
${tableBehind(`${title} as a table`, latencyTable(title, lines))}`
}</figure>
`;
    })}</div>`,
  );
}

function linesOf(base: LatencyBase, data: ReportData): Line[] {
  return data.arms.flatMap(({ id, curves }, index) => {
    const own = curves.filter((curve) => curve.base === base);
    const raw = own.find(({ corrected }) => corrected === 'none');
    return own.map((curve) => ({
      arm: id,
      index,
      curve,
      same: curve !== raw && raw !== undefined && sameCurve(raw, curve),
    }));
  });
}

function sameCurve(a: LatencyCurve, b: LatencyCurve): boolean {
  return a.samples === b.samples && a.valuesUs.every((value, index) => value === b.valuesUs[index]);
}

function nameOf({ arm, curve, same }: Line): string {
  const correction = CORRECTION_NAMES[curve.corrected];
  return correction === '' ? arm : `${arm}, ${correction}${same ? ' (the same)' : ''}`;
}

function renderLegend(lines: readonly Line[]): SafeHtml {
  return html`<ul class="legend">${lines.map(
    (line) =>
      html`<li class="${armClass(line.index)}"><svg class="key" viewBox="0 0 18 10" aria-hidden="true"><line x1="0" y1="5" x2="18" y2="5"${line.curve.corrected !== 'none' && html` class="dashed"`}></line></svg>${nameOf(line)}</li>`,
  )}</ul>`;
}

function describe(title: string, lines: readonly Line[]): string {
  const parts = lines.map((line) => {
    const median = valueAt(line.curve, CURVE_LANDMARKS[0].index);
    return `${nameOf(line)}: median ${median === undefined ? 'unknown' : formatUs(median)}, maximum ${formatUs(line.curve.valuesUs.at(-1) ?? 0)}`;
  });
  return `${title} by percentile. ${parts.join('. ')}. The table below has the figures.`;
}

/** Undefined where the samples do not reach so far into the tail. */
function valueAt(curve: LatencyCurve, index: number): number | undefined {
  return curveTail(index) * curve.samples > 1 ? curve.valuesUs[index] : undefined;
}

function latencyTable(title: string, lines: readonly Line[]): SafeHtml {
  const show = (value: number | undefined): Content =>
    value === undefined ? html`<span class="na">too few</span>` : formatUs(value);
  return table(
    `${title}: percentiles of all samples`,
    [
      { head: 'arm' },
      ...CURVE_LANDMARKS.map(({ label }) => ({ head: label, numeric: true })),
      { head: 'max', numeric: true },
      { head: 'samples', numeric: true },
    ],
    lines.map((line) => [
      nameOf(line),
      ...CURVE_LANDMARKS.map(({ index }) => show(valueAt(line.curve, index))),
      show(line.curve.valuesUs.at(-1)),
      formatCount(line.curve.samples),
    ]),
  );
}

/** The reasons of the arms, each once. */
function whyNone(base: LatencyBase, arms: Comparison['arms']): string {
  const reasons = new Map<string, string[]>();
  for (const arm of arms) {
    const cell = arm.metrics[`${base}_p50`];
    const detail = cell.known ? 'only percentiles are kept, no distribution' : cell.detail;
    reasons.set(detail, [...(reasons.get(detail) ?? []), arm.id]);
  }
  return [...reasons].map(([reason, ids]) => `${ids.join(', ')}: ${reason}`).join('. ');
}
