import type { LiveEnd, LiveEvents, LivePlan, LiveProgress } from '../../../model/live-run.ts';
import type { Drawing } from './chart.ts';
import { setUpCopying, setUpPrinting, setUpTips } from './conveniences.ts';
import { createLiveCharts } from './live-charts.ts';
import { showResults } from './live-results.ts';
import { setUpTheme } from './theme.ts';

const plan = JSON.parse(document.getElementById('live-plan')?.textContent ?? '{}') as LivePlan;
const charts = plan.duringTrials ? createLiveCharts(plan) : undefined;
const drawings: Drawing[] = charts ? charts.drawings : [];
let lost = 0;
let announced = '';

document.documentElement.classList.add('scripted');
setUpTheme(() => {
  for (const drawing of drawings) drawing.draw();
});
setUpTips();
setUpCopying();
setUpPrinting();

const source = new EventSource('/events');
const on = <Type extends keyof LiveEvents>(type: Type, listener: (data: LiveEvents[Type]) => void): void => {
  source.addEventListener(type, (event) => {
    listener(JSON.parse((event as MessageEvent<string>).data) as LiveEvents[Type]);
  });
};
source.addEventListener('open', () => showConnection(''));
source.addEventListener('error', () => {
  showConnection(
    source.readyState === EventSource.CLOSED
      ? 'The run does not answer any more: it has ended or was killed. What stands here is the last that came.'
      : 'The connection was lost; trying again.',
  );
});
on('progress', showProgress);
on('results', (results) => {
  showResults(results.html);
  if (results.news !== '') announce(results.news);
});
on('reading', (reading) => charts?.add(reading));
on('lost', ({ count }) => {
  lost += count;
  showConnection(`This browser was too slow for ${lost} updates; they were left out.`);
});
on('end', showEnd);

function showProgress(progress: LiveProgress): void {
  const { states, running } = progress;
  setText('status', progress.sentence);
  const over = states.filter((state) => state !== 'waiting' && state !== 'running').length;
  const bar = document.getElementById('bar') as HTMLProgressElement | null;
  if (bar) bar.value = over;
  setText('bar-text', `${over} of ${states.length} trials done`);
  setText('remaining', describeTime(progress));
  for (const badge of document.querySelectorAll<HTMLElement>('[data-trial]')) {
    const state = states[Number(badge.dataset.trial)] ?? 'waiting';
    if (badge.dataset.state === state) continue;
    badge.dataset.state = state;
    badge.textContent = state;
  }
  const trial = running === null ? undefined : plan.trials[running];
  charts?.follow(trial, progress.phase);
  // One announcement per trial: every phase of it would talk over everything else.
  if (trial && trial.id !== announced) {
    announced = trial.id;
    announce(`${over} of ${states.length} trials done; now ${trial.id}`);
  }
}

function describeTime({ doneAtMs, leftMs, nextNewsAtMs }: LiveProgress): string {
  if (doneAtMs === null || leftMs === null) return 'done';
  const left = Math.round(leftMs / 1000);
  const about = left < 90 ? `${left} s` : `${Math.round(left / 60)} min`;
  const next = nextNewsAtMs === null ? '' : `; next news about ${timeOfDay(nextNewsAtMs)}`;
  return `about ${about} left, done about ${timeOfDay(doneAtMs)}${next}`;
}

function timeOfDay(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}

function showEnd({ sentence, report, folder }: LiveEnd): void {
  source.close();
  setText('status', sentence);
  announce(sentence);
  charts?.follow(undefined, null);
  if (report === null) showConnection(`The run is stored in ${folder}.`);
  else location.replace(report);
}

function showConnection(text: string): void {
  const element = document.getElementById('connection');
  if (!element) return;
  element.textContent = text;
  element.hidden = text === '';
}

function announce(text: string): void {
  setText('announcement', text);
}

function setText(id: string, text: string): void {
  const element = document.getElementById(id);
  if (element && element.textContent !== text) element.textContent = text;
}
