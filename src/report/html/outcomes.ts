import type { Cell } from '../../model/cell.ts';
import type { ArmComparison, Comparison } from '../../model/comparison.ts';
import { OUTCOME_MEANING, OUTCOME_ROWS, OUTCOMES, type OutcomeRow } from '../../model/outcome.ts';
import { formatCount } from '../../stats/format-figure.ts';
import { type Content, html, type SafeHtml } from './html.ts';
import { armClass, nothing, part, table, tableBehind } from './parts.ts';

const WIDTH = 1000;
/** Three streams of a hundred thousand must be seen. */
const MIN_WIDTH = 7;

interface Segment {
  row: OutcomeRow | 'unknown';
  count: number;
  width: number;
}

/** Where the streams went: one bar per arm, whose parts add up to the streams attempted. */
export function renderOutcomes({ arms }: Comparison): SafeHtml {
  const shown = arms.filter((arm) => OUTCOME_ROWS.some((row) => arm.outcomes[row].known));
  const rows = new Set(shown.flatMap((arm) => segmentsOf(arm).map(({ row }) => row)));
  const legend = [...OUTCOMES, 'unaccounted' as const, 'unknown' as const].filter((row) => rows.has(row));
  return part(
    'outcomes',
    'Where the streams went',
    'attempted = sum of all outcomes + unaccounted, over all measured rounds. Whatever a tool cannot tell apart is hatched: it is not a zero.',
    shown.length === 0
      ? nothing('no tool can tell how a stream ended')
      : html`<div class="panel"><ul class="legend">${legend.map(renderLegend)}</ul>
${arms.map((arm, index) => renderArm(arm, index))}
${tableBehind('Outcomes as a table', outcomeTable(arms))}</div>`,
  );
}

function renderArm(arm: ArmComparison, index: number): SafeHtml {
  const segments = segmentsOf(arm);
  const law = describeLaw(arm);
  let x = 0;
  const bars = segments.map(({ row, width }) => {
    const bar = html`<rect class="f-${row}" x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="22"></rect>${
      row === 'unknown' &&
      html`<rect fill="url(#hatch-${index})" x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="22"></rect>`
    }`;
    x += width;
    return bar;
  });
  return html`<div class="outcome ${armClass(index)}"><h3><span><span class="dot"></span>${arm.id}</span> <span class="law">${law.content}</span></h3>
<svg class="stack" viewBox="0 0 ${WIDTH} 22" preserveAspectRatio="none" role="img" aria-label="${arm.id}: ${law.text}"><defs><pattern id="hatch-${index}" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0V8"></path></pattern></defs>${bars}</svg></div>
`;
}

/** Known parts by their share; what nobody can tell takes the rest, or a fixed piece where the total is unknown. */
function segmentsOf(arm: ArmComparison): Segment[] {
  const seen = [...OUTCOMES, 'unaccounted' as const].flatMap((row) => {
    const count = numberIn(arm.outcomes[row]) ?? 0;
    return count > 0 ? [{ row: row as Segment['row'], count }] : [];
  });
  const sum = seen.reduce((total, { count }) => total + count, 0);
  const attempted = numberIn(arm.outcomes.attempted);
  const blind = OUTCOMES.some((row) => !arm.outcomes[row].known);
  if (blind) seen.push({ row: 'unknown', count: Math.max(0, (attempted ?? sum / 0.92) - sum) });
  const total = seen.reduce((all, { count }) => all + count, 0);
  if (total === 0) return blind ? [{ row: 'unknown', count: 0, width: WIDTH }] : [];
  const widths = seen.map(({ count }) => Math.max(MIN_WIDTH, (count / total) * WIDTH));
  const scale = WIDTH / widths.reduce((all, width) => all + width, 0);
  return seen.map((segment, index) => ({ ...segment, width: widths[index]! * scale }));
}

function describeLaw(arm: ArmComparison): { content: Content; text: string } {
  const seen = OUTCOMES.filter((row) => (numberIn(arm.outcomes[row]) ?? 0) > 0);
  const blind = OUTCOMES.filter((row) => !arm.outcomes[row].known);
  const terms = [
    ...seen.map((row) => [show(arm.outcomes[row]), row] as const),
    ...(blind.length > 0
      ? [['n/a', blind.length === OUTCOMES.length ? 'all' : blind.join(', ')] as const]
      : []),
    [show(arm.outcomes.unaccounted), 'unaccounted'] as const,
  ];
  const attempted = show(arm.outcomes.attempted);
  return {
    text: `${attempted} attempted = ${terms.map(([value, name]) => `${value} ${name}`).join(' + ')}`,
    content: html`<b>${attempted}</b> attempted = ${terms.map(
      ([value, name], index) => html`${index > 0 && ' + '}<b>${value}</b> ${name}`,
    )}`,
  };
}

function renderLegend(row: Segment['row']): SafeHtml {
  const meaning =
    row === 'unknown'
      ? 'the tool cannot tell'
      : row === 'unaccounted'
        ? 'attempted, but in no outcome'
        : OUTCOME_MEANING[row as keyof typeof OUTCOME_MEANING];
  return html`<li title="${meaning}"><svg class="key f-${row}" viewBox="0 0 18 10" aria-hidden="true"><rect width="18" height="10" rx="2"></rect></svg>${row === 'unknown' ? 'cannot tell' : row}</li>`;
}

function outcomeTable(arms: readonly ArmComparison[]): SafeHtml {
  return table(
    'Streams by outcome, summed over the measured rounds',
    [{ head: 'outcome' }, ...arms.map((arm) => ({ head: arm.id, numeric: true }))],
    OUTCOME_ROWS.map((row) => [row, ...arms.map((arm) => show(arm.outcomes[row]))]),
  );
}

function numberIn(cell: Cell): number | undefined {
  return cell.known && typeof cell.value === 'number' ? cell.value : undefined;
}

function show(cell: Cell): string {
  const value = numberIn(cell);
  return value === undefined ? 'n/a' : formatCount(value);
}
