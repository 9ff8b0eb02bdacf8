import type { Drawing } from './chart.ts';
import { setUpCopying, setUpPrinting, setUpTips } from './conveniences.ts';
import { drawHeatStrip } from './heat-strip.ts';
import { drawLatency } from './latency-chart.ts';
import { readPageData } from './page-data.ts';
import { drawSurvival } from './survival-chart.ts';
import { setUpTheme } from './theme.ts';
import { drawOverTime } from './time-charts.ts';

const data = readPageData();
const drawings: Drawing[] = [];

document.documentElement.classList.add('scripted');
setUpTheme(() => {
  for (const drawing of drawings) drawing.draw();
});
setUpTips();
setUpCopying();
setUpPrinting();
for (const host of document.querySelectorAll<HTMLElement>('[data-chart="latency"]')) {
  drawings.push(drawLatency(host, data));
}
for (const host of document.querySelectorAll<HTMLElement>('[data-chart="survival"]')) {
  drawings.push(drawSurvival(host, data));
}
drawings.push(...drawOverTime(data), ...drawHeatStrip(data));
