import type { LivePlan, LiveReading } from '../../../model/live-run.ts';
import { formatCount, formatRate, formatUs } from '../../../stats/format-figure.ts';
import { addReadout, axis, type Drawing, drawInto, onCursor } from './chart.ts';
import { fillTable } from './fill-table.ts';
import { armColour, colour } from './theme.ts';

type SeriesId = 'requests' | 'events' | 'open' | 'latency' | 'cpu';
type LiveTrial = LivePlan['trials'][number];

interface Line {
  name: string;
  stroke: string;
  dash?: number[];
  read(reading: LiveReading): number | null;
}

export interface LiveCharts {
  drawings: Drawing[];
  add(reading: LiveReading): void;
  /** Begin anew when another trial measures. */
  follow(trial: LiveTrial | undefined, phase: string | null): void;
}

/** Charts and figures of the running trial. */
export function createLiveCharts(plan: LivePlan): LiveCharts {
  let readings: LiveReading[] = [];
  let current: LiveTrial | undefined;
  let due = false;
  const hosts = [...document.querySelectorAll<HTMLElement>('[data-chart="now"]')];
  const arm = (): number => Math.max(0, plan.arms.indexOf(current?.arm ?? ''));
  const drawings = hosts.map((host) =>
    drawNow(
      host,
      host.dataset.series as SeriesId,
      () => ({ readings, arm: arm() }),
      () => current?.durationMs,
    ),
  );
  const details = document.getElementById('now-table') as HTMLDetailsElement | null;
  const refresh = (): void => {
    due = false;
    // A page that nobody sees is not drawn: it would cost the machine that is being measured.
    if (document.hidden) return;
    for (const drawing of drawings) drawing.draw();
    showFigures(readings.at(-1));
    if (details?.open) fillTable(details, ...readingTable(readings));
  };
  const soon = (): void => {
    if (due) return;
    due = true;
    requestAnimationFrame(refresh);
  };
  details?.addEventListener('toggle', soon);
  document.addEventListener('visibilitychange', soon);
  return {
    drawings,
    add(reading) {
      if (reading.trialId !== readings[0]?.trialId) readings = [];
      readings.push(reading);
      current ??= plan.trials.find(({ id }) => id === reading.trialId);
      soon();
    },
    follow(trial, phase) {
      current = trial ?? current;
      const text = document.getElementById('now-trial');
      if (text) {
        text.textContent =
          trial === undefined ? 'No tool measures at the moment.' : `${trial.id}: ${phase ?? 'waiting'}`;
      }
    },
  };
}

function drawNow(
  host: HTMLElement,
  id: SeriesId,
  now: () => { readings: LiveReading[]; arm: number },
  durationMs: () => number | undefined,
): Drawing {
  const readout = addReadout(host);
  const legend = document.createElement('ul');
  legend.className = 'legend';
  legend.setAttribute('aria-hidden', 'true');
  host.before(legend);
  return drawInto(
    host,
    () => {
      const { readings, arm } = now();
      legend.replaceChildren();
      if (readings.length === 0) return 'nothing has been read yet';
      const lines = linesOf(id, arm);
      const values = lines.map((line) => readings.map((reading) => line.read(reading)));
      const highest = Math.max(...values.flat().map((value) => value ?? 0));
      if (values.every((line) => line.every((value) => value === null))) {
        return id === 'cpu'
          ? 'CPU time has not been read twice yet'
          : 'this tool reports when it is done and cannot be looked into; its CPU time can';
      }
      legend.append(...lines.map(legendItem));
      const atS = readings.map((reading) => reading.atS);
      return {
        data: [atS, ...values] as uPlot.AlignedData,
        options: {
          scales: {
            x: { time: false, range: [0, Math.max((durationMs() ?? 0) / 1000, atS.at(-1) ?? 0) || 1] },
            y: { range: [0, highest > 0 ? highest * 1.15 : 1] },
          },
          axes: [
            axis({ values: (_, splits) => splits.map((second) => `${second} s`) }),
            axis({ size: 58, values: (_, splits) => splits.map((value) => formatRate(value)) }),
          ],
          series: [
            {},
            ...lines.map(({ stroke, dash }) => ({
              stroke,
              width: 2,
              ...(dash ? { dash } : {}),
              points: { show: readings.length < 3 },
            })),
          ],
          cursor: { drag: { x: false, y: false }, sync: { key: 'now' }, points: { size: 7 } },
          plugins: [
            onCursor((index) => {
              readout.textContent =
                index === null
                  ? ''
                  : [
                      `${formatRate(atS[index] ?? 0)} s`,
                      ...lines.map(({ name }, line) => {
                        const value = values[line]?.[index] ?? null;
                        return `${name} ${value === null ? 'n/a' : formatRate(value)}`;
                      }),
                    ].join('  ·  ');
            }),
          ],
        },
      };
    },
    180,
  );
}

function linesOf(id: SeriesId, arm: number): Line[] {
  const own = armColour(arm);
  const other = colour('ink-2');
  const ms = (us: number | null | undefined): number | null =>
    us === null || us === undefined ? null : us / 1000;
  switch (id) {
    case 'requests':
      return [{ name: 'responses/s', stroke: own, read: ({ load }) => load?.requestsPerSec ?? null }];
    case 'events':
      return [{ name: 'events/s', stroke: own, read: ({ load }) => load?.eventsPerSec ?? null }];
    case 'open':
      return [
        { name: 'open', stroke: own, read: ({ load }) => load?.open ?? null },
        { name: 'asked for', stroke: other, dash: [4, 4], read: ({ load }) => load?.asked ?? null },
      ];
    case 'latency':
      return [
        { name: 'TTFE p50', stroke: own, read: ({ load }) => ms(load?.ttfeP50Us) },
        { name: 'TTFE p99', stroke: own, dash: [6, 4], read: ({ load }) => ms(load?.ttfeP99Us) },
        { name: 'TTFB p50', stroke: other, read: ({ load }) => ms(load?.ttfbP50Us) },
        { name: 'TTFB p99', stroke: other, dash: [6, 4], read: ({ load }) => ms(load?.ttfbP99Us) },
      ];
    case 'cpu':
      return [
        { name: 'tool', stroke: own, read: ({ toolCpus }) => toolCpus },
        { name: 'target', stroke: other, dash: [6, 4], read: ({ targetCpus }) => targetCpus },
      ];
  }
}

function legendItem({ name, stroke, dash }: Line): HTMLLIElement {
  const item = document.createElement('li');
  const swatch = document.createElement('span');
  swatch.className = 'swatch';
  swatch.style.background = dash
    ? `repeating-linear-gradient(90deg, ${stroke} 0 5px, transparent 5px 8px)`
    : stroke;
  item.append(swatch, name);
  return item;
}

function showFigures(reading: LiveReading | undefined): void {
  const load = reading?.load;
  const show = (id: string, text: string | undefined): void => {
    const element = document.getElementById(`figure-${id}`);
    if (element) element.textContent = text ?? 'n/a';
  };
  const cpus = (value: number | null | undefined): string | undefined =>
    value === null || value === undefined ? undefined : value.toFixed(2);
  show('requests', load ? formatRate(load.requestsPerSec) : undefined);
  show('events', load ? formatRate(load.eventsPerSec) : undefined);
  show('open', load ? `${formatCount(load.open)} / ${formatCount(load.asked)}` : undefined);
  show('ttfe', load && load.ttfeP99Us !== null ? formatUs(load.ttfeP99Us) : undefined);
  show('tool-cpu', cpus(reading?.toolCpus));
  show('target-cpu', cpus(reading?.targetCpus));
}

function readingTable(readings: readonly LiveReading[]): [string[], string[][]] {
  const text = (value: number | null | undefined, format: (value: number) => string): string =>
    value === null || value === undefined ? 'n/a' : format(value);
  return [
    [
      'second',
      'responses/s',
      'events/s',
      'open',
      'TTFB p50',
      'TTFB p99',
      'TTFE p50',
      'TTFE p99',
      'tool CPUs',
      'target CPUs',
    ],
    readings.map(({ atS, load, toolCpus, targetCpus }) => [
      formatRate(atS),
      text(load?.requestsPerSec, formatRate),
      text(load?.eventsPerSec, formatRate),
      text(load?.open, formatCount),
      text(load?.ttfbP50Us, formatUs),
      text(load?.ttfbP99Us, formatUs),
      text(load?.ttfeP50Us, formatUs),
      text(load?.ttfeP99Us, formatUs),
      text(toolCpus, (value) => value.toFixed(2)),
      text(targetCpus, (value) => value.toFixed(2)),
    ]),
  ];
}
