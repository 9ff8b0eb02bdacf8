import { describeInvariant } from '../gate/describe-invariant.ts';
import { formatAmount } from '../gate/judge-cell.ts';
import type { AlarmFinding, GateResult, SloResult } from '../model/gate.ts';
import { describeShift, explainCells } from './cell-table.ts';
import { cleanText } from './clean-text.ts';

/** What a gate's verdict rests on, by head; heads without a line are left out. Texts may hold hostile names. */
export function describeGate(gate: GateResult): { title: string; lines: string[] }[] {
  const { cells, missing, problems, invariants, brokenSlos, findings } = gate;
  const parts = [
    {
      title: 'Validity',
      lines: [
        ...problems.map(({ kind, arm, detail }) =>
          [kind === 'no-baseline' ? 'no baseline' : kind, arm ?? '', detail]
            .filter((part) => part !== '')
            .join(': '),
        ),
        ...(cells.length > 0 ? [describeFloor(gate)] : []),
      ],
    },
    {
      title: 'Zero tolerance',
      lines: [
        ...invariants.map(
          (broken) =>
            `${broken.arm}: ${describeInvariant(broken)}, counted by ${broken.by} (base: ${broken.baseCount})`,
        ),
        ...brokenSlos.map((slo) => `SLO broken: ${slo}`),
      ],
    },
    { title: 'What the alarms come from', lines: describeAlarms(gate) },
    { title: 'What the verdicts rest on', lines: explainCells(cells, missing) },
    {
      title: 'What limits each row',
      lines: findings.map(
        ({ arm, base, head, sentence }) =>
          `${arm}: ${head}${base === null || base === head ? '' : ` (base: ${base})`}. ${sentence}`,
      ),
    },
  ];
  return parts.filter(({ lines }) => lines.length > 0);
}

/** One line per alarm: how large it is, and the finding that goes with it, or that there is none. */
function describeAlarms({ cells, invariants }: GateResult): string[] {
  return [
    ...invariants.map(
      (broken) =>
        `${broken.arm} ${describeInvariant(broken)}, counted by ${broken.by}: ${describeFinding(broken.finding)}`,
    ),
    ...cells.flatMap((cell) =>
      cell.finding
        ? [`${cell.arm} ${cell.metric} ${describeShift(cell)}: ${describeFinding(cell.finding)}`]
        : [],
    ),
  ].map(cleanText);
}

function describeFinding({ code, sentence, base }: AlarmFinding): string {
  if (code === 'unproven') return `unproven. ${sentence}`;
  if (base === null) return `${code}, which base does not have. ${sentence}`;
  return `${code}, as in base. Head: ${sentence} Base: ${base}`;
}

function describeFloor({ cells, control }: GateResult): string {
  if (control !== null) return `noise floor from the A/A control ${control}`;
  return cells.some(({ floor }) => floor.from === 'nights')
    ? 'no A/A control: the noise floor is how the stored nights differ from each other'
    : "no A/A control: the noise floor is estimated from the scatter of base's own rounds";
}

/** `ttfe_us_p99 at most 50 ms`: a promise of the scenario as a person would say it. */
export function describePromise({ metric, min, max, unit }: SloResult): string {
  const limits = [
    ...(min === null ? [] : [`at least ${formatAmount(min, unit)}`]),
    ...(max === null ? [] : [`at most ${formatAmount(max, unit)}`]),
  ];
  return `${metric} ${limits.join(', ')}`;
}

/** The measured value with what is known of its spread: `0 % (95 %: 0 % to 3.6 %)`, `61 ms (rounds: 58 ms to 70 ms)`. */
export function describePromised({ value, interval, unit }: SloResult): string {
  if (value === null) return 'n/a';
  const amount = formatAmount(value, unit);
  if (!interval) return amount;
  const [low, high] = interval.bounds.map((end) => formatAmount(end, unit));
  return `${amount} (${interval.of}: ${low} to ${high})`;
}

/** `pass`, `FAIL`, or why nobody can tell. */
export function describeSloVerdict({ verdict, absence }: SloResult): string {
  return verdict === 'met' ? 'pass' : verdict === 'broken' ? 'FAIL' : (absence ?? 'unknown');
}
