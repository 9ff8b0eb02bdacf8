import type { ReportData, TrialSeries } from '../../../model/report-data.ts';
import { formatRate } from '../../../stats/format-figure.ts';
import { addReadout, axis, type Drawing, dashedMarks, drawInto, onCursor } from './chart.ts';
import { fillTable } from './fill-table.ts';
import { armColour, colour } from './theme.ts';

type SeriesId = 'requests' | 'events' | 'open' | 'cpu';

interface Chosen {
  trial: TrialSeries;
  arm: number;
}

interface Line {
  name: string;
  stroke: string;
  values: (number | null)[];
}

/** Charts of one trial that share the pointer; another one can be chosen. */
export function drawOverTime(data: ReportData): Drawing[] {
  const select = document.getElementById('trial') as HTMLSelectElement | null;
  const hosts = [...document.querySelectorAll<HTMLElement>('[data-chart="time"]')];
  if (!select || hosts.length === 0) return [];
  const trials = new Map(
    data.arms.flatMap(({ trials }, arm) =>
      trials.map((trial): [string, Chosen] => [trial.trialId, { trial, arm }]),
    ),
  );
  const chosen = (): Chosen | undefined => trials.get(select.value);
  const drawings = hosts.map((host) => drawSeries(host, host.dataset.series as SeriesId, chosen));
  const details = document.getElementById('time-table') as HTMLDetailsElement | null;
  const refill = (): void => {
    if (details?.open) fillTable(details, ...intervalTable(chosen()));
  };
  details?.addEventListener('toggle', refill);
  select.addEventListener('change', () => {
    for (const drawing of drawings) drawing.draw();
    refill();
  });
  return drawings;
}

function drawSeries(host: HTMLElement, id: SeriesId, chosen: () => Chosen | undefined): Drawing {
  const readout = addReadout(host);
  const stepped = uPlot.paths.stepped?.({ align: -1 });
  const legend = document.createElement('ul');
  legend.className = 'legend';
  legend.setAttribute('aria-hidden', 'true');
  host.before(legend);
  return drawInto(
    host,
    () => {
      const now = chosen();
      if (!now) return 'no trial was executed';
      const { trial } = now;
      const described = id === 'cpu' ? cpuLines(now) : loadLines(id, now);
      legend.replaceChildren();
      if (typeof described === 'string') return described;
      const { atS, lines } = described;
      legend.append(...lines.map(legendItem));
      const endS = Math.max(
        trial.durationS,
        trial.cpu?.atS.at(-1) ?? 0,
        trial.load.known ? (trial.load.atS.at(-1) ?? 0) : 0,
        ...trial.markers.map((marker) => marker.atS),
      );
      const top = Math.max(...lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
      return {
        data: [atS, ...lines.map(({ values }) => values)] as uPlot.AlignedData,
        options: {
          scales: {
            x: { time: false, range: [0, endS * 1.02] },
            y: { range: [0, top > 0 ? top * 1.15 : 1] },
          },
          axes: [
            axis({ values: (_, splits) => splits.map((second) => `${second} s`) }),
            axis({ size: 58, values: (_, splits) => splits.map((value) => formatRate(value)) }),
          ],
          series: [
            {},
            ...lines.map(({ stroke }, line) => ({
              stroke,
              width: 2,
              ...(line === 0 ? { fill: `${stroke}1f` } : {}),
              points: { show: false },
              ...(stepped && (id === 'requests' || id === 'events') ? { paths: stepped } : {}),
            })),
          ],
          cursor: { drag: { x: false, y: false }, sync: { key: 'time' }, points: { size: 7 } },
          plugins: [
            markers(trial),
            onCursor((index) => {
              readout.textContent =
                index === null
                  ? ''
                  : [
                      `${formatRate(atS[index] ?? 0)} s`,
                      ...lines.map(({ name, values }) => {
                        const value = values[index];
                        return `${name} ${value === null || value === undefined ? 'n/a' : formatRate(value)}`;
                      }),
                    ].join('  ·  ');
            }),
          ],
        },
      };
    },
    200,
  );
}

function legendItem({ name, stroke }: Line): HTMLLIElement {
  const item = document.createElement('li');
  const swatch = document.createElement('span');
  swatch.className = 'swatch';
  swatch.style.background = stroke;
  item.append(swatch, name);
  return item;
}

function loadLines(
  id: Exclude<SeriesId, 'cpu'>,
  { trial, arm }: Chosen,
): { atS: number[]; lines: Line[] } | string {
  const { load } = trial;
  if (!load.known) return load.detail;
  const requests = load.source === 'wire' ? 'requests/s' : 'responses/s';
  const values = { requests: load.requestsPerS, events: load.eventsPerS, open: load.open }[id];
  const name = { requests, events: 'events/s', open: 'open' }[id];
  // A rate holds over its interval: it begins where the first one does.
  return {
    atS: [load.fromS, ...load.atS],
    lines: [
      { name, stroke: armColour(arm), values: [id === 'open' ? null : (values[0] ?? null), ...values] },
    ],
  };
}

function cpuLines({ trial, arm }: Chosen): { atS: number[]; lines: Line[] } | string {
  if (!trial.cpu) return 'the trial was too short for two samples of CPU time';
  const { atS, tool, target } = trial.cpu;
  return {
    atS,
    lines: [
      { name: 'tool', stroke: armColour(arm), values: tool },
      { name: 'target', stroke: colour('ink-2'), values: target },
    ],
  };
}

function markers({ markers }: TrialSeries): uPlot.Plugin {
  return dashedMarks(
    'ink-3',
    markers.map(({ atS, label }, index) => ({ at: atS, label, baseline: 11 + 13 * index })),
  );
}

function intervalTable(now: Chosen | undefined): [heads: string[], rows: string[][]] {
  const { load, cpu } = now?.trial ?? { load: undefined, cpu: null };
  const show = (value: number | null | undefined): string =>
    value === null || value === undefined ? 'n/a' : formatRate(value);
  const heads = ['until', 'responses/s', 'events/s', 'open', 'tool CPUs', 'target CPUs'];
  const rows = new Map<number, string[]>();
  const rowAt = (atS: number): string[] => {
    const row = rows.get(atS) ?? [`${atS.toFixed(2)} s`, '', '', '', '', ''];
    rows.set(atS, row);
    return row;
  };
  if (load?.known) {
    for (const [index, atS] of load.atS.entries()) {
      rowAt(atS).splice(
        1,
        3,
        show(load.requestsPerS[index]),
        show(load.eventsPerS[index]),
        show(load.open[index]),
      );
    }
  }
  for (const [index, atS] of (cpu?.atS ?? []).entries()) {
    rowAt(atS).splice(4, 2, show(cpu?.tool[index]), show(cpu?.target[index]));
  }
  return [heads, [...rows].sort(([a], [b]) => a - b).map(([, row]) => row)];
}
