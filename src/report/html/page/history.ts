import type { History } from '../../../model/history.ts';
import type { Drawing } from './chart.ts';
import { setUpPrinting, setUpTips } from './conveniences.ts';
import { drawTrend } from './history-chart.ts';
import { setUpTheme } from './theme.ts';

const history = JSON.parse(document.getElementById('history-data')?.textContent ?? '{}') as History;
const drawings: { scenario: number; drawing: Drawing }[] = [];

document.documentElement.classList.add('scripted');
setUpTheme(() => {
  for (const { drawing } of drawings) drawing.draw();
});
setUpTips();
setUpPrinting();
openReasons();
for (const host of document.querySelectorAll<HTMLElement>('[data-chart="history"]')) {
  const index = Number(host.dataset.scenario);
  const scenario = history.scenarios[index];
  if (!scenario) continue;
  const select = document.querySelector<HTMLSelectElement>(`select[data-arms="${index}"]`);
  const drawing = drawTrend(host, scenario, host.dataset.metric ?? '', () => select?.value ?? '');
  drawings.push({ scenario: index, drawing });
}
for (const select of document.querySelectorAll<HTMLSelectElement>('select[data-arms]')) {
  select.addEventListener('change', () => {
    const index = Number(select.dataset.arms);
    for (const { scenario, drawing } of drawings) if (scenario === index) drawing.draw();
  });
}

/** A reason is folded away: following its number opens the fold. */
function openReasons(): void {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a.note') : null;
    const id = link?.getAttribute('href')?.slice(1);
    const details = id ? document.getElementById(id)?.closest('details') : null;
    if (details) details.open = true;
  });
}
