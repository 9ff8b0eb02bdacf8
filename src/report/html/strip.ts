import type { ReportData, StreamStrip, StripEnd } from '../../model/report-data.ts';
import { formatCount, formatUs } from '../../stats/format-figure.ts';
import { html, type SafeHtml } from './html.ts';
import { nothing, part, table, tableBehind } from './parts.ts';

const END_NAMES: Record<StripEnd, string> = {
  open: 'open at the end',
  'client-fin': 'closed by the client',
  'server-fin': 'closed by the server',
  'client-reset': 'reset by the client',
  'server-reset': 'reset by the server',
  refused: 'refused',
};

/** Every connection of the evidence trial as a row, to be panned and zoomed. */
export function renderStrip(data: ReportData): SafeHtml {
  const shown = data.arms.flatMap((arm) => (arm.strip.known ? [{ arm: arm.id, strip: arm.strip }] : []));
  const reasons = data.arms.flatMap((arm) => (arm.strip.known ? [] : [`${arm.id}: ${arm.strip.detail}`]));
  return part(
    'streams',
    'Every stream',
    'One row per connection, time to the right. Drag or use the arrow keys to pan, the buttons or ctrl and the wheel to zoom.',
    shown.length === 0
      ? nothing(`There are no times of single connections. ${reasons.join('. ')}.`)
      : html`<div class="panel">
<div class="controls needs-script"><label>Arm <select id="strip-arm">${shown.map(
          ({ arm }) => html`<option value="${arm}">${arm}</option>`,
        )}</select></label><button type="button" id="strip-in" aria-label="Zoom in">+</button><button type="button" id="strip-out" aria-label="Zoom out">-</button><button type="button" id="strip-all">Whole trial</button></div>
<ul class="legend">${[
          key('k-dot', 'event'),
          key('k-open', 'response open'),
          key('k-wait', 'waiting for the first byte'),
          key('k-gap', html`gap, <span id="strip-gap">longer than usual</span>`),
          key('k-end', 'response ends'),
          key('k-close', 'closed'),
          key('k-reset', 'reset or refused'),
        ]}</ul>
<p class="readout" id="strip-readout" aria-hidden="true"></p>
<div class="needs-script"><canvas class="strip-axis" id="strip-axis" aria-hidden="true"></canvas>
<div class="strip-view" id="strip" role="region" tabindex="0" aria-label="Streams over time, one row per connection. The tables below have the figures."><canvas aria-hidden="true"></canvas><div></div></div></div>
<p class="readout" id="strip-note"></p>
${tableBehind('Connections of each arm as a table', summaryTable(shown))}
<details class="inner needs-script" id="strip-table"><summary>Every connection of the chosen arm</summary><div class="scroll" role="region" tabindex="0" aria-label="Every connection of the chosen arm"></div></details>
${reasons.length > 0 && html`<p class="readout">${reasons.join('. ')}</p>`}</div>`,
  );
}

function key(name: string, text: string | SafeHtml): SafeHtml {
  return html`<li class="${name}"><svg class="key" viewBox="0 0 18 10" aria-hidden="true"><rect width="18" height="10" rx="2"></rect></svg><span>${text}</span></li>`;
}

function summaryTable(shown: readonly { arm: string; strip: StreamStrip }[]): SafeHtml {
  return table(
    'Connections as seen in the trial named',
    [
      { head: 'arm' },
      { head: 'trial' },
      { head: 'connections', numeric: true },
      { head: 'requests', numeric: true },
      { head: 'events', numeric: true },
      { head: 'median gap', numeric: true },
      { head: 'longest gap', numeric: true },
      { head: 'ended' },
    ],
    shown.map(({ arm, strip }) => {
      const longest = Math.max(...strip.rows.map(({ longestGapUs }) => longestGapUs ?? -1));
      return [
        arm,
        strip.trialId,
        formatCount(strip.rows.length + strip.rowsLeftOut),
        formatCount(sum(strip.rows.map(({ requests }) => requests))),
        formatCount(sum(strip.rows.map(({ events }) => events))),
        strip.medianGapUs === null ? 'n/a' : formatUs(strip.medianGapUs),
        longest < 0 ? 'n/a' : formatUs(longest),
        describeEnds(strip),
      ];
    }),
  );
}

function describeEnds({ rows }: StreamStrip): string {
  return (Object.keys(END_NAMES) as StripEnd[])
    .flatMap((end) => {
      const count = rows.filter(({ ended }) => ended === end).length;
      return count > 0 ? [`${formatCount(count)} ${END_NAMES[end]}`] : [];
    })
    .join(', ');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
