import { formatAmount } from '../../gate/judge-cell.ts';
import type { Comparison } from '../../model/comparison.ts';
import type { GateResult, SloResult } from '../../model/gate.ts';
import { CELL_HEADS, describeCell } from '../cell-table.ts';
import { describeGate, describePromised, describeSloVerdict } from '../gate-lines.ts';
import { type Content, html, type SafeHtml } from './html.ts';
import { part, scrollable, table } from './parts.ts';

const GATE_TONES = {
  passed: 'agree',
  regression: 'differ',
  failed: 'differ',
  inconclusive: 'blind',
} as const;
const CELL_TONES = { better: 'agree', same: 'agree', worse: 'differ', inconclusive: 'blind' } as const;
const SLO_TONES = { met: 'agree', broken: 'differ', unknown: 'blind' } as const;

/** Whether the scenario promises anything or has a gate. */
export function hasPromises({ slo, gate }: Comparison): boolean {
  return slo.length > 0 || 'schema' in gate;
}

/** What the scenario promises, and the verdict over its two variants. */
export function renderPromises({ slo, gate }: Comparison): SafeHtml {
  return part(
    'promises',
    'Promises and gate',
    'What the scenario promises, and how its head variant compares with its base. A change is an alarm only where the test, its size and its interval all clear the noise floor.',
    html`${'schema' in gate && renderGate(gate as GateResult)}${slo.length > 0 && html`<div class="panel">${scrollable('Promises', sloTable(slo))}</div>`}`,
  );
}

function renderGate(gate: GateResult): SafeHtml {
  const { verdict, sentence, cells } = gate;
  const badge = (verdict: keyof typeof CELL_TONES): Content =>
    html`<span class="badge ${CELL_TONES[verdict]}">${verdict}</span>`;
  const rows = cells.map((cell) => {
    const row = describeCell(cell);
    return [
      html`${row.arm} <code>${row.metric}</code>`,
      row.base,
      row.head,
      row.shift,
      row.floor,
      row.p,
      badge(cell.verdict),
    ];
  });
  return html`<p class="panel banner ${GATE_TONES[verdict]}"><span class="badge ${GATE_TONES[verdict]}">${verdict}</span> ${sentence}</p>
<div class="panel">${
    cells.length > 0 &&
    scrollable(
      'Base against head',
      table(
        `${gate.base} against ${gate.head}`,
        [
          { head: 'what' },
          { head: CELL_HEADS.base, numeric: true },
          { head: CELL_HEADS.head, numeric: true },
          { head: CELL_HEADS.shift, numeric: true },
          { head: CELL_HEADS.floor, numeric: true },
          { head: CELL_HEADS.p, numeric: true },
          { head: CELL_HEADS.verdict },
        ],
        rows,
      ),
    )
  }${describeGate(gate).map(({ title, lines }) => html`<h3>${title}</h3><ul class="list">${lines.map((line) => html`<li>${line}</li>`)}</ul>`)}</div>
`;
}

function sloTable(slo: readonly SloResult[]): SafeHtml {
  return table(
    'Promises, with their line in the scenario',
    [
      { head: 'promise' },
      { head: 'at least', numeric: true },
      { head: 'at most', numeric: true },
      { head: 'is', numeric: true },
      { head: 'verdict' },
    ],
    slo.map((result) => {
      const { arm, metric, min, max, unit, verdict, sentence, file, line } = result;
      const show = (amount: number | null): Content =>
        amount === null ? html`<span class="na">-</span>` : formatAmount(amount, unit);
      return [
        html`${arm} <code>${metric}</code><span class="sub">${file}:${line}</span>`,
        show(min),
        show(max),
        describePromised(result),
        html`<span class="badge ${SLO_TONES[verdict]}">${describeSloVerdict(result)}</span>${verdict !== 'met' && html`<span class="sub">${sentence}</span>`}`,
      ];
    }),
  );
}
